"""Fit folders of nnpdf read as the record of a fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support import nnpdf_folders
from support.nnpdf_folders import CARD, write_nnpdf_fit

from n3fit.errors import CommandLineError, DataError, ResourceError
from n3fit.results import FitFolder, Thresholds, choose_and_record, merge_fits
from n3fit.results.adding import open_to_add
from n3fit.results.ensembles import open_ensemble, read_theory_card
from n3fit.results.nnpdf_fit import ABSENT, is_nnpdf_fit
from n3fit.results.reader import read_fit_folder
from n3fit.theory.flavours import EXPORT_PIDS


@pytest.fixture
def fit(tmp_path: Path) -> FitFolder:
    return read_fit_folder(write_nnpdf_fit(tmp_path / "theirs"))


def test_description_of_the_fit(fit: FitFolder) -> None:
    assert (fit.name, fit.title, fit.program) == ("theirs", "Fit of another program", "nnpdf 4.1.5")
    assert fit.replicas.tolist() == [1, 2, 3, 10]
    assert (fit.selection, fit.absent) == ("passing", ABSENT)
    hera, slac = fit.description.datasets
    assert (hera.name, hera.experiment, hera.process_type) == ("HERA_CC_318GEV_EM-SIGMARED", "HERACOMB", "DIS_CC")
    assert (hera.start, hera.stop) == (0, 3)  # the kept points
    assert (slac.start, slac.stop) == (3, 3 + 211)  # without a file all points are kept
    assert fit.description.positivity_sets == ("NNPDF_POS_2P24GEV_F2U",)
    assert (fit.description.epochs, fit.description.positivity_threshold) == (900, 1e-5)
    assert fit.description.q0 == pytest.approx(1.65, rel=1e-15)
    assert fit.manifest.seeds == {"trvlseed": 1, "nnseed": 2, "mcseed": 3}
    assert fit.manifest.timing == {"total": 100.0}


def test_numbers_of_the_replicas(fit: FitFolder) -> None:
    results = fit.results
    np.testing.assert_allclose(results.training.validation_chi2, [2.51, 2.52, 2.53, 2.6])
    assert results.training.best_epoch.tolist() == [801, 802, 803, 810]
    assert results.training.stop_epoch.tolist() == [899] * 4  # counted from 0
    np.testing.assert_allclose(results.alpha[:, 3], [0.61, 0.62, 0.63, 0.7])
    np.testing.assert_allclose(results.beta[0], 2.0 + np.arange(8))
    np.testing.assert_allclose(results.integrability[0], [0.01, 0.03, 0.05, 0.02, 0.04])  # V, V3, V8, T3, T8
    np.testing.assert_allclose(fit.total_chi2, [1.201, 1.202, 1.203, 1.21])
    assert results.finite.all()
    for row, replica in enumerate((1, 2, 3, 10)):
        np.testing.assert_array_equal(fit.pdf[row], nnpdf_folders.replica_pdf(replica))


def test_arc_lengths_are_those_of_the_pdfs(fit: FitFolder) -> None:
    """The length of the polygon through the nodes above 1e-7: that of fits of n3fit, not the number in the file."""
    x, gluon = fit.xgrid, fit.pdf[0][:, EXPORT_PIDS.index(21)]
    above = x >= 1e-7
    polygon = np.hypot(np.diff(x[above]), np.diff(gluon[above])).sum()
    assert fit.results.arc_lengths[0, 1] == pytest.approx(polygon, rel=2e-2)


def test_absent_numbers_are_not_invented(fit: FitFolder) -> None:
    assert fit.results.predictions.shape == fit.results.training.training_history.shape == (4, 0)
    assert len(fit.points) == 0
    assert np.isnan(fit.results.positivity_losses).all()
    for level in ("datasets", "experiments"):
        assert np.isnan(fit.chi2[level].t0_replicas).all()
    summary = fit.summary()
    assert (summary.points, [row.points for row in summary.datasets]) == (214, [3, 211])
    assert np.isnan(summary.total.t0)
    assert summary.total.replicas_mean == pytest.approx(1.204)
    assert fit.mean_prediction.shape == (0,)
    with pytest.raises(DataError, match="a fit of nnpdf, which has no residuals"):
        fit.residuals()


def test_replicas_that_did_not_finish_are_left_out_with_the_reason(tmp_path: Path) -> None:
    folder = write_nnpdf_fit(tmp_path / "theirs", (1, 2, 3, 4), changes={3: {"chi2": None}})
    (folder / "nnfit" / "replica_2" / "theirs.exportgrid").unlink()
    (folder / "nnfit" / "replica_4" / "theirs.json").write_text('{"chi2": NaN}')
    fit = read_fit_folder(folder)
    assert fit.replicas.tolist() == [1]
    assert fit.damaged.keys() == {2, 3, 4}
    assert "exportgrid: missing" in fit.damaged[2]
    assert "'chi2'" in fit.damaged[3]
    assert "NaN is not JSON" in fit.damaged[4]


def test_a_folder_without_finished_replicas_is_an_error(tmp_path: Path) -> None:
    folder = write_nnpdf_fit(tmp_path / "theirs", (1,), changes={1: {"erf_tr": None}})
    with pytest.raises(DataError, match=r"contains no finished replica; .*replica_1.*'erf_tr'"):
        read_fit_folder(folder)
    (tmp_path / "empty" / "nnfit").mkdir(parents=True)
    (tmp_path / "empty" / "filter.yml").write_text("fitting: {}\n")
    with pytest.raises(DataError, match="contains no finished replica"):
        read_fit_folder(tmp_path / "empty")
    with pytest.raises(ResourceError, match=r"contains no fit \(manifest.json is missing\)"):
        read_fit_folder(folder / "filter")


def test_old_descriptions_of_replicas(tmp_path: Path) -> None:
    """``.fitinfo`` in place of JSON: epochs, validation, training, chi2, positivity; arc lengths; integrability."""
    folder = write_nnpdf_fit(tmp_path / "theirs", (1, 2))
    for replica, state in ((1, "POS_PASS"), (2, "POS_VETO")):
        place = folder / "nnfit" / f"replica_{replica}"
        (place / "theirs.json").unlink()
        (place / "theirs.fitinfo").write_text(f"700 3.5 2.5 1.5 {state}\n1 2 3 4 5\n0.1 0.2 0.3 0.4 0.45\n")
    fit = read_fit_folder(folder)
    training = fit.results.training
    assert training.stop_epoch.tolist() == training.best_epoch.tolist() == [699, 699]
    assert (training.validation_chi2[0], training.training_chi2[0], fit.total_chi2[0]) == (3.5, 2.5, 1.5)
    assert fit.passing.tolist() == [True, False]
    np.testing.assert_array_equal(fit.results.integrability[0], [0.1, 0.3, 0.45, 0.2, 0.4])
    assert np.isnan(fit.results.alpha).all()


def test_old_cards(tmp_path: Path) -> None:
    """Experiments, old names of data sets, seeds and parameters below ``fitting``; and a renamed folder."""
    fitting = CARD["fitting"] | {"trvlseed": 7, "nnseed": 8, "mcseed": 9, "parameters": {"epochs": 50}}
    card = {key: CARD[key] for key in ("description", "datacuts", "theory")} | {"fitting": fitting}
    card["experiments"] = [{"experiment": "ANY", "datasets": [{"dataset": "SLACP"}, {"dataset": "NOT_IN_THE_LIBRARY"}]}]
    folder = write_nnpdf_fit(tmp_path / "theirs", card=card, kept={"SLACP": [1, 2], "NOT_IN_THE_LIBRARY": [4]})
    fit = read_fit_folder(folder.rename(tmp_path / "renamed"))
    assert (fit.name, fit.description.epochs) == ("theirs", 50)
    assert fit.manifest.seeds == {"trvlseed": 7, "nnseed": 8, "mcseed": 9}
    slac, other = fit.description.datasets
    assert (slac.name, slac.variant, slac.stop) == ("SLAC_NC_NOTFIXED_P_EM-F2", "legacy", 2)
    assert (other.name, other.experiment, other.start, other.stop) == ("NOT_IN_THE_LIBRARY", "unknown", 2, 3)


@pytest.mark.parametrize(
    ("card", "message"),
    [
        (CARD | {"fitting": {"fitbasis": "EVOL"}}, "fitting.basis: expected the list of the fitted flavours"),
        (CARD | {"fitting": {"basis": [{"fl": "g", "smallx": [1]}]}}, "not a flavour with its ranges"),
        (CARD | {"dataset_inputs": [3]}, "dataset_inputs: expected a list of data sets"),
    ],
)
def test_malformed_cards_are_named(tmp_path: Path, card: dict[str, object], message: str) -> None:
    folder = write_nnpdf_fit(tmp_path / "theirs", (1,), card=card)
    with pytest.raises(DataError, match=message):
        read_fit_folder(folder)


def test_feature_scaling_has_no_range_at_large_x(tmp_path: Path) -> None:
    parameters = CARD["parameters"] | {"feature_scaling_points": 5}
    fit = read_fit_folder(write_nnpdf_fit(tmp_path / "theirs", (1,), card=CARD | {"parameters": parameters}))
    assert [entry.largex for entry in fit.description.preprocessing] == [None] * 8


def test_theory_card_of_the_data_library(tmp_path: Path) -> None:
    fit = read_fit_folder(write_nnpdf_fit(tmp_path / "theirs", (1,), card=CARD | {"theory": {"theoryid": 40_000_000}}))
    assert fit.description.theory["card"]["alphas"] == 0.118
    unknown = write_nnpdf_fit(tmp_path / "other", (1,), card=CARD | {"theory": {"theoryid": 5}})
    assert read_fit_folder(unknown).description.theory == {"id": 5, "card": {}}


def test_ensemble_is_that_of_the_replicas(fit: FitFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_theory_card(fit).PTO == 2
    monkeypatch.chdir(fit.path.parent)
    ensemble = open_ensemble("theirs")  # by its name alone
    np.testing.assert_array_equal(ensemble.at(1.65).members, fit.pdf)


def test_postfit_chooses_of_its_replicas(tmp_path: Path) -> None:
    changes = {2: {"pos_state": "POS_VETO"}, 3: {"integrability": [0.0, 0.0, 0.0, 0.0, 0.9]}}
    folder = write_nnpdf_fit(tmp_path / "theirs", changes=changes)
    fit, selection = choose_and_record(folder, thresholds=Thresholds(arc_length=np.inf))
    assert selection.chosen == (1, 10)
    assert [(entry.replica, entry.quantity) for entry in selection.vetoes] == [
        (2, "positivity loss"),
        (3, "integrability of V8"),
    ]
    assert [str((folder / "postfit" / f"replica_{k}").readlink()) for k in (1, 2)] == [
        "../nnfit/replica_1",
        "../nnfit/replica_10",
    ]
    assert fit.chosen.tolist() == read_fit_folder(folder).chosen.tolist() == [True, False, False, True]


def test_too_few_replicas_are_fitted_with_nnpdf(fit: FitFolder) -> None:
    with pytest.raises(Exception, match="4 of 4 replicas pass, expected 5") as caught:
        choose_and_record(fit.path, count=5)
    assert caught.value.hint == "about 1 more replicas are needed: fit them with nnpdf"  # type: ignore[attr-defined]


def test_replicas_are_not_added_to_it(fit: FitFolder, tmp_path: Path) -> None:
    with pytest.raises(CommandLineError, match="is a fit of nnpdf, to which no replicas are added"):
        merge_fits([fit, fit], tmp_path / "both")
    with pytest.raises(CommandLineError, match="is a fit of nnpdf, to which no replicas are added"):
        open_to_add(fit.path, fit.runcard_text, [4])


def test_a_fit_of_n3fit_is_not_taken_for_one(tmp_path: Path) -> None:
    folder = write_nnpdf_fit(tmp_path / "theirs", (1,))
    assert is_nnpdf_fit(folder)
    (folder / "manifest.json").write_text("{")
    assert not is_nnpdf_fit(folder)
