import math
from pathlib import Path

import numpy as np
import pytest
from support import outcomes

from n3fit.report.labelled_fit import label_fits
from n3fit.report.tables import (
    Flag,
    chi2_cell,
    chi2_cue,
    chi2_deviations,
    chi2_lines,
    loss_lines,
    mean_and_deviation,
    replica_lines,
)
from n3fit.results import FitFolder, select_replicas, write_postfit
from n3fit.results.chi2 import Chi2Table
from n3fit.results.reader import read_fit_folder


def test_deviations_count_standard_deviations_of_chi2() -> None:
    # chi2 of n points has the variance 2 n
    assert chi2_deviations(1.0, 50) == 0
    assert chi2_deviations(1.2, 50) == pytest.approx(1.0)
    assert chi2_deviations(0.5, 200) == pytest.approx(-5.0)
    assert math.isnan(chi2_deviations(1.0, 0))


@pytest.mark.parametrize(
    ("deviations", "cue"),
    [(-9.0, "good"), (1.99, "good"), (2.0, "fair"), (4.99, "fair"), (5.0, "poor"), (math.nan, "none")],
)
def test_cues(deviations: float, cue: str) -> None:
    assert chi2_cue(deviations) == cue


def test_experiments_come_with_their_sets_below(fit: FitFolder) -> None:
    lines = chi2_lines(label_fits([fit]))
    assert [(line.kind, line.name) for line in lines] == [
        ("experiment", "DEUTERON"),
        ("dataset", "NMC_NC_NOTFIXED_EM-F2"),
        ("experiment", "NMC"),
        ("dataset", "NMC_NC_NOTFIXED_P_EM-SIGMARED"),
        ("experiment", "SLAC"),
        ("dataset", "SLAC_NC_NOTFIXED_P_EM-F2"),
        ("total", "total"),
    ]


def test_cells_are_those_of_a_direct_computation() -> None:
    # two replicas at +1 and +3 and their mean at 2, around data at 0 with the covariances diag(1) and diag(1/4)
    table = Chi2Table(
        names=("other", "mine"),
        points=np.array([1, 2]),
        t0=np.array([0.0, 2 * 2.0**2]),
        experimental=np.array([0.0, 2 * 4 * 2.0**2]),
        t0_replicas=np.array([[0.0, 2 * 1.0], [0.0, 2 * 9.0], [0.0, np.nan]]),
        experimental_replicas=np.array([[0.0, 2 * 4.0], [0.0, 2 * 36.0], [0.0, np.nan]]),
    )
    cell = chi2_cell(table, "mine", np.array([True, True, False]))
    assert (cell.points, cell.t0, cell.experimental) == (2, 4.0, 16.0)
    assert (cell.replicas_mean, cell.replicas_deviation) == (5.0, pytest.approx(math.sqrt(32)))
    assert cell.phi == pytest.approx(2.0)  # the replicas lie two uncertainties off their mean
    assert (cell.deviations, cell.cue) == (3.0, "fair")
    spoilt = chi2_cell(table, "mine", np.array([True, True, True]))
    assert math.isnan(spoilt.replicas_mean)
    assert math.isnan(spoilt.phi)


def test_a_fit_without_a_set_has_no_cell_there(fit: FitFolder, smaller_fit: FitFolder) -> None:
    lines = {line.name: line.cells for line in chi2_lines(label_fits([smaller_fit, fit]))}
    first, second = lines["SLAC_NC_NOTFIXED_P_EM-F2"]
    assert first is None
    assert second is not None
    assert second.points == 1
    assert all(cell is not None for cell in lines["total"])


def test_losses_are_means_over_the_chosen_replicas(fit: FitFolder) -> None:
    training, validation = loss_lines(label_fits([fit]))
    kept = [0, 1, 3, 4, 5]  # the third replica is vetoed
    expected = fit.results.training.training_chi2[kept]
    assert training.values == ((pytest.approx(np.mean(expected)), pytest.approx(np.std(expected, ddof=1))),)
    assert validation.values[0][0] == pytest.approx(np.mean(fit.results.training.validation_chi2[kept]))


def test_mean_and_deviation_of_too_few_or_broken_numbers() -> None:
    assert mean_and_deviation(np.array([1.0, 3.0])) == (2.0, pytest.approx(math.sqrt(2)))
    mean, deviation = mean_and_deviation(np.array([7.0]))
    assert mean == 7.0
    assert math.isnan(deviation)
    assert all(math.isnan(value) for value in mean_and_deviation(np.array([1.0, np.inf])))
    assert all(math.isnan(value) for value in mean_and_deviation(np.zeros(0)))


def test_replicas_have_epochs_from_one_and_flags(fit: FitFolder) -> None:
    (labelled,) = label_fits([fit])
    lines = replica_lines(labelled)
    assert [line.number for line in lines] == [1, 2, 3, 4, 5, 6]
    positivity = (Flag("vetoed by positivity", "poor"),)
    assert [line.flags for line in lines] == [positivity if i == 2 else () for i in range(6)]
    assert lines[1].best_epoch == fit.results.training.best_epoch[1] + 1
    assert lines[1].chi2 == pytest.approx(fit.total_chi2[1])
    assert lines[1].positivity == pytest.approx(max(fit.results.positivity_losses[1]))


def test_flags_name_every_veto_of_postfit(tmp_path: Path) -> None:
    """The replicas 2 to 5 have one fault each, replica 6 passes but is not chosen."""
    outcome = outcomes.make_outcome(
        6,
        sets=outcomes.SMALL_SETS,
        positivity_passed=np.arange(6) != 1,
        guarded=np.arange(6) == 2,
        arc_lengths=np.where(np.arange(6) == 3, np.nan, 1.5)[:, None] * np.ones(5),
        integrability=np.where(np.arange(6) == 4, 2.5, 0.1)[:, None] * np.ones(5),
    )
    fit = outcomes.write_outcome(outcome, tmp_path / "toy")
    before = [line.flags for line in replica_lines(label_fits([fit])[0])]
    assert before == [
        (),
        (Flag("vetoed by positivity", "poor"),),
        (Flag("sum rule guarded", "fair"),),
        (),
        (),
        (),
    ]
    write_postfit(fit.path, select_replicas(fit, count=1))
    fit = read_fit_folder(fit.path)
    lines = replica_lines(label_fits([fit])[0])
    assert [line.flags for line in lines] == [
        (),
        (Flag("vetoed by positivity", "poor"),),
        (Flag("postfit: sum rules", "poor"),),
        (Flag("not finite", "poor"),),
        (Flag("postfit: integrability", "poor"),),
        (Flag("not chosen", "fair"),),
    ]
    assert [any(flag.cue == "poor" for flag in line.flags) for line in lines] == fit.vetoed.tolist()
