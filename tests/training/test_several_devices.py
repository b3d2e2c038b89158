"""Replicas divided among several devices, which one CPU is split into: the same fit as on one device."""

from functools import partial

import keras
import numpy as np
import pytest
from support import several_devices

pytestmark = pytest.mark.skipif(keras.backend.backend() != "jax", reason="only JAX divides replicas among devices")

SIZES = (1, 5, 6)
"""On one of four devices; on three, filled by a copy of the first replica; on three."""

COUNTS = ("stop_epoch", "best_epoch", "finite")


def of_job(arrays: dict[str, np.ndarray], job: str) -> dict[str, np.ndarray]:
    return {name.partition("/")[2]: values for name, values in arrays.items() if name.startswith(f"{job}/")}


def check_same(received: dict[str, np.ndarray], expected: dict[str, np.ndarray], tolerance: float) -> None:
    assert set(received) == set(expected)
    for name, values in expected.items():
        if name in COUNTS:
            np.testing.assert_array_equal(received[name], values, err_msg=name)
        else:
            scale = np.max(np.abs(values), initial=1.0, where=np.isfinite(values))
            np.testing.assert_allclose(received[name], values, rtol=0, atol=tolerance * scale, err_msg=name)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Do some jobs in a process with several devices."""
    folder = tmp_path_factory.mktemp("devices")
    return lambda devices, precision, *jobs: several_devices.train_on(
        devices, folder / f"{devices}_{precision}.npz", precision, jobs
    )


@pytest.fixture(scope="module")
def four_devices(run):
    return run(4, "double", *(f"train:{replicas}" for replicas in SIZES), "place:4", "staggered:0", "staggered:1e30")


@pytest.fixture(scope="module")
def one_device():
    """Return the results of a training in this process, in double precision."""
    from n3fit.backends import local_devices, set_initial_state

    def results(function):
        set_initial_state(double_precision=True)
        assert len(local_devices()) == 1
        found = function()
        set_initial_state()
        return found

    return results


@pytest.mark.parametrize("replicas", SIZES)
def test_four_devices_give_the_fit_of_one(four_devices, one_device, replicas):
    expected = one_device(partial(several_devices.train, replicas))
    assert expected["stop_epoch"].shape == (replicas,)
    check_same(of_job(four_devices, f"train:{replicas}"), expected, 1e-10)
    if replicas == 5:
        assert expected["finite"].tolist() == [False, True, True, True, True]
        assert expected["stop_epoch"].tolist() == [0, 39, 39, 39, 39]


def test_two_devices_in_single_precision(run):
    received, expected = of_job(run(2, "single", "train:5"), "train:5"), several_devices.train(5)
    assert received["weight_0"].dtype == np.float32
    check_same(received, expected, 1e-4)


def test_batches_that_shrink(four_devices):
    whole, found = (of_job(four_devices, f"staggered:{operations}") for operations in ("0", "1e30"))
    # the replicas of each batch, and those that fill it
    assert whole.pop("sizes").tolist() == [[7, 1]]
    assert found.pop("sizes").tolist() == [[7, 1], [4, 0], [1, 0]]
    assert len(set(whole["stop_epoch"].tolist())) >= 5
    check_same(found, whole, 1e-4)  # the effect of rounding grows, see the tests of the batches of one device


def test_arrays_are_on_all_devices(four_devices, one_device):
    assert four_devices["devices"] == 4
    found = of_job(four_devices, "place:4")
    ((divided_on, divided),) = found["divided"]
    ((copied_on, copied),) = found["copied"]
    assert (divided_on, copied_on) == (4, 4)
    # two layers of weights with their slots and best values, exponents, data, mask; the states are one per replica
    assert divided > 25
    assert copied > 5
    expected = one_device(partial(several_devices.place, 4))
    assert expected["divided"].size == 0
    assert set(expected["copied"][:, 0]) == {1}
    for name in ("before", "losses", "pdf", "first_weights"):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-10, atol=1e-10, err_msg=name)
    assert (found["losses"] < found["before"]).all()


def test_devices_exchange_only_the_sums_of_losses(four_devices):
    """One exchange of a few numbers per epoch, and one program for all chunks."""
    found = of_job(four_devices, "place:4")
    counts = dict(zip(several_devices.COLLECTIVES, found["collectives"].tolist(), strict=True))
    assert counts.pop("all-reduce") == 1
    assert set(counts.values()) == {0}
    assert found["programs"] == 1
