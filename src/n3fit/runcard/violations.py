"""Violations of the rules of a runcard, and the error that reports them together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from n3fit.errors import RuncardError
from n3fit.storage.key_path import KeyPath

MOST_VIOLATIONS = 20
"""Largest number of violations in one error."""


@dataclass(frozen=True)
class Violation:
    """A key that breaks a rule, and a message without the file and the key.

    ``missing`` says that the key is required and not there.
    """

    key: KeyPath
    message: str
    missing: bool = False

    @classmethod
    def expected(cls, key: KeyPath, expected: str, received: str, hint: str = "") -> Violation:
        """Build the violation ``expected ..., received ... (hint)``.

        >>> Violation.expected(("epochs",), "at least 1", "0").message
        'expected at least 1, received 0'
        """
        return cls(key, f"expected {expected}, received {received}" + (f" ({hint})" if hint else ""))


def violations_error(violations: Iterable[Violation], where: Callable[[KeyPath], str], name: str) -> RuncardError:
    """Return the error that lists violations, one line each.

    Parameters
    ----------
    violations : iterable of Violation
        In the order of the lines; repeated ones appear once, and those after the first 20 are left out.
    where : callable
        Returns the start of the line of a key, such as ``card.yml:3: epochs``.
    name : str
        The file, for the line that says that violations were left out.
    """
    lines = list(dict.fromkeys(f"{where(violation.key)}: {violation.message}" for violation in violations))
    more = [f"{name}: further errors not shown"] if len(lines) > MOST_VIOLATIONS else []
    return RuncardError("\n".join([*lines[:MOST_VIOLATIONS], *more]))
