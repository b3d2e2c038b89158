"""The losses of the training model against plain numpy, both splits."""

from dataclasses import replace

import numpy as np
import pytest
from support import problems

from n3fit.compression.forms import SumsOfSquares
from n3fit.compression.random_pdfs import draw_samples
from n3fit.compression.squares import compress_observable
from n3fit.model.pdf_model import build_pdf_model, evaluate_pdf
from n3fit.model.spec import TrainingProblem
from n3fit.model.training_model import (
    INTEGRABILITY_PENALTY,
    POSITIVITY_PENALTY,
    TRAINED_OUTPUTS,
    build_training_model,
)

REPLICAS = [1, 2, 3]


def losses_of(model) -> dict[str, np.ndarray]:
    values = model.compute_losses()
    return {name.removesuffix("_loss"): value for name, value in values.items() if name != "loss"}


def compare(problem: TrainingProblem, tolerance: float) -> None:
    pdf_model = build_pdf_model(problems.make_architecture(), REPLICAS)
    model = build_training_model(pdf_model, problem)
    multipliers = {POSITIVITY_PENALTY: problem.positivity.initial, INTEGRABILITY_PENALTY: problem.integrability.initial}
    expected = problems.plain_losses(problem, evaluate_pdf(pdf_model, problem.xgrid), multipliers)
    found = losses_of(model)
    assert set(found) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=tolerance, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("nonlinear", [False, True], ids=["linear", "nonlinear"])
@pytest.mark.parametrize("eigenbasis", [True, False], ids=["eigenbasis", "points"])
def test_losses(eigenbasis, nonlinear, double_precision):
    compare(problems.make_problem(3, eigenbasis=eigenbasis, nonlinear=nonlinear), 1e-9)


@pytest.mark.parametrize("eigenbasis", [True, False], ids=["eigenbasis", "points"])
def test_losses_in_single_precision(eigenbasis):
    compare(problems.make_problem(3, eigenbasis=eigenbasis, nonlinear=True), 1e-5)


def compressed(problem: TrainingProblem) -> TrainingProblem:
    """Return the problem with the hadronic predictions as sums of squares."""
    samples = draw_samples(problem.xgrid)
    return replace(
        problem,
        observables=tuple(
            observable if observable.linear_matrix() is not None else compress_observable(observable, samples, None)[0]
            for observable in problem.observables
        ),
    )


@pytest.mark.parametrize("precision", ["single", "double"])
def test_losses_with_sums_of_squares_are_those_of_the_forms(precision, request):
    if precision == "double":
        request.getfixturevalue("double_precision")
    problem = problems.make_problem(3, nonlinear=True)
    shorter = compressed(problem)
    kinds = [type(forms) for observable in shorter.observables for operand in observable.operands for forms in operand]
    assert kinds.count(SumsOfSquares) == 1
    pdf_model = build_pdf_model(problems.make_architecture(), REPLICAS)
    exact, found = (losses_of(build_training_model(pdf_model, entry)) for entry in (problem, shorter))
    # residuals are of order 1e2 to 1e3 here, so that errors of 1e-5 of the predictions are 1e-4 of chi2 at most
    for name in ("training", "validation"):
        np.testing.assert_allclose(found[name], exact[name], rtol=1e-4)
    assert found.keys() == exact.keys()


def test_only_nonlinear_data_and_no_penalties():
    problem = problems.make_problem(3, nonlinear=True, positivity=False, integrability=False)
    covariance = np.linalg.inv(problem.chi2.whitening.T @ problem.chi2.whitening)[12:19, 12:19]
    eigenvalues, vectors = np.linalg.eigh(covariance)
    chi2 = replace(
        problem.chi2, whitening=vectors.T / np.sqrt(eigenvalues)[:, np.newaxis], training=problem.chi2.training[:, :7]
    )
    problem = replace(problem, observables=problem.observables[1:3], data=problem.data[:, 12:19], chi2=chi2)
    compare(problem, 1e-5)


def test_without_validation():
    problem = problems.make_problem(3, eigenbasis=False)
    problem = replace(problem, chi2=replace(problem.chi2, training=np.ones_like(problem.chi2.training)))
    assert not problem.validation_points.any()
    assert problem.training_points.tolist() == [20, 20, 20]
    compare(problem, 1e-5)


def test_multipliers_are_weights_that_do_not_train():
    problem = problems.make_problem(3)
    model = build_training_model(build_pdf_model(problems.make_architecture(), REPLICAS), problem)
    before = losses_of(model)
    layer = model.get_layer(POSITIVITY_PENALTY)
    layer.multipliers.assign(10 * problem.positivity.initial)
    after = losses_of(model)
    np.testing.assert_allclose(after[POSITIVITY_PENALTY], 10 * before[POSITIVITY_PENALTY], rtol=1e-6)
    np.testing.assert_array_equal(after["training"], before["training"])
    assert all(weight.replica_axis == 0 for weight in model.trainable_weights)
    assert {"training", POSITIVITY_PENALTY, INTEGRABILITY_PENALTY} == TRAINED_OUTPUTS


def test_validation_is_without_dropout():
    problem = problems.make_problem(3)
    quiet = build_training_model(build_pdf_model(problems.make_architecture(), REPLICAS), problem)
    noisy = build_training_model(
        build_pdf_model(problems.make_architecture(dropout=0.4), REPLICAS), problem, dropout=True
    )
    noisy.compile("SGD", learning_rate=1e-30)
    quiet.compile("SGD", learning_rate=1e-30)
    expected, found = quiet.perform_fit(epochs=2), noisy.perform_fit(epochs=2)
    np.testing.assert_allclose(found["validation_loss"], expected["validation_loss"], rtol=1e-5)
    assert abs(found["training_loss"][0] / expected["training_loss"][0] - 1) > 1e-3
    assert found["training_loss"][0] != found["training_loss"][1]
