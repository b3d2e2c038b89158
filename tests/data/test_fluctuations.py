"""Fluctuations systematic by systematic, against the Gaussian numbers of their streams."""

from __future__ import annotations

import numpy as np

from n3fit.data.fluctuations import THEORY, RandomStreams, SystematicFluctuations
from n3fit.seeds import generator

SEED, REPLICA, PURPOSE = 5, 3, "a test"


def numbers(name: str, size: int) -> np.ndarray:
    """Return the first numbers of a stream."""
    return generator(SEED, PURPOSE, REPLICA, name).standard_normal(size)


def streams() -> RandomStreams:
    return RandomStreams(SEED, REPLICA, PURPOSE)


def test_a_stream_continues_whatever_is_drawn_from_others() -> None:
    drawn = streams()
    parts = [drawn.normal("a", 2), drawn.normal("b", 5), drawn.normal("a", 3)]
    np.testing.assert_array_equal(np.concatenate([parts[0], parts[2]]), numbers("a", 5))
    np.testing.assert_array_equal(parts[1], numbers("b", 5))


def test_shifts_are_added_and_factors_multiplied(make_dataset) -> None:
    first = make_dataset("A_X", [100.0, 110.0], [1.0, 2.0], [("ADD", "LUMI", [1.0, -2.0]), ("MULT", "CORR", [2, 1])])
    second = make_dataset("B_X", [80.0, 90.0], 1.0, [("MULT", "LUMI", [3, 4]), ("ADD", "UNCORR", [1, 2])])
    directions = np.array([[1.0, 0.0], [0.5, 2.0], [0.0, 3.0], [-1.0, 1.0]])
    found = SystematicFluctuations([first, second], directions=directions, weights={"A_X": 4.0}).draw(streams())

    shift, lumi = directions @ numbers(THEORY, 2), numbers("systematic LUMI", 1)
    names = {
        dataset.name: [f"{dataset.name}, {name}" for name in dataset.systematic_names] for dataset in (first, second)
    }
    statistical = 0.5 * np.array([1.0, 2.0]) * numbers("A_X, statistical", 2)
    of_first = first.central + shift[:2] + statistical + 0.5 * lumi * np.array([1.0, -2.0])
    of_first *= 1 + numbers(names["A_X"][1], 1) * np.array([2, 1]) / first.central
    of_second = second.central + shift[2:] + numbers("B_X, statistical", 2)
    of_second += numbers(names["B_X"][1], 2) * np.array([1, 2])
    of_second *= 1 + lumi * np.array([3, 4]) / second.central
    np.testing.assert_allclose(found, np.concatenate([of_first, of_second]), rtol=1e-14)


def test_the_next_draw_has_the_next_numbers(make_dataset) -> None:
    dataset = make_dataset("A_X", [100.0, 110.0], [1.0, 2.0], [("ADD", "LUMI", [1.0, -2.0])])
    drawn, fluctuations = streams(), SystematicFluctuations([dataset], weights={})
    both = np.array([fluctuations.draw(drawn) for _ in range(2)])
    normal = numbers("A_X, statistical", 4).reshape(2, 2)
    expected = dataset.central + [1.0, 2.0] * normal + numbers("systematic LUMI", 2)[:, None] * [1.0, -2.0]
    np.testing.assert_allclose(both, expected, rtol=1e-14)
