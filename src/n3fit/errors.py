"""The mistakes that a user can make, each with a message, a next step and an exit code."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class N3fitError(Exception):
    """A problem that the user can solve.

    Parameters
    ----------
    message : str
        What is wrong: the file, the key or data set, what was expected and what was received.
    hint : str
        The next step, one sentence; empty if the message says it already.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class RuncardError(N3fitError):
    """The runcard cannot be read or asks for something impossible."""

    exit_code = 2


class CommandLineError(N3fitError):
    """The command line does not make sense."""

    exit_code = 2


class DataError(N3fitError):
    """Experimental data, covariance or a PDF set is missing or broken."""

    exit_code = 3


class TheoryError(N3fitError):
    """A theory or one of its tables is missing, broken or does not match the data."""

    exit_code = 3


class ResourceError(N3fitError):
    """Memory, disk, permissions or a library is missing."""

    exit_code = 4


class OutputExistsError(ResourceError):
    """The output is there already and would be overwritten."""


class MissingExtraError(ResourceError):
    """An optional library is needed and not installed.

    Parameters
    ----------
    package : str
        The library, by its import name.
    extra : str
        The extra of n3fit that installs it.
    """

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed", hint=f"pip install 'n3fit[{extra}]'")


class FitError(N3fitError):
    """The fit itself failed, for instance because too few replicas are good."""

    exit_code = 5


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Give the candidate most like ``word``, or None when nothing is near.

    Case does not count.
    """
    by_lower = {candidate.lower(): candidate for candidate in candidates}
    found = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """Give the sentence ``did you mean 'x'?``, or an empty string when nothing is near."""
    found = nearest(word, candidates)
    return f"did you mean {found!r}?" if found else ""
