"""Exit codes and texts of the errors."""

import pickle

import pytest

from n3fit import errors
from n3fit.fetching.failures import AddressError


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.RuncardError, 2),
        (errors.CommandLineError, 2),
        (errors.DataError, 3),
        (errors.TheoryError, 3),
        (errors.ResourceError, 4),
        (errors.OutputExistsError, 4),
        (errors.FitError, 5),
    ],
)
def test_exit_codes(kind: type[errors.N3fitError], code: int) -> None:
    error = kind("what", hint="next step")
    assert error.exit_code == code
    assert str(error) == "what (next step)"


def test_missing_extra_names_the_extra() -> None:
    assert str(errors.MissingExtraError("torch", "torch")) == "torch is not installed (pip install 'n3fit[torch]')"


@pytest.mark.parametrize(
    "error",
    [errors.MissingExtraError("torch", "torch"), errors.FitError("what", hint="next step"), AddressError("a", "b")],
)
def test_errors_travel_between_processes(error: errors.N3fitError) -> None:
    """Also those whose arguments are not a message and a hint."""
    received = pickle.loads(pickle.dumps(error))
    assert type(received) is type(error)
    assert (str(received), vars(received)) == (str(error), vars(error))


def test_nearest_and_did_you_mean() -> None:
    assert errors.nearest("epoch", ["epochs", "optimizer"]) == "epochs"
    assert errors.nearest("HERA_nc", ["HERA_NC", "NMC"]) == "HERA_NC"
    assert errors.nearest("zzzz", ["epochs"]) is None
    assert errors.did_you_mean("epoch", ["epochs"]) == "did you mean 'epochs'?"
    assert errors.did_you_mean("zzzz", ["epochs"]) == ""
