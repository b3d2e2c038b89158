"""A replica trained alone and among twenty others is the same replica."""

import numpy as np
import pytest
from support import problems

from n3fit.model.grid_model import GridModel
from n3fit.model.les_houches import LesHouches
from n3fit.model.pdf_model import build_pdf_model, evaluate_pdf
from n3fit.model.training_model import build_training_model

MANY = list(range(1, 22))
CHOSEN = 8
"""Position of the replica that is trained alone as well."""


OTHERS = [LesHouches(), GridModel(nodes=8)]
NAMES = ["les_houches", "grid"]


def build(problem, replicas, **changes):
    pdf_model = build_pdf_model(problems.make_architecture(**changes), replicas)
    model = build_training_model(pdf_model, problem)
    problems.compile_as_trainer(model)
    return pdf_model, model


def compare(tolerance: float, **changes) -> None:
    """Train together and alone, with clipping at 6.073e-6: 1 epoch, and 99 more."""
    problem = problems.make_problem(len(MANY))
    together, training = build(problem, MANY, **changes)
    alone, training_alone = build(problems.select_replicas(problem, [CHOSEN]), [MANY[CHOSEN]], **changes)
    start = evaluate_pdf(alone, problem.xgrid)[0]
    for epochs, allowed in ((1, min(tolerance, 1e-6)), (99, tolerance)):
        training.perform_fit(epochs=epochs)
        training_alone.perform_fit(epochs=epochs)
        for name, arrays in alone.get_replica_weights(0).items():
            for one, among_others in zip(arrays, together.get_replica_weights(CHOSEN)[name], strict=True):
                np.testing.assert_allclose(one, among_others, rtol=0, atol=allowed, err_msg=f"{name}, {epochs}")
    pdf, among_others = evaluate_pdf(alone, problem.xgrid)[0], evaluate_pdf(together, problem.xgrid)[CHOSEN]
    np.testing.assert_allclose(pdf, among_others, rtol=0, atol=10 * tolerance * np.abs(pdf).max())
    # the training did something
    assert np.abs(pdf - start).max() > 0.05 * np.abs(start).max()


def test_single_precision():
    compare(1e-3)


def test_double_precision(double_precision):
    compare(1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("model", OTHERS, ids=NAMES)
def test_other_models_in_single_precision(model):
    compare(1e-3, model=model, trainable=True)


@pytest.mark.parametrize("model", OTHERS, ids=NAMES)
def test_other_models_in_double_precision(model, double_precision):
    compare(1e-9, model=model, trainable=True)
