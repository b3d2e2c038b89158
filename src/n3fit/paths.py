"""Paths of users: what public functions accept, and where theories, PDF sets and data are searched."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PathLike = str | os.PathLike[str]
"""What public functions accept for a path."""

PUNCTUATION = "._+-"
"""Characters of names besides letters and digits."""

_LONGEST_NAME = 200


@dataclass(frozen=True)
class SearchPaths:
    """Folders that are searched besides those that always are.

    Parameters
    ----------
    theories, pdf_sets, data : Path or None
        Of theories, PDF sets, and data sets of the user.
    """

    theories: Path | None = None
    pdf_sets: Path | None = None
    data: Path | None = None

    @classmethod
    def of(
        cls,
        theory_path: PathLike | None = None,
        pdf_path: PathLike | None = None,
        data_path: PathLike | None = None,
    ) -> SearchPaths:
        """Return the search paths of the arguments of a public function."""
        return cls(theories=as_path(theory_path), pdf_sets=as_path(pdf_path), data=as_path(data_path))

    @property
    def pdf_folders(self) -> Sequence[Path]:
        """The folder of PDF sets, if there is one."""
        return () if self.pdf_sets is None else (self.pdf_sets,)


def as_path(value: PathLike | None) -> Path | None:
    """Return a path, None for None."""
    return None if value is None else Path(value)


def is_plain_name(name: str) -> bool:
    """Return whether a name stands for one file or folder everywhere.

    It has letters and digits of ASCII and ``. _ + -`` only, a letter or digit first, and at most 200 of them.

    >>> is_plain_name("NNPDF40_nnlo_as_01180"), is_plain_name("../400")
    (True, False)
    """
    plain = name.isascii() and all(character.isalnum() or character in PUNCTUATION for character in name)
    return plain and name[:1].isalnum() and len(name) <= _LONGEST_NAME
