"""The theory covariance in the loss, the split, the pseudodata, a closure test and the fit folder."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.progress import RecordedSteps
from support.theories import SEVEN_POINT, relative_shifts, write_seven_theories

from n3fit.data import EigenbasisSplit
from n3fit.fit.inputs import FitInputs, load_inputs
from n3fit.fit.problem import make_pseudodata
from n3fit.fit.settings import fit_settings
from n3fit.lhapdf.pdf_sets import load_pdf_set
from n3fit.paths import SearchPaths
from n3fit.progress import NullReporter
from n3fit.theory.predictions import predict

TABLE = "HERA_CC_318GEV_EM_SIGMARED"
NAMED = {name: "scales_" + name.replace(".", "p").replace(" ", "_") for name in SEVEN_POINT}
CONFIG = {"point_prescriptions": ["7 point"], "pdf": "toy", "theories": NAMED}
WITHIN = 29.75e-4
"""Sum of the squared shifts of SEVEN_POINT times the weight 1/3 of the prescription."""


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory, toy_pdf_sets: Path) -> SearchPaths:
    folder = tmp_path_factory.mktemp("theories")
    write_seven_theories(folder, [TABLE])
    return SearchPaths(folder, toy_pdf_sets)


@pytest.fixture(scope="module")
def load(card: Any, inputs: FitInputs, paths: SearchPaths) -> Any:
    def run(progress: Any = None, keys: dict[str, Any] | None = None, **config: Any) -> tuple[Any, FitInputs]:
        chosen = card(theorycovmatconfig={**CONFIG, **config}, **(keys or {}))
        return chosen, load_inputs(chosen, paths, progress=progress or NullReporter())

    return run


@pytest.fixture(scope="module")
def expected(inputs: FitInputs, toy_pdf_sets: Path) -> np.ndarray:
    prediction = predict(inputs.observables, load_pdf_set("toy", [toy_pdf_sets]), inputs.theory.q0)[0]
    shape = prediction * relative_shifts(inputs.data.datasets[0].ndata_file, 1.0)[inputs.data.datasets[0].indices]
    return WITHIN * np.outer(shape, shape)


def test_the_sum_is_the_covariance_of_the_loss_and_of_the_pseudodata(
    load: Any, inputs: FitInputs, expected: np.ndarray
) -> None:
    data = load()[1].data
    np.testing.assert_array_equal(data.t0_covariance, inputs.data.t0_covariance)
    np.testing.assert_array_equal(data.experimental_covariance, inputs.data.experimental_covariance)
    for received, without in (
        (data.loss_covariance, data.t0_covariance),
        (data.with_theory(data.t0_covariance), data.t0_covariance),
        (data.with_theory(data.experimental_covariance), data.experimental_covariance),
        (data.sampling_covariance(from_t0=True), data.t0_covariance),
        (data.sampling_covariance(from_t0=False), data.experimental_covariance),
    ):
        np.testing.assert_allclose(received - without, expected, rtol=1e-7, atol=1e-12 * without.max())
        assert not received.flags.writeable


def test_fault_44_two_calls_give_the_same_covariance(load: Any) -> None:
    data = load()[1].data
    first = data.with_theory(data.t0_covariance)
    np.testing.assert_array_equal(data.with_theory(data.t0_covariance), first)
    np.testing.assert_array_equal(load()[1].data.loss_covariance, data.loss_covariance)
    np.testing.assert_array_equal(data.loss_covariance, first)


def test_it_is_used_in_the_fit_or_in_the_sampling_alone(load: Any, inputs: FitInputs) -> None:
    fitted = load(use_thcovmat_in_sampling=False)[1].data
    np.testing.assert_array_equal(fitted.sampling_covariance(from_t0=True), inputs.data.t0_covariance)
    assert fitted.loss_covariance[0, 0] > inputs.data.loss_covariance[0, 0]
    sampled = load(use_thcovmat_in_fitting=False)[1].data
    np.testing.assert_array_equal(sampled.loss_covariance, inputs.data.loss_covariance)
    np.testing.assert_array_equal(sampled.with_theory(sampled.t0_covariance), sampled.t0_covariance)
    assert sampled.sampling_covariance(from_t0=True)[0, 0] > inputs.data.t0_covariance[0, 0]


def test_without_a_use_it_is_not_computed(load: Any, inputs: FitInputs) -> None:
    progress = RecordedSteps()
    unused = load(progress, use_thcovmat_in_sampling=False, use_thcovmat_in_fitting=False)[1]
    assert unused.theory_covariance is None
    assert unused.hashes.keys() == inputs.hashes.keys()
    assert any("used neither in the fit nor in the sampling" in text for text in progress.messages)


def test_the_weight_of_a_data_set_does_not_act_on_it(load: Any, inputs: FitInputs) -> None:
    entries = [{"dataset": "HERA_CC_318GEV_EM-SIGMARED", "variant": "legacy", "weight": 4.0}]
    data = load(keys={"dataset_inputs": entries})[1].data
    np.testing.assert_allclose(data.loss_covariance, inputs.data.t0_covariance / 4.0 + data.theory.matrix, rtol=1e-12)


def test_the_split_diagonalises_the_total(load: Any) -> None:
    data = load()[1].data
    total = data.t0_covariance + data.theory.matrix
    split = EigenbasisSplit(data.loss_covariance, data.datasets)
    sigma = np.sqrt(np.diag(total))
    np.testing.assert_allclose(split.eigenvalues, np.linalg.eigvalsh(total / np.outer(sigma, sigma)), rtol=1e-7)
    np.testing.assert_allclose(split.whitening @ total @ split.whitening.T, np.eye(42), atol=1e-9)


@pytest.mark.parametrize(("separate", "count"), [(False, 3000), (True, 250)])
def test_pseudodata_fluctuate_with_the_theory(load: Any, separate: bool, count: int) -> None:
    card, inputs = load(keys={"separate_multiplicative": separate})
    data = inputs.data
    drawn = make_pseudodata(fit_settings(card), inputs, list(range(1, count + 1)))
    total = data.sampling_covariance(from_t0=True)
    sigma = np.sqrt(np.diag(total))
    gaussian = data.central > 4 * sigma  # negative cross-sections are drawn again
    assert gaussian.sum() > 20
    received = (np.cov(drawn.T) / np.outer(sigma, sigma))[np.ix_(gaussian, gaussian)]
    correlation = (total / np.outer(sigma, sigma))[np.ix_(gaussian, gaussian)]
    # products of fluctuations, and t0 instead of data, shift the covariance of factors a little
    tolerance = 5 * np.sqrt((1 + correlation**2) / count) + (0.05 if separate else 0.0)
    assert np.all(np.abs(received - correlation) < tolerance)
    np.testing.assert_array_equal(make_pseudodata(fit_settings(card), inputs, [7]), drawn[6:7])


def test_closure_tests_have_it_in_the_estimators_and_not_in_level_1(load: Any, card: Any, paths: Any) -> None:
    test = {"closuretest": {"level": 1, "fakepdf": "toy", "filterseed": 5}, "genrep": False}
    plain = load_inputs(card(**test), paths, progress=NullReporter())
    inputs = load(keys=test)[1]
    np.testing.assert_array_equal(inputs.data.central, plain.data.central)
    np.testing.assert_allclose(
        inputs.closure.covariance, plain.closure.covariance + inputs.data.theory.matrix, rtol=1e-12
    )


def test_its_inputs_have_a_checksum(load: Any, inputs: FitInputs) -> None:
    added = load()[1].hashes.keys() - inputs.hashes.keys()
    assert added == {f"theory covariance: predictions of theory {name}" for name in NAMED.values()}


def test_its_size_is_reported(load: Any, expected: np.ndarray) -> None:
    progress = RecordedSteps()
    data = load(progress, use_thcovmat_in_sampling=False)[1].data
    share = np.mean(np.diag(expected) / (np.diag(expected) + np.diag(data.experimental_covariance)))
    text = f"theory covariance: 7 point, part of chi2; {100 * share:.1f} % of the variance of a point on average"
    assert progress.messages[-1] == text


def test_excluded_data_sets_have_todays_names_and_are_reported_if_absent(load: Any) -> None:
    progress = RecordedSteps()
    power = {
        "point_prescriptions": ["power corrections"],
        "pc_parameters": {"dis_cc": {"nodes": [0, 0.5, 1], "yshift": [1, 1, 0]}},
        "pc_included_procs": ["DIS CC"],
    }
    absent = load(progress, **power, pc_excluded_datasets=["NMCPD"])[1].data.theory
    assert absent.variances.all()
    assert "pc_excluded_datasets: the fit does not have NMC_NC_NOTFIXED_EM-F2" in " ".join(progress.messages)
    assert not load(**power, pc_excluded_datasets=["HERA_CC_318GEV_EM-SIGMARED"])[1].data.theory.variances.any()


def test_the_variations_are_those_of_the_theory_of_t0(load: Any) -> None:
    """A theory of t0 with a table of variations is the central one; that of the fit has none."""
    keys = {"theory": {"theoryid": "dis_nnlo", "t0theoryid": NAMED["1 1"]}}
    assert load(keys=keys)[1].theory_covariance.theories["1 1"] == NAMED["1 1"]
    without = {name: theory for name, theory in NAMED.items() if name != "1 1"}
    assert load(keys=keys, theories=without)[1].theory_covariance.theories["1 1"] == NAMED["1 1"]
