import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from n3fit.seeds import LARGEST_SEED, derive_seed, generator


@given(st.integers(0, 2**64), st.text(max_size=8), st.integers(0, 10**6), st.text(max_size=8))
def test_seed_is_a_pure_function_within_bounds(base: int, purpose: str, replica: int, name: str) -> None:
    seed = derive_seed(base, purpose, replica, name)
    assert 0 <= seed < LARGEST_SEED
    assert seed == derive_seed(base, purpose, replica, name)


def test_seed_value_is_stable_across_releases() -> None:
    assert derive_seed(1, "pseudodata", 3, "x") == 1744927200


def test_every_ingredient_matters_and_parts_do_not_run_together() -> None:
    seeds = {
        derive_seed(1, "a", 1, "b"),
        derive_seed(2, "a", 1, "b"),
        derive_seed(1, "b", 1, "b"),
        derive_seed(1, "a", 2, "b"),
        derive_seed(1, "a", 1, "c"),
        derive_seed(1, "a1", 1, "b"),
        derive_seed(11, "a", 1, "b"),
        derive_seed(1, "a", 11, "b"),
    }
    assert len(seeds) == 8


def test_generator_draws_are_uncorrelated_between_replicas() -> None:
    draws = np.array([generator(7, "pseudodata", replica).standard_normal(2000) for replica in range(1, 21)])
    correlation = np.corrcoef(draws) - np.eye(20)
    assert np.abs(correlation).max() < 5 / np.sqrt(2000)
