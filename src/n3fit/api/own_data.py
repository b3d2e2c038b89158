"""Data sets of the user: writing skeletons, checking and showing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.defaults import NEW_DATA_POINTS, NEW_DATA_PROCESS
from n3fit.errors import CommandLineError, DataError, OutputExistsError
from n3fit.paths import PathLike, as_path

if TYPE_CHECKING:
    from n3fit.data.checks.findings import Finding
    from n3fit.data.checks.set_check import SetCheck, VariantCheck
    from n3fit.data.description import DatasetDescription
    from n3fit.theory.theories import Theory

FIGURE_TYPES = (".svg", ".png", ".pdf")


@dataclass(frozen=True)
class DataCheck:
    """The result of a check of data sets.

    Parameters
    ----------
    sets : tuple of SetCheck
    theory : str
        The theory whose tables were looked for; empty for none.
    """

    sets: tuple[SetCheck, ...]
    theory: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Problems and notes of all sets."""
        return tuple(entry for found in self.sets for entry in found.findings)

    @property
    def variants(self) -> tuple[VariantCheck, ...]:
        """The data sets and variants that could be read."""
        return tuple(entry for found in self.sets for entry in found.variants)

    @property
    def passed(self) -> bool:
        """Whether there are no problems."""
        return all(found.passed for found in self.sets)


def data_new(
    name: str,
    *,
    output: PathLike | None = None,
    points: int = NEW_DATA_POINTS,
    process: str = NEW_DATA_PROCESS,
    systematics: Sequence[str] | None = None,
) -> Path:
    """Write the commented files of a new data set with imaginary numbers, and return the folder of its set.

    Parameters
    ----------
    name : str
        ``EXPERIMENT_PROCESS_ENERGY_OBSERVABLE``, such as ``MYEXP_NC_318GEV_EM-SIGMARED``.
    output : path, optional
        Folder of data sets, in which that of the set is written; by default the working directory.
    points : int
        Number of points of the skeleton.
    process : str
        Process type.
    systematics : sequence of str, optional
        ``NAME``, ``NAME:ADD`` or ``NAME:MULT``, and perhaps ``:TYPE`` after it; by default one of each kind.

    Raises
    ------
    CommandLineError
        The name or another argument is not valid.
    OutputExistsError
        The folder of the set exists.
    """
    from n3fit.data.skeleton import write_skeleton

    return write_skeleton(
        name, Path() if output is None else Path(output), points=points, process=process, systematics=systematics
    )


def data_check(
    target: PathLike,
    *,
    theory: str | PathLike | None = None,
    theory_path: PathLike | None = None,
    data_path: PathLike | None = None,
) -> DataCheck:
    """Check the files of data sets, and return everything that is wrong.

    Parameters
    ----------
    target : path or str
        The folder of a set (with ``metadata.yaml``), a folder of sets, or the name of a data set or set.
    theory : str or path, optional
        A theory by name or folder: the FK tables must be there, with a row for each point.
    theory_path, data_path : path, optional
        Folders with theories and with own data sets, besides those that are always searched.

    Raises
    ------
    DataError
        There is no such data set.
    TheoryError
        There is no such theory.
    """
    from dataclasses import replace

    from n3fit.data.checks.set_check import check_set
    from n3fit.theory.dataset_tables import check_tables_of_set

    opened = None if theory is None else _open_theory(theory, as_path(theory_path))
    checks = []
    for folder, observable in _sets_of(target, as_path(data_path)):
        found = check_set(folder, observable=observable)
        if found.passed:
            more = check_tables_of_set(found.folder, opened, observable=observable)
            found = replace(found, findings=(*found.findings, *more))
        checks.append(found)
    return DataCheck(tuple(checks), "" if opened is None else opened.identifier)


def data_show(
    name: str,
    *,
    variant: str | None = None,
    output: PathLike | None = None,
    data_path: PathLike | None = None,
    force: bool = False,
) -> DatasetDescription:
    """Return a data set in numbers, and draw it.

    Parameters
    ----------
    name : str
        Of a data set of nnpdf-data or the user.
    variant : str, optional
        A variant of the set; by default the set as it is without one.
    output : path, optional
        The file of the figure, ``.svg``, ``.png`` or ``.pdf``: points with uncertainties, and their correlations.
    data_path : path, optional
        Folder with own data sets, besides those that are always searched.
    force : bool
        Replace an existing file.

    Raises
    ------
    DataError
        There is no such data set, or it is broken.
    CommandLineError, OutputExistsError
        The figure has another suffix, or exists and ``force`` is false.
    """
    from n3fit.data.description import describe_dataset

    place = as_path(output)
    if place is not None and place.suffix.lower() not in FIGURE_TYPES:
        raise CommandLineError(f"output: expected a file {', '.join(FIGURE_TYPES)}, received {place}")
    if place is not None and place.exists() and not force:
        raise OutputExistsError(f"{place}: exists already", hint="choose another file, or replace it with --force")
    description, dataset = describe_dataset(name, variant, path=as_path(data_path))
    if place is not None:
        if description.covariance is None:
            raise DataError(f"{description.name}: a positivity or integrability set has no data that could be drawn")
        from n3fit.report.dataset_plots import dataset_figure
        from n3fit.report.figure_files import save_figure

        save_figure(dataset_figure(dataset), place)
    return description


def _open_theory(theory: str | PathLike, path: Path | None) -> Theory:
    from n3fit.theory.theories import open_theory, open_theory_folder

    folder = Path(theory)
    return open_theory_folder(folder) if (folder / "fastkernel").is_dir() else open_theory(str(theory), path=path)


def _sets_of(target: PathLike, path: Path | None) -> list[tuple[Path, str | None]]:
    """Return the folders of sets, each with the observable to check or None for all.

    Raises
    ------
    DataError
        There is none.
    """
    from n3fit.data.library import library_folder, unknown_dataset
    from n3fit.data.own_data import METADATA, all_names, find_root, own_folders

    place = Path(target)
    if place.name == METADATA and place.is_file():
        return [(place.parent, None)]
    if (place / METADATA).is_file():
        return [(place, None)]
    if place.is_dir():
        found = sorted(entry.parent for entry in place.glob(f"*/{METADATA}"))
        if not found:
            raise DataError(f"{place}: expected {METADATA} there or in a folder inside, found none")
        return [(folder, None) for folder in found]
    name = str(target)
    for root in (*own_folders(path), library_folder()):
        if "/" not in name and (root / name / METADATA).is_file():
            return [(root / name, None)]
    known = all_names(path)
    if name not in known:
        roots = ", ".join(str(root) for root in (*own_folders(path), library_folder()))
        raise unknown_dataset(name, known, f"{roots}, and no such folder")
    folder, _, observable = name.rpartition("_")
    return [(find_root(name, None, path) / folder, observable)]
