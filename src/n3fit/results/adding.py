"""Adding replicas to an existing fit."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from n3fit.errors import CommandLineError, DataError, N3fitError
from n3fit.results import FitFolder, merge_fits
from n3fit.results.closure_arrays import check_joinable
from n3fit.results.layout import format_replicas
from n3fit.results.reader import read_fit_folder


def open_fit_of_card(folder: Path, runcard_text: str) -> FitFolder:
    """Open the fit in ``folder`` and check that it is of a runcard.

    Raises
    ------
    CommandLineError
        The fit is of another runcard or of nnpdf.
    DataError, ResourceError
        There is no complete fit.
    """
    fit = read_fit_folder(folder, checksums=True, use_postfit=False)
    if fit.absent:
        raise CommandLineError(
            f"{folder}: is a fit of nnpdf, to which no replicas are added", hint="choose another folder with --output"
        )
    if fit.runcard_text != runcard_text:
        raise CommandLineError(
            f"{folder}: is the fit of another runcard, see {folder / 'filter.yml'}",
            hint="replicas are added to a fit of the same runcard only, comments included",
        )
    return fit


def open_to_add(folder: Path, runcard_text: str, numbers: Sequence[int]) -> FitFolder:
    """Open the fit in ``folder`` and check that replicas with these numbers can be added.

    Raises
    ------
    CommandLineError
        The fit is of another runcard or of nnpdf, is a closure test of an earlier version, or has some of the replicas.
    DataError, ResourceError
        There is no complete fit.
    """
    fit = open_fit_of_card(folder, runcard_text)
    check_joinable(fit)
    present = sorted(set(numbers) & {int(number) for number in fit.replicas})
    if present:
        first = max(int(number) for number in fit.replicas) + 1
        others = f"{first}-{first + len(numbers) - 1}"
        raise CommandLineError(
            f"{folder}: has replicas {format_replicas(present)} already",
            hint=f"give others, such as --replicas {others}",
            ways=[["--replicas", others]],
        )
    return fit


def addition_folder(folder: Path, numbers: Sequence[int]) -> Path:
    """Return the folder, beside that of the fit, of the new replicas until they are added."""
    return folder.with_name(f"{folder.name}.replicas-{numbers[0]}-{numbers[-1]}")


def check_inputs(fit: FitFolder, hashes: Mapping[str, str]) -> None:
    """Check that the inputs of a fit are still what they were.

    Raises
    ------
    DataError
        Data, theory or another input has another checksum; it is named.
    """
    changed = sorted(
        name for name in {*fit.manifest.inputs, *hashes} if fit.manifest.inputs.get(name) != hashes.get(name)
    )
    if changed:
        raise DataError(
            f"{fit.path}: was made with other inputs: {', '.join(changed)}",
            hint="fit into a new folder, or use the data and theory of that fit",
        )


def add_replicas(fit: FitFolder, added: FitFolder) -> FitFolder:
    """Place the replicas of ``added`` into the folder of ``fit``, and remove the folder that they came from.

    Raises
    ------
    N3fitError
        They cannot be merged; both fits stay as they were.
    """
    try:
        merged = merge_fits([fit, added], fit.path, status=added.manifest.status, force=True)
    except N3fitError as error:
        error.hint = f"{error.hint + '; ' if error.hint else ''}the new replicas are kept in {added.path}"
        raise
    shutil.rmtree(added.path, ignore_errors=True)
    return merged
