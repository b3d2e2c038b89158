"""The files of a fit folder, the name of a fit, and the checks of the place for its folder."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from n3fit.errors import CommandLineError, ResourceError
from n3fit.storage.files import resolve_folder
from n3fit.storage.staging import check_replaceable

MANIFEST = "manifest.json"
"""Origin of the fit, and size and checksum of its files."""

RUNCARD = "filter.yml"
"""The runcard as the user wrote it."""

DESCRIPTION = "fit.json"
ARRAYS = "fit.safetensors"
RESIDUALS = "residuals.safetensors"
CLOSURE = "closure.safetensors"
THEORY_COVARIANCE = "theory_covariance.safetensors"
POSTFIT = "postfit.json"

SETS_FOLDER = "postfit"
"""Folder of the PDF sets in a fit folder."""

POSTFIT_LOG = "postfit.log"
"""File in ``postfit/`` whose presence says that the choice there is complete."""

VETO_COUNT = "veto_count.json"
"""File in ``postfit/`` with the replicas that pass each veto."""

EVOLUTION_LOG = "evolven3fit.log"
"""Its presence says that the replicas in ``nnfit/`` are evolved."""

LONGEST_NAME = 180
_ELSEWHERE = "choose another folder with --output"


def fit_name(folder: Path) -> str:
    """Return the name of the fit in ``folder``: the folder's own name, that of the link if it is one.

    Raises
    ------
    CommandLineError
        The name cannot be the name of a file.
    """
    name = folder.name if folder.name not in ("", "..") else resolve_folder(folder).name
    check_fit_name(name)
    return name


def check_fit_name(name: str) -> None:
    """Check that a name can be that of a file everywhere: not empty, hidden, with separators or control characters.

    Spaces inside are fine.

    Raises
    ------
    CommandLineError
    """
    problem = ""
    if not name.strip():
        problem = "is empty"
    elif name != name.strip():
        problem = "begins or ends with a space"
    elif name[0] in ".-":
        problem = f"begins with {name[0]!r}"
    elif any(character in "/\\" or unicodedata.category(character).startswith("C") for character in name):
        problem = "has a path separator or a control character"
    elif len(os.fsencode(name)) > LONGEST_NAME:
        problem = f"is longer than {LONGEST_NAME} bytes"
    if problem:
        raise CommandLineError(
            f"the name of the fit {problem}: {name[:80]!r}", hint="the last part of --output names the fit"
        )


def prepare_folder(folder: Path, *, force: bool = False) -> Path:
    """Check, before training, that a fit can be written to ``folder``; only its parents are created.

    Returns
    -------
    Path
        The absolute folder, links followed.

    Raises
    ------
    CommandLineError
        The folder's name cannot be the name of a fit.
    OutputExistsError
        A fit is there and ``force`` is not given, or something is there that is not a fit.
    ResourceError
        The place cannot be written to.
    """
    fit_name(folder)
    target = resolve_folder(folder)
    check_free(target, force=force)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResourceError(
            f"{target.parent}: cannot be created ({error.strerror or error})",
            hint=_ELSEWHERE,
        ) from error
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise ResourceError(f"{target.parent}: no permission to write", hint=_ELSEWHERE)
    return target


def check_free(target: Path, *, force: bool) -> None:
    """Check that a place is free; a fit is replaced only when forced, and anything else never.

    Raises
    ------
    OutputExistsError
    """
    check_replaceable(target, "fit", present=is_fit_folder(target), force=force, elsewhere=_ELSEWHERE)


def is_fit_folder(folder: Path) -> bool:
    """Return whether ``folder`` holds a fit of n3fit."""
    return (folder / MANIFEST).is_file() and (folder / RUNCARD).is_file()


def identity_file(folder: Path) -> Path:
    """Return the file of a fit by whose checksum others know it: the manifest, or the runcard of a fit of nnpdf."""
    manifest = folder / MANIFEST
    return manifest if manifest.is_file() else folder / RUNCARD


def format_replicas(numbers: Iterable[int], dash: str = "-") -> str:
    """Write replica numbers briefly: ``1-20, 25``."""
    groups: list[list[int]] = []
    for value in sorted(numbers):
        if groups and value == groups[-1][-1] + 1:
            groups[-1].append(value)
        else:
            groups.append([value])
    return ", ".join(str(group[0]) if len(group) == 1 else f"{group[0]}{dash}{group[-1]}" for group in groups)


def replica_path(replica: int) -> str:
    """Return the path of the folder of a replica in a fit folder, with ``/`` between its parts."""
    return f"nnfit/replica_{replica}"


def replica_folder(path: Path, replica: int) -> Path:
    """Return the folder of a replica in the fit folder ``path``."""
    return path / replica_path(replica)
