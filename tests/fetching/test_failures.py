"""Messages of what is wrong with an address, and the exit code that they have in common."""

from __future__ import annotations

from email.message import Message

import pytest

from n3fit.errors import DataError
from n3fit.fetching.failures import AddressError, BrokenOffError, StatusError, TemporaryError

ADDRESS = "https://example.org/theory_400.tgz"


@pytest.mark.parametrize(
    ("status", "phrase", "reason"),
    [
        (404, "Not Found", "404 Not Found"),
        (503, "", "503"),
        (401, "Unauthorized", "401 Unauthorized: it requires a password, which n3fit does not send"),
        (407, "", "407: it requires a password, which n3fit does not send"),
    ],
)
def test_status_of_a_server(status: int, phrase: str, reason: str) -> None:
    headers = Message()
    headers["Retry-After"] = "3"
    error = StatusError(ADDRESS, status, phrase, headers)
    assert (error.message, error.reason, error.status) == (f"{ADDRESS}: {reason}", reason, status)
    assert error.headers["retry-after"] == "3"


@pytest.mark.parametrize("kind", [AddressError, TemporaryError, BrokenOffError])
def test_every_failure_names_its_address_and_is_one_of_data(kind: type[AddressError]) -> None:
    error = kind(ADDRESS, "the answer ended early")
    assert str(error) == f"{ADDRESS}: the answer ended early"
    assert (error.address, error.reason, error.exit_code) == (ADDRESS, "the answer ended early", DataError.exit_code)
