"""Theories: building, listing, checking."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from n3fit.api.notebooks import shows_progress
from n3fit.defaults import BUILD_JOBS, THEORY_TOLERANCE
from n3fit.paths import PathLike, as_path
from n3fit.progress import ProgressReporter

if TYPE_CHECKING:
    from n3fit.theory.tables.checks.results import CheckReport


@dataclass(frozen=True)
class TheorySummary:
    """One theory that a runcard can name, or one on a server.

    ``order`` is that of the evolution, such as NNLO; ``evolution`` has the settings that the evolution of n3fit lacks.
    Of a broken theory ``problem`` says what is wrong, and the rest is empty. A theory on a server has an ``address``,
    and the ``folder`` to which it would be fetched; order, scale and description are those of its card in nnpdf-data,
    if there is one.
    """

    identifier: str
    folder: Path
    description: str = ""
    order: str = ""
    q0: float = float("nan")
    tables: int = 0
    evolution: tuple[str, ...] = ()
    problem: str = ""
    address: str = ""


@shows_progress
def build_theory(
    card: PathLike | int,
    *,
    settings: Sequence[str] = (),
    output: PathLike | None = None,
    name: str | None = None,
    tables: Sequence[str] = (),
    datasets: Sequence[str] = (),
    grids: PathLike | None = None,
    jobs: int = BUILD_JOBS,
    resume: bool = True,
    scale_variations: int | None = None,
    progress: ProgressReporter | None = None,
) -> Path:
    """Build the theory of a card: its deep-inelastic tables, or those of PineAPPL grids.

    Parameters
    ----------
    card : path, str or int
        A card file, or the number or name of a theory, such as 708 of nnpdf-data or ``dis_nnlo`` of the package.
    settings : sequence of str
        Keys to replace, such as ``AlphaS=0.119``.
    output : path, optional
        The folder, named ``theory_<ID>``; by default in the user's folder of theories, where fits find it.
    name : str, optional
        The ID; by default that of the card, with the replaced keys, such as ``708_alphas0.119``.
    tables, datasets : sequence of str
        Names of the tables to build, and of data sets of which all are built; by default all tables.
    grids : path, optional
        A folder with PineAPPL grids: each of them is evolved into a table, and no other tables are built.
    jobs : int
        Number of processes.
    resume : bool
        Whether to keep existing tables.
    scale_variations : int, optional
        Build the theories of the prescription with 7 or 9 points too, and record them for ``theorycovmatconfig``.
    progress : ProgressReporter, optional
        Receives phases, steps and messages; in notebooks a bar by default.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    TheoryError
        The card cannot be read or built, or the name cannot be that of a folder.
    OutputExistsError
        The folder contains another finished theory.
    """
    from n3fit.errors import TheoryError
    from n3fit.theory.capabilities import check_building, check_evolution
    from n3fit.theory.cards import load_card
    from n3fit.theory.tables.build import build_theory as build
    from n3fit.theory.tables.card_keys import check_card, idle_keys
    from n3fit.theory.tables.grids.build import build_from_grids
    from n3fit.theory.tables.grids.notes import idle_keys_of_grids
    from n3fit.theory.tables.specifications import select_tables
    from n3fit.theory.tables.variations import build_variations
    from n3fit.theory.theory_names import choose_folder

    source = os.fspath(card) if not isinstance(card, int) else str(card)
    content = load_card(source, settings=settings)
    parameters = check_card(content, source=source)
    (check_building if grids is None else check_evolution)(parameters, source=source)
    if grids is not None and (tables or datasets):
        raise TheoryError(
            "tables and datasets choose among the deep-inelastic tables, received both them and a folder of grids",
            hint="put these grids into a folder of their own",
        )
    identifier, folder = choose_folder(source, content, settings=settings, output=as_path(output), name=name)
    if str(content.get("ID")) != identifier:
        content["ID"] = identifier
    idle = idle_keys(content) if grids is None else idle_keys_of_grids(content)
    if idle and progress is not None:
        progress.message(f"keys of the card without effect on its tables: {', '.join(idle)}")
    options: dict[str, Any] = {"jobs": jobs, "resume": resume, "progress": progress}
    chosen = select_tables(tables=tables, datasets=datasets) if grids is None else None
    if scale_variations is not None:
        return build_variations(
            folder, card=content, points=scale_variations, tables=chosen, grids=as_path(grids), **options
        )
    if grids is not None:
        return build_from_grids(parameters, Path(grids), folder, card_mapping=content, **options)
    return build(folder, card=content, tables=chosen, **options)


def list_theories(*, theory_path: PathLike | None = None, remote: bool = False) -> list[TheorySummary]:
    """Return every theory that a runcard can name, broken ones too; or those that the servers list.

    Parameters
    ----------
    theory_path : Path, optional
        Folder of theories, besides those that are always searched.
    remote : bool
        Return those that ``get_theory`` can fetch instead.

    Raises
    ------
    CommandLineError
        Both are given.
    TheoryError
        No server has a list that can be read.
    """
    from n3fit.errors import CommandLineError, N3fitError
    from n3fit.theory.theory_folders import available_theories

    if remote and theory_path is not None:
        raise CommandLineError("expected remote or theory_path, received both: servers do not depend on a folder")
    if remote:
        return _list_remote_theories()
    path = as_path(theory_path)
    summaries = []
    for identifier, folder in available_theories(path).items():
        try:
            summaries.append(_summarise(identifier, path))
        except N3fitError as error:
            summaries.append(TheorySummary(identifier=identifier, folder=folder, problem=error.message))
    return summaries


def _list_remote_theories() -> list[TheorySummary]:
    from n3fit.errors import TheoryError
    from n3fit.fetching.theories import list_remote_theories
    from n3fit.theory.theories import read_theory_card
    from n3fit.theory.theory_card import order_name
    from n3fit.theory.theory_folders import user_theories_folder

    summaries = []
    for identifier, address in list_remote_theories().items():
        summary = TheorySummary(identifier, user_theories_folder() / f"theory_{identifier}", address=address)
        with suppress(TheoryError):  # there is no card here
            card = read_theory_card(identifier)
            order = order_name(card["PTO"]) if isinstance(card.get("PTO"), int) else ""
            comments = str(card.get("Comments", ""))
            summary = replace(summary, order=order, q0=float(card["Q0"]), description=comments)
        summaries.append(summary)
    return summaries


def _summarise(identifier: str, path: Path | None) -> TheorySummary:
    from n3fit.theory.capabilities import evolution_obstacles
    from n3fit.theory.theories import open_theory
    from n3fit.theory.theory_card import TheoryCard, order_name

    theory = open_theory(identifier, path=path)
    card = TheoryCard.from_mapping(theory.card, source=str(theory.folder))
    return TheorySummary(
        identifier=theory.identifier,
        folder=theory.folder,
        description=str(theory.card.get("Comments", "")),
        order=order_name(card.PTO) if "PTO" in theory.card else "",
        q0=theory.q0,
        tables=len(theory.table_names()),
        evolution=tuple(evolution_obstacles(card)),
    )


@shows_progress
def check_theory(
    theory: int | PathLike,
    *,
    theory_path: PathLike | None = None,
    grids: PathLike | None = None,
    tolerance: float = THEORY_TOLERANCE,
    every: int = 1,
    data_path: PathLike | None = None,
    progress: ProgressReporter | None = None,
) -> CheckReport:
    """Compare the tables of a theory with independent calculations, and list the data sets that it can fit.

    See ``n3fit.theory.tables.check``.

    Parameters
    ----------
    theory : int, str or Path
        The number or name of a theory, or a folder with ``fastkernel/``.
    theory_path : str or Path, optional
        Folder with theories.
    grids : str or Path, optional
        Folder with the PineAPPL grids of the tables.
    tolerance : float
        Largest relative deviation that passes.
    every : int
        Only every n-th virtuality and every n-th bin of a grid is calculated.
    data_path : str or Path, optional
        Folder with data sets of the user, besides those that are always searched.
    progress : ProgressReporter, optional
        Receives phases, steps and messages; in notebooks a bar by default.
    """
    from n3fit.theory.tables.check import check_theory as compare
    from n3fit.theory.theories import open_theory, open_theory_folder

    if isinstance(theory, os.PathLike) or "/" in str(theory) or (Path(str(theory)) / "fastkernel").is_dir():
        opened = open_theory_folder(Path(str(theory)).expanduser())
    else:
        opened = open_theory(str(theory), path=as_path(theory_path))
    return compare(
        opened,
        grids=as_path(grids),
        tolerance=tolerance,
        every=every,
        data_path=as_path(data_path),
        progress=progress,
    )
