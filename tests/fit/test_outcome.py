"""Selecting and joining outcomes; losses of positivity."""

from dataclasses import fields, replace

import numpy as np
from support import outcomes

from n3fit.fit.outcome import PER_REPLICA, join_outcomes, positivity_loss, select_replicas
from n3fit.results import TrainingHistory


def make(replicas: int):
    """Give an outcome whose pseudodata tell the replica."""
    outcome = outcomes.make_outcome(replicas, sets=outcomes.SMALL_SETS)
    points = outcome.predictions.shape[1]
    return replace(outcome, pseudodata=np.repeat(np.arange(float(replicas)), points).reshape(replicas, points))


def same(first, second) -> None:
    """Compare two outcomes field by field."""
    for field in fields(first):
        one, two = getattr(first, field.name), getattr(second, field.name)
        if isinstance(one, np.ndarray):
            np.testing.assert_array_equal(one, two, err_msg=field.name)
        elif isinstance(one, dict) and one and isinstance(next(iter(one.values())), np.ndarray):
            assert set(one) == set(two)
            for name in one:
                np.testing.assert_array_equal(one[name], two[name], err_msg=f"{field.name}: {name}")
    np.testing.assert_array_equal(first.history.training, second.history.training)
    np.testing.assert_array_equal(first.history.validation, second.history.validation)
    assert len(first.weights) == len(second.weights)
    for one, two in zip(first.weights, second.weights, strict=True):
        assert set(one) == set(two)
        for name in one:
            for array, other in zip(one[name], two[name], strict=True):
                np.testing.assert_array_equal(array, other)


def test_joining_undoes_selecting():
    outcome = make(5)
    pieces = [select_replicas(outcome, np.arange(5) == index) for index in range(5)]
    same(join_outcomes(pieces), outcome)
    assert join_outcomes([outcome]) is outcome


def test_selection():
    outcome = make(4)
    chosen = select_replicas(outcome, np.array([False, True, False, True]))
    assert chosen.replicas.tolist() == outcome.replicas[[1, 3]].tolist()
    np.testing.assert_array_equal(chosen.pdf, outcome.pdf[[1, 3]])
    np.testing.assert_array_equal(chosen.pseudodata[:, 0], [1, 3])
    np.testing.assert_array_equal(chosen.history.training, outcome.history.training[:, [1, 3]])
    assert chosen.central is outcome.central
    none = select_replicas(outcome, np.zeros(4, dtype=bool))
    assert none.replicas.size == 0
    assert none.weights == ()


def test_every_field_with_replicas_is_selected():
    """No array whose first axis is that of the replicas is forgotten."""
    outcome = make(7)
    selected = select_replicas(outcome, np.arange(7) < 2)
    for field in fields(outcome):
        value = getattr(selected, field.name)
        if isinstance(value, np.ndarray) and getattr(outcome, field.name).shape[:1] == (7,):
            assert value.shape[0] == 2, field.name
    assert set(PER_REPLICA) <= {field.name for field in fields(outcome)}


def test_histories_of_different_lengths():
    long, short = (select_replicas(make(2), np.array(rows)) for rows in ([True, False], [False, True]))
    history = short.history
    short = replace(short, history=TrainingHistory(history.epochs[:2], history.training[:2], history.validation[:2]))
    joined = join_outcomes([short, long]).history
    np.testing.assert_array_equal(joined.epochs, long.history.epochs)
    np.testing.assert_array_equal(joined.training[:2, 0], history.training[:2, 0])
    assert np.isnan(joined.training[2:, 0]).all()
    np.testing.assert_array_equal(joined.training[:, 1], long.history.training[:, 0])


def test_positivity_loss():
    """elu(-T) with 1e-7, as in the layer; no overflow for large predictions of either sign."""
    losses = positivity_loss(np.array([[1.0, -2.0, 0.0], [1e4, 1e4, 1e4], [-1e300, 1.0, 1.0]]))
    np.testing.assert_allclose(losses, [2 + 1e-7 * np.expm1(-1.0), -3e-7, 1e300], rtol=1e-14)
