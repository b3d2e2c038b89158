"""PDF sets: listing, describing, checking."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from n3fit.api.notebooks import shows_progress
from n3fit.api.pdf_results import PdfCheck, PdfDescription, PdfSubgrid, PdfSummary
from n3fit.paths import PathLike, SearchPaths
from n3fit.progress import ProgressReporter

if TYPE_CHECKING:
    from n3fit.lhapdf.pdf_sets import PDFSet


def list_pdfs(*, pdf_path: PathLike | None = None) -> list[PdfSummary]:
    """Return every PDF set on the search path, broken ones too; of several with one name that which would be loaded."""
    from n3fit.errors import DataError
    from n3fit.lhapdf.pdf_sets import PDFSet, find_sets

    summaries = []
    for folder in find_sets(SearchPaths.of(pdf_path=pdf_path).pdf_folders):
        try:
            pdf = PDFSet(folder)
            missing = pdf.missing_members()
            if missing:
                first = pdf.member_path(missing[0]).name
                raise DataError(f"{folder}: {len(missing)} of {pdf.members} members are missing, the first is {first}")
            central = pdf.read_member(0)
        except DataError as error:
            summaries.append(PdfSummary(name=folder.name, folder=folder, problem=error.message))
            continue
        grids = central.subgrids
        summaries.append(
            PdfSummary(
                name=pdf.name,
                folder=folder,
                members=pdf.members,
                error_type=str(pdf.info.get("ErrorType", "")),
                x_min=float(max(grid.x[0] for grid in grids)),
                q_min=float(grids[0].q[0]),
                q_max=float(grids[-1].q[-1]),
            )
        )
    return summaries


def describe_pdf(name: PathLike, *, pdf_path: PathLike | None = None) -> PdfDescription:
    """Return the description of a PDF set, given by its name on the search path or by its folder.

    Raises
    ------
    DataError
        There is no such set, its ``.info`` file is malformed, or its central member is broken.
    """
    from n3fit.theory.theory_card import order_name

    pdf = _load(name, pdf_path)
    info = pdf.info
    order = pdf.number("OrderQCD", -1)
    grids = pdf.member(0).subgrids
    return PdfDescription(
        name=pdf.name,
        folder=pdf.folder,
        description=str(info.get("SetDesc", "")),
        authors=_join(info.get("Authors", "")),
        members=pdf.members,
        error_type=str(info.get("ErrorType", "")),
        order=order_name(int(order)) if order >= 0 else "",
        alpha_s_mz=pdf.number("AlphaS_MZ", float("nan")),
        alpha_s_nodes=len(pdf.numbers("AlphaS_Vals")),
        flavours=grids[0].pids,
        subgrids=tuple(
            PdfSubgrid(
                x_nodes=len(grid.x),
                x_min=float(grid.x[0]),
                x_max=float(grid.x[-1]),
                q_nodes=len(grid.q),
                q_min=float(grid.q[0]),
                q_max=float(grid.q[-1]),
            )
            for grid in grids
        ),
    )


@shows_progress
def check_pdf(
    name: PathLike,
    *,
    pdf_path: PathLike | None = None,
    tolerance: float = 1e-3,
    progress: ProgressReporter | None = None,
) -> PdfCheck:
    """Read every member of a PDF set and check files, grids, flavours, coupling, sum rules and the central member.

    Parameters
    ----------
    name : str or path
        Its folder, or its name on the search path.
    pdf_path : Path, optional
        Folder of PDF sets, besides those that are always searched.
    tolerance : float
        Largest deviation of momentum and quark numbers.

    Raises
    ------
    DataError
        There is no such set, or its ``.info`` file is malformed.
    """
    from n3fit.lhapdf.set_check import check_set

    pdf = _load(name, pdf_path)
    rows, sums = check_set(pdf, tolerance=tolerance, progress=progress)
    return PdfCheck(name=pdf.name, folder=pdf.folder, tolerance=tolerance, rows=tuple(rows), sum_rules=tuple(sums))


def bundle_pdf(
    name: str,
    central: PathLike,
    lower: PathLike,
    upper: PathLike,
    *,
    output: PathLike | None = None,
    pdf_path: PathLike | None = None,
    force: bool = False,
) -> Path:
    """Write an alpha_s bundle, and return its folder; see :func:`n3fit.lhapdf.bundle.bundle_sets`.

    Parameters
    ----------
    name : str
        Name of the new set.
    central, lower, upper : path or str
        PDF sets by name or folder: of all members, and of lower and higher alpha_s.
    output : path, optional
        Folder of PDF sets for it; by default that of the user, which is always searched.
    pdf_path : path, optional
        Folder of PDF sets, besides those that are always searched.
    force : bool
        Replace an existing set.

    Raises
    ------
    N3fitError
        A set is missing or damaged, the three do not belong together, or the new one exists and ``force`` is false.
    """
    from n3fit.lhapdf.bundle import bundle_sets
    from n3fit.lhapdf.pdf_sets import user_sets_folder

    sets = [_load(source, pdf_path) for source in (central, lower, upper)]
    return bundle_sets(name, *sets, output=user_sets_folder() if output is None else Path(output), force=force)


def _load(source: PathLike, pdf_path: PathLike | None) -> PDFSet:
    """Return the set in a folder, or that of a name on the search path."""
    from n3fit.lhapdf.pdf_sets import PDFSet, load_pdf_set

    folder = Path(source).expanduser().resolve()
    if (folder / f"{folder.name}.info").is_file():
        return PDFSet(folder)
    return load_pdf_set(str(source), SearchPaths.of(pdf_path=pdf_path).pdf_folders)


def _join(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
