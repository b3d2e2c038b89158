"""Exceptions for user errors, with a message, a hint and an exit code."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any


class N3fitError(Exception):
    """An error that the user can correct.

    Parameters
    ----------
    message : str
        The file, the key or data set, what was expected and what was received.
    hint : str
        The next step in one sentence; empty if the message has it already.
    ways : sequence of sequences of str
        Options with which the same command goes on, each way as words: ``[["--resume"], ["--replicas", "1-5"]]``.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", ways: Sequence[Sequence[str]] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.ways = ways

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how another process makes the same error: not by ``__init__``, of which kinds have other arguments."""
        return _restore, (type(self), self.args, self.__dict__.copy())

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


def _restore(kind: type[N3fitError], arguments: tuple[Any, ...], state: dict[str, Any]) -> N3fitError:
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(state)
    return error


class RuncardError(N3fitError):
    """The runcard cannot be read, or violates the rules of runcards."""

    exit_code = 2


class CommandLineError(N3fitError):
    """The arguments of a command or function are not valid."""

    exit_code = 2


class DataError(N3fitError):
    """Experimental data, their covariance or a PDF set is missing or malformed."""

    exit_code = 3


class TheoryError(N3fitError):
    """A theory or one of its tables is missing, malformed or does not match the data."""

    exit_code = 3


class MissingInputsError(TheoryError):
    """Several inputs of a fit are missing; the message has a line for each data set or PDF set."""


class ResourceError(N3fitError):
    """Memory, disk space, a permission or a library is missing."""

    exit_code = 4


class OutputExistsError(ResourceError):
    """The output exists already and would be overwritten."""


class MissingExtraError(ResourceError):
    """An optional library is needed and not installed.

    Parameters
    ----------
    package : str
        Import name of the library.
    extra : str
        The extra of n3fit that installs it; empty for a library that comes with n3fit itself.
    """

    def __init__(self, package: str, extra: str) -> None:
        command = (
            f"pip install 'n3fit[{extra}]'"
            if extra
            else "it comes with n3fit: install n3fit again, or `pip install jax`"
        )
        super().__init__(f"{package} is not installed", hint=command)


class FitError(N3fitError):
    """The fit itself failed, for instance because too few replicas pass."""

    exit_code = 5


def n3fit_command(*words: object) -> str:
    """Return a command of n3fit as text that can be pasted into a shell.

    >>> n3fit_command("postfit", "my fits/a")
    "n3fit postfit 'my fits/a'"
    """
    return shlex.join(["n3fit", *map(str, words)])


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most similar to ``word``, ignoring case; None if none is similar.

    >>> nearest("epoch", ["epochs", "optimizer"])
    'epochs'
    """
    by_lower = {candidate.lower(): candidate for candidate in candidates}
    found = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """Return the hint ``did you mean 'x'?``, an empty string if no candidate is similar.

    >>> did_you_mean("Nadm", ["Adam", "Nadam"])
    "did you mean 'Nadam'?"
    """
    found = nearest(word, candidates)
    return f"did you mean {found!r}?" if found else ""
