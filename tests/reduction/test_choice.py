from itertools import combinations

import numpy as np
import pytest

from n3fit.defaults import RANDOM_CHOICES
from n3fit.errors import CommandLineError
from n3fit.reduction import Choice, ErrorFunctions, Samples, find_choice
from n3fit.reduction.choice import check_count


@pytest.fixture(scope="module")
def errors() -> ErrorFunctions:
    """Twelve replicas of one flavour at five points."""
    random = np.random.default_rng(8)
    members = random.gamma(2.0, size=(12, 3)) @ random.normal(size=(3, 5)) + 0.2 * random.normal(size=(12, 5))
    return ErrorFunctions(Samples(("g",), np.linspace(0.1, 0.5, 5), members[:, None], members.mean(axis=0)[None]))


@pytest.fixture(scope="module")
def choice(errors: ErrorFunctions) -> Choice:
    return find_choice(errors, 5, seed=3)


def test_choice_is_the_best_of_all(errors: ErrorFunctions, choice: Choice) -> None:
    """All 792 choices of five are compared."""
    every = np.array(list(combinations(range(12), 5)))
    merits = (errors(every) / np.median(choice.random_errors, axis=0)).mean(axis=1)
    assert choice.places.tolist() == every[merits.argmin()].tolist()
    assert choice.merit == pytest.approx(merits.min(), rel=1e-12)


def test_choice_is_better_than_all_random_ones(errors: ErrorFunctions) -> None:
    random = np.random.default_rng(1)
    members = random.normal(size=(60, 4)) @ random.normal(size=(4, 6)) + 0.3 * random.normal(size=(60, 6))
    errors = ErrorFunctions(Samples(("g",), np.linspace(0.1, 0.6, 6), members[:, None], members.mean(axis=0)[None]))
    found = find_choice(errors, 20, seed=1)
    assert len(found.random_merits) == len(found.random_errors) == RANDOM_CHOICES == 1000
    assert found.merit < 0.8 * found.random_merits.min()
    assert (found.errors < np.median(found.random_errors, axis=0)).all()


def test_errors_and_merit_are_those_of_the_places(errors: ErrorFunctions, choice: Choice) -> None:
    np.testing.assert_allclose(choice.errors, errors(choice.places[None])[0], rtol=1e-14)
    scale = np.median(choice.random_errors, axis=0)
    assert choice.merit == pytest.approx((choice.errors / scale).mean(), rel=1e-12)
    np.testing.assert_allclose(choice.random_merits, (choice.random_errors / scale).mean(axis=1), rtol=1e-12)
    assert sorted(set(choice.places.tolist())) == choice.places.tolist()


def test_same_seed_gives_the_same_choice(errors: ErrorFunctions, choice: Choice) -> None:
    again, other = (find_choice(errors, 5, seed=seed) for seed in (3, 4))
    np.testing.assert_array_equal(again.places, choice.places)
    np.testing.assert_array_equal(again.random_errors, choice.random_errors)
    assert again.generations == choice.generations
    assert (other.random_errors != choice.random_errors).any()


@pytest.mark.parametrize(
    ("replicas", "count", "expected"),
    [
        (12, 12, "expected 4 to 11, received 12 of 12 replicas (choose another number with -n)"),
        (12, 3, "expected 4 to 11, received 3 of 12 replicas (choose another number with -n)"),
        (4, 4, "expected more than 4 replicas to choose from, received 4 of 4 replicas (fit more replicas)"),
    ],
)
def test_counts_that_cannot_be_chosen(replicas: int, count: int, expected: str) -> None:
    with pytest.raises(CommandLineError) as caught:
        check_count(replicas, count)
    assert str(caught.value) == f"compression: {expected}"
