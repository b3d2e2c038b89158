from dataclasses import replace
from pathlib import Path

import numpy as np
from support import outcomes

from n3fit.report.pictures import FIT_COLOURS
from n3fit.report.shown_fit import columns_by_replica, show_fits
from n3fit.results import FitFolder


def test_one_fit_keeps_its_name_and_needs_no_suffix(fit: FitFolder) -> None:
    (shown,) = show_fits([fit])
    assert (shown.label, shown.suffix, shown.heading, shown.alone) == ("toy", "", "", True)


def test_fits_have_different_names_colours_and_files(fit: FitFolder, smaller_fit: FitFolder) -> None:
    shown = show_fits([fit, smaller_fit, fit])
    assert [entry.label for entry in shown] == ["toy (1)", "smaller", "toy (3)"]
    assert len({entry.colour for entry in shown}) == 3
    assert [entry.suffix for entry in shown] == ["_1_toy_1_", "_2_smaller", "_3_toy_3_"]


def test_fits_of_one_name_are_told_apart_by_their_folders(fit: FitFolder) -> None:
    moved = replace(fit, path=Path("elsewhere/renamed"))
    assert [entry.label for entry in show_fits([fit, moved])] == ["toy", "renamed"]


def test_colours_start_again_when_there_are_no_more(fit: FitFolder) -> None:
    shown = show_fits([fit] * (len(FIT_COLOURS) + 1))
    assert shown[-1].colour == shown[0].colour


def test_a_fit_without_validation_data_has_no_validation_chi2(tmp_path: Path) -> None:
    outcome = outcomes.make_outcome(2, sets=(), validation_chi2=np.zeros(2))
    (shown,) = show_fits([outcomes.write_outcome(outcome, tmp_path / "toy")])
    assert np.isnan(shown.validation_chi2).all()


def test_columns_of_several_fits_stand_below_each_other(fit: FitFolder, smaller_fit: FitFolder) -> None:
    shown = show_fits([fit, smaller_fit])
    columns = columns_by_replica(shown, lambda entry: {"training": entry.fit.results.training.training_chi2})
    assert columns["fit"].tolist() == ["toy"] * 6 + ["smaller"] * 4
    assert columns["replica"].tolist() == [1, 2, 3, 4, 5, 6, 1, 2, 3, 4]
    assert columns["passing"].tolist()[:6] == [True, True, False, True, True, True]
    np.testing.assert_array_equal(columns["training"][6:], smaller_fit.results.training.training_chi2)
