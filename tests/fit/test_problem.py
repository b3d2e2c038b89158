"""From a runcard and real inputs to the problem that is trained."""

import dataclasses

import numpy as np
import pytest
from support import problems

from n3fit.compression.accuracy import RELATIVE_TOLERANCE
from n3fit.errors import DataError, TheoryError
from n3fit.fit.inputs import load_inputs
from n3fit.fit.problem import make_architecture, make_problem, make_pseudodata, record_split
from n3fit.fit.settings import fit_settings
from n3fit.model.chi2_forms import EigenbasisChi2, PointChi2
from n3fit.paths import SearchPaths
from n3fit.progress import NullReporter
from n3fit.results.saved_split import ModeSplit, PointSplit
from n3fit.runcard import Runcard
from n3fit.theory.flavours import FLAVOUR_TO_FK
from n3fit.theory.toy_pdf import les_houches_toy

PIDS = (-6, -5, -4, -3, -2, -1, 21, 1, 2, 3, 4, 5, 6, 22)
NAME = "HERA_CC_318GEV_EM-SIGMARED"


def test_inputs(inputs):
    assert [dataset.name for dataset in inputs.data.datasets] == [NAME]
    assert len(inputs.data) == inputs.observables[0].ndata == 42
    assert [observable.name for observable in inputs.positivity] == ["NNPDF_POS_2P24GEV_XGL"]
    assert [len(table.xgrid) for table in inputs.integrability[0].tables] == [1]
    assert {f"data {NAME}", "runcard", "PDF set toy: member 0"} <= set(inputs.hashes)
    assert all(len(value) == 64 for value in inputs.hashes.values())
    assert len(inputs.tables) == 3


def test_cuts_of_the_positivity_set(inputs, card, toy_pdf_sets):
    everything = load_inputs(card(added_filter_rules=()), SearchPaths(pdf_sets=toy_pdf_sets), progress=NullReporter())
    assert 0 < inputs.positivity[0].ndata < everything.positivity[0].ndata


def test_t0_covariance_uses_the_prediction_of_the_set(inputs):
    """Multiplicative uncertainties are relative to the toy PDF's predictions, from the tables directly."""
    (table,) = inputs.observables[0].tables
    prediction = table.predict((FLAVOUR_TO_FK @ les_houches_toy(PIDS, table.xgrid)).T)
    dataset = inputs.data.datasets[0]
    relative = dataset.systematics / dataset.central[:, np.newaxis]
    multiplicative = [index for index, kind in enumerate(dataset.systematic_kinds) if kind == "MULT"]
    assert multiplicative
    difference = inputs.data.t0_covariance - inputs.data.experimental_covariance
    expected = np.zeros((42, 42))
    for index in multiplicative:
        t0, central = relative[:, index] * prediction, dataset.systematics[:, index]
        both = np.outer(t0, t0) - np.outer(central, central)
        uncorrelated = "UNCORR" in dataset.systematic_correlations[index]
        expected += np.diag(np.diag(both)) if uncorrelated else both
    # the set is interpolated between its knots
    np.testing.assert_allclose(difference, expected, rtol=0, atol=1e-3 * np.abs(expected).max())


def test_problem_in_the_eigenbasis(inputs, card):
    data = make_pseudodata(fit_settings(card()), inputs, [1, 2, 3])
    problem = make_problem(fit_settings(card()), inputs, [1, 2, 3], data)
    assert isinstance(problem.chi2, EigenbasisChi2)
    assert problem.training_points.tolist() == [31, 31, 31]
    assert problem.validation_points.tolist() == [11, 11, 11]
    assert problem.xgrid[0] == pytest.approx(1e-9)
    precision = problem.chi2.whitening.T @ problem.chi2.whitening
    np.testing.assert_allclose(precision @ inputs.data.t0_covariance, np.eye(42), atol=1e-6)
    np.testing.assert_allclose([*problem.positivity.initial, *problem.positivity.growth], [10, (1e6 / 10) ** 0.1])
    np.testing.assert_allclose([*problem.integrability.initial, *problem.integrability.growth], [2, 3])


def test_replicas_do_not_depend_on_their_neighbours(inputs, card):
    halves = {"diagonal_basis": False, "dataset_inputs": [{"dataset": NAME, "variant": "legacy", "frac": 0.5}]}
    for changes in ({}, halves):
        runcard = card(**changes)
        many, one = ([4, 7, 9], [7])
        data = make_pseudodata(fit_settings(runcard), inputs, many)
        np.testing.assert_array_equal(make_pseudodata(fit_settings(runcard), inputs, one)[0], data[1])
        masks = [
            make_problem(fit_settings(runcard), inputs, group, data[: len(group)]).chi2.training
            for group in (many, one)
        ]
        np.testing.assert_array_equal(masks[1][0], masks[0][1])
        assert not np.array_equal(masks[0][0], masks[0][1])


def test_split_by_points(inputs, card):
    runcard = card(diagonal_basis=False, dataset_inputs=[{"dataset": NAME, "variant": "legacy", "frac": 0.5}])
    problem = make_problem(fit_settings(runcard), inputs, [1, 2], np.zeros((2, 42)))
    assert isinstance(problem.chi2, PointChi2)
    assert problem.training_points.tolist() == [21, 21]
    whole = make_problem(fit_settings(card(diagonal_basis=False)), inputs, [1, 2], np.zeros((2, 42)))
    assert not whole.validation_points.any()


def test_recorded_split_is_that_of_the_training(inputs, card):
    settings = fit_settings(card())
    data = make_pseudodata(settings, inputs, [1, 2, 3])
    problem = make_problem(settings, inputs, [1, 2, 3], data)
    sigma = np.sqrt(np.diag(inputs.data.loss_covariance))
    modes = record_split(problem, inputs.data.fitted_points, sigma)
    assert isinstance(modes, ModeSplit)
    np.testing.assert_array_equal(modes.training, problem.chi2.training)
    # the squares of the modes add up to chi2: here that of pseudodata without theory
    expected = np.einsum("ri,ri->r", data, np.linalg.solve(inputs.data.t0_covariance, data.T).T)
    np.testing.assert_allclose(np.sum(modes.values**2, axis=1), expected, rtol=1e-8)
    correlation = inputs.data.loss_covariance / np.outer(sigma, sigma)
    np.testing.assert_allclose(modes.deviations**2, np.linalg.eigvalsh(correlation), rtol=1e-8)
    largest = float(np.max(modes.deviations)) ** 2
    few = record_split(
        make_problem(fit_settings(card(threshold=0.99 * largest)), inputs, [1], data[:1]),
        inputs.data.fitted_points,
        sigma,
    )
    assert isinstance(few, ModeSplit)
    assert np.count_nonzero(few.deviations) == np.count_nonzero(few.values) == 1
    alone = record_split(problem.select([1]), inputs.data.fitted_points, sigma)
    assert alone.values[0].tobytes() == modes.values[1].tobytes()
    none = record_split(problem.select(np.array([], dtype=np.intp)), inputs.data.fitted_points, sigma)
    assert none.values.shape == none.training.shape == (0, 42)
    halves = card(diagonal_basis=False, dataset_inputs=[{"dataset": NAME, "variant": "legacy", "frac": 0.5}])
    problem = make_problem(fit_settings(halves), inputs, [1, 2], np.zeros((2, 42)))
    points = record_split(problem, inputs.data.fitted_points, sigma)
    assert isinstance(points, PointSplit)
    assert points.training.sum(axis=1).tolist() == [21, 21]
    assert points.points.tolist() == list(range(42))


def test_certificates_of_compressed_theory_go_with_the_problem(inputs, card):
    hadronic = problems.make_observable("NNPDF_POS_2P24GEV_XGL", [problems.make_table("p", 2, hadronic=True)])
    changed = dataclasses.replace(inputs, positivity=(hadronic,))
    record = make_problem(fit_settings(card()), changed, [1], np.zeros((1, 42))).compression
    assert record.keys() == {"NNPDF_POS_2P24GEV_XGL"}
    assert record["NNPDF_POS_2P24GEV_XGL"]["squares"] >= 1
    assert 0 <= record["NNPDF_POS_2P24GEV_XGL"]["relative"] <= RELATIVE_TOLERANCE
    assert (
        make_problem(fit_settings(card(theory_compression="exact")), changed, [1], np.zeros((1, 42))).compression == {}
    )
    assert make_problem(fit_settings(card()), inputs, [1], np.zeros((1, 42))).compression == {}


def test_pseudodata(inputs, card):
    central = make_pseudodata(fit_settings(card(genrep=False)), inputs, [1, 2])
    np.testing.assert_array_equal(central, np.tile(inputs.data.central, (2, 1)))
    drawn = make_pseudodata(fit_settings(card()), inputs, range(1, 201))
    pulls = (drawn - inputs.data.central) / np.sqrt(np.diag(inputs.data.t0_covariance))
    assert np.abs(pulls.mean(axis=0)).max() < 0.35
    assert pulls.std() == pytest.approx(1, abs=0.1)
    assert not np.array_equal(make_pseudodata(fit_settings(card(mcseed=4)), inputs, [1])[0], drawn[0])


def test_architecture(inputs, card):
    runcard = card()
    architecture = make_architecture(runcard, inputs)
    assert architecture.flavours == runcard.fitting.flavours
    assert (architecture.nodes, architecture.activations, architecture.seed) == ((6, 8), ("tanh", "linear"), 2)
    assert architecture.sum_rules == ("MSR", "VSR")
    assert architecture.feature_knots is None
    with pytest.raises(dataclasses.FrozenInstanceError):
        architecture.nodes = (3, 8)


def test_feature_scaling_spans_the_nodes_of_all_tables(inputs, card):
    content = card().model_dump()
    for entry in content["fitting"]["basis"]:
        entry["largex"] = None
    content["parameters"]["feature_scaling_points"] = 12
    architecture = make_architecture(Runcard.model_validate(content), inputs)
    knots, values = architecture.feature_knots
    assert len(knots) <= 12
    assert (knots[0], knots[-1], values[0], values[-1]) == (pytest.approx(1e-9), 1.0, -1.0, 1.0)


def test_missing_t0_set(card, toy_pdf_sets):
    with pytest.raises(DataError, match="toi") as caught:
        load_inputs(card(datacuts={"t0pdfset": "toi"}), SearchPaths(pdf_sets=toy_pdf_sets), progress=NullReporter())
    assert "toy" in f"{caught.value} {caught.value.hint}"


def test_fault_33_theory_without_fitted_charm(card, tmp_path, toy_pdf_sets):
    (tmp_path / "theory_5" / "fastkernel").mkdir(parents=True)
    (tmp_path / "theory_5" / "theory.yaml").write_text("Q0: 1.65\nIC: 0\n")
    with pytest.raises(TheoryError, match="because the fitting basis EVOL fits charm, received IC: 0 .*NN31PC"):
        load_inputs(card(theory={"theoryid": 5}), SearchPaths(tmp_path, toy_pdf_sets), progress=NullReporter())


def test_data_sets_of_weight_zero_are_predicted_and_not_fitted(card, inputs, toy_pdf_sets):
    """The problem is that of the other data sets alone; central data and predictions are of all."""
    other = {"dataset": "HERA_CC_318GEV_EP-SIGMARED", "variant": "legacy", "weight": 0}
    entries = [*card().model_dump()["dataset_inputs"], other]
    both = load_inputs(card(dataset_inputs=entries), SearchPaths(pdf_sets=toy_pdf_sets), progress=NullReporter())
    settings = fit_settings(card(dataset_inputs=entries))
    assert [observable.name for observable in both.observables] == [NAME, other["dataset"]]
    assert len(both.data) == 42 + both.observables[1].ndata
    for changes in ({}, {"diagonal_basis": False}):
        alone = make_problem(fit_settings(card(**changes)), inputs, [1, 2], np.ones((2, 42)))
        settings = fit_settings(card(dataset_inputs=entries, **changes))
        problem = make_problem(settings, both, [1, 2], np.ones((2, len(both.data))))
        assert [observable.name for observable in problem.observables] == [NAME]
        np.testing.assert_array_equal(problem.data, alone.data)
        np.testing.assert_array_equal(problem.chi2.training, alone.chi2.training)
        for name in ("whitening", "covariance"):
            if hasattr(alone.chi2, name):
                np.testing.assert_allclose(getattr(problem.chi2, name), getattr(alone.chi2, name), rtol=1e-10)
