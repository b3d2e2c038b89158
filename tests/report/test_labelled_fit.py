from dataclasses import replace
from pathlib import Path

import numpy as np
from support import outcomes

from n3fit.report.labelled_fit import columns_by_replica, label_fits
from n3fit.report.style import FIT_COLOURS
from n3fit.results import FitFolder


def test_one_fit_has_its_own_name_and_no_suffix(fit: FitFolder) -> None:
    (labelled,) = label_fits([fit])
    assert (labelled.label, labelled.suffix, labelled.heading, labelled.alone) == ("toy", "", "", True)


def test_fits_have_different_labels_colours_and_files(fit: FitFolder, smaller_fit: FitFolder) -> None:
    labelled = label_fits([fit, smaller_fit, fit])
    assert [entry.label for entry in labelled] == ["toy (1)", "smaller", "toy (3)"]
    assert len({entry.colour for entry in labelled}) == 3
    assert [entry.suffix for entry in labelled] == ["_1_toy_1_", "_2_smaller", "_3_toy_3_"]


def test_fits_of_one_name_are_labelled_with_their_folders(fit: FitFolder) -> None:
    moved = replace(fit, path=Path("elsewhere/renamed"))
    assert [entry.label for entry in label_fits([fit, moved])] == ["toy", "renamed"]


def test_colours_repeat_for_more_fits_than_colours(fit: FitFolder) -> None:
    labelled = label_fits([fit] * (len(FIT_COLOURS) + 1))
    assert labelled[-1].colour == labelled[0].colour


def test_a_fit_without_validation_data_has_no_validation_chi2(tmp_path: Path) -> None:
    outcome = outcomes.make_outcome(2, sets=(), validation_chi2=np.zeros(2))
    (labelled,) = label_fits([outcomes.write_outcome(outcome, tmp_path / "toy")])
    assert np.isnan(labelled.validation_chi2).all()


def test_columns_of_several_fits_follow_one_another(fit: FitFolder, smaller_fit: FitFolder) -> None:
    columns = columns_by_replica(
        label_fits([fit, smaller_fit]), lambda entry: {"training": entry.training.training_chi2}
    )
    assert columns["fit"].tolist() == ["toy"] * 6 + ["smaller"] * 4
    assert columns["replica"].tolist() == [1, 2, 3, 4, 5, 6, 1, 2, 3, 4]
    assert columns["passing"].tolist()[:6] == [True, True, False, True, True, True]
    np.testing.assert_array_equal(columns["training"][6:], smaller_fit.results.training.training_chi2)
