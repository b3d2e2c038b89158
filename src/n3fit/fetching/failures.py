"""What can be wrong with an address; another one may still have the file."""

from __future__ import annotations

from email.message import Message

from n3fit.errors import DataError


class AddressError(DataError):
    """An address does not give the file: it is not there, or it is not what was expected.

    Parameters
    ----------
    address : str
    reason : str
    """

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"{address}: {reason}")
        self.address = address
        self.reason = reason


class StatusError(AddressError):
    """The server answers with the number of an error."""

    def __init__(self, address: str, status: int, phrase: str, headers: Message) -> None:
        note = ": it requires a password, which n3fit does not send" if status in (401, 407) else ""
        super().__init__(address, f"{status} {phrase}".rstrip() + note)
        self.status = status
        self.headers = headers


class TemporaryError(AddressError):
    """The server cannot be reached at the moment; it may be later."""


class BrokenOffError(TemporaryError):
    """The answer did not come, or ended before its last byte; the rest can be requested at once."""
