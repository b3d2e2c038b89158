"""Theories: building, listing, checking."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.paths import PathLike, as_path
from n3fit.progress import ProgressReporter

if TYPE_CHECKING:
    from n3fit.theory.tables.check import CheckReport


@dataclass(frozen=True)
class TheorySummary:
    """One theory that a runcard can name; ``order`` is that of the evolution, such as NNLO."""

    identifier: str
    folder: Path
    description: str
    order: str
    q0: float
    tables: int


def build_theory(
    output: PathLike, *, jobs: int = 2, resume: bool = True, progress: ProgressReporter | None = None
) -> Path:
    """Build the theory of the embedded data sets; see ``n3fit.theory.tables.build``."""
    from n3fit.theory.tables.build import build_theory as build

    return build(Path(output), jobs=jobs, resume=resume, progress=progress)


def list_theories(*, theory_path: PathLike | None = None) -> list[TheorySummary]:
    """Return every theory that a runcard can name; a broken card or manifest is an error that names the file."""
    from n3fit.theory.theories import available_theories, open_theory

    folder = as_path(theory_path)
    summaries = []
    for identifier in available_theories(folder):
        theory = open_theory(identifier, path=folder)
        summaries.append(
            TheorySummary(
                identifier=theory.identifier,
                folder=theory.folder,
                description=str(theory.card.get("Comments", "")),
                order="N" * int(theory.card.get("PTO", 0)) + "LO",
                q0=theory.q0,
                tables=len(theory.table_names()),
            )
        )
    return summaries


def check_theory(
    theoryid: int | str, *, theory_path: PathLike | None = None, progress: ProgressReporter | None = None
) -> CheckReport:
    """Compare the tables of a theory with an independent calculation; see ``n3fit.theory.tables.check``."""
    from n3fit.theory.tables.check import check_theory as compare
    from n3fit.theory.theories import open_theory

    return compare(open_theory(theoryid, path=as_path(theory_path)).folder, progress=progress)
