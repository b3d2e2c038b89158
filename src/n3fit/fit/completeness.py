"""Everything that a runcard names and that is not there, found before any table is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from n3fit.data import CommonData
from n3fit.errors import DataError, MissingInputsError, N3fitError, TheoryError
from n3fit.storage.large_files import LFS_HINT, is_lfs_pointer
from n3fit.theory.kfactors import find_kfactor
from n3fit.theory.theories import Theory

T = TypeVar("T")

Request = tuple[CommonData, Sequence[str]]
"""A data set, and the names of its K-factors."""


@dataclass
class Problems:
    """Errors that are collected so that they are reported together."""

    errors: list[N3fitError] = field(default_factory=list)

    def attempt(self, action: Callable[[], T]) -> T | None:
        """Return the result of ``action``, or None when it failed because data or theory are missing."""
        try:
            return action()
        except (DataError, TheoryError) as error:
            self.errors.append(error)
            return None

    def require(self, action: Callable[[], T]) -> T:
        """Return the result of ``action``; when it fails, raise everything that was collected."""
        try:
            return action()
        except (DataError, TheoryError) as error:
            self.errors.append(error)
            self.raise_any()
            raise

    def raise_any(self) -> None:
        """Raise the error, or one with a line for each where there are several.

        Raises
        ------
        DataError, TheoryError
            There is a single one.
        MissingInputsError
            There are several.
        """
        if len(self.errors) == 1:
            raise self.errors[0]
        if self.errors:
            [(common, _)] = Counter(error.hint for error in self.errors).most_common(1)
            lines = [error.message if error.hint == common else str(error) for error in self.errors]
            raise MissingInputsError("\n".join(lines), hint=common)


def missing_files(theory: Theory, requests: Sequence[Request]) -> list[N3fitError]:
    """Return an error for each data set of which tables or K-factors are missing or Git-LFS pointers."""
    found = [_missing_for(theory, dataset, cfac) for dataset, cfac in requests]
    return [error for error in found if error is not None]


def _missing_for(theory: Theory, dataset: CommonData, cfac: Sequence[str]) -> TheoryError | None:
    where = f"{dataset.name}: theory {theory.identifier}"
    names = list(dict.fromkeys(name for operand in dataset.fk_names for name in operand))
    if not names:
        return TheoryError(f"{dataset.name}: the data library names no FK tables for this data set")
    factors = [(factor, name) for factor in dict.fromkeys(cfac) for name in names]
    wanted = {
        "tables": {name: theory.find_table(name) for name in names},
        "K-factors": {f"CF_{f}_{name}.dat": find_kfactor(theory.folder, f, name) for f, name in factors},
    }
    missing = {kind: [name for name, path in files.items() if path is None] for kind, files in wanted.items()}
    found = [path for files in wanted.values() for path in files.values() if path is not None]
    pointers = [path.name for path in found if is_lfs_pointer(path)]
    parts = [f"missing {kind}: {', '.join(absent)}" for kind, absent in missing.items() if absent]
    parts += [f"Git-LFS pointers instead of files: {', '.join(pointers)}"] if pointers else []
    if not parts:
        return None
    hint = f"put the files into {theory.folder}, use another theory, or take the data set out of the runcard"
    return TheoryError(f"{where}: {'; '.join(parts)}", hint=hint if any(missing.values()) else LFS_HINT)
