"""The evolved replicas in ``nnfit/``, from which a PDF set of any choice of them is put together.

``nnfit/replica_N/<fit>.dat`` is the member of replica N, and ``nnfit/<fit>.info`` the description of a set without the
number of its members: the files that evolven3fit writes and that the program postfit of nnpdf needs. Those of n3fit are
hard links to the members of the PDF set in ``postfit/``, so that they take no space.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from n3fit import __version__
from n3fit.errors import DataError, OutputExistsError, ResourceError, n3fit_command
from n3fit.lhapdf.set_folder import open_set_folder
from n3fit.results.layout import EVOLUTION_LOG, SETS_FOLDER, format_replicas, replica_folder
from n3fit.storage import write_atomically
from n3fit.storage.json_files import read_text
from n3fit.typing import Floats

MEMBERS_PLACEHOLDER = "REPLACE_NREP"
"""Number of members in ``nnfit/<fit>.info``."""

_LARGEST_MEMBER = 256 * 2**20
_MEMBERS = re.compile(r"^NumMembers:.*$", re.MULTILINE)
_DASHES = re.compile(r"^[^\S\n]*---[^\S\n]*(?:\n|\Z)", re.MULTILINE)


def member_file(fit: Path, name: str, replica: int) -> Path:
    """Return the file of an evolved replica of the fit ``name``."""
    return replica_folder(fit, replica) / f"{name}.dat"


def info_file(fit: Path, name: str) -> Path:
    """Return the file that describes the evolved replicas."""
    return fit / "nnfit" / f"{name}.info"


def check_not_evolved(fit: Path, name: str) -> None:
    """Check that no replicas are evolved yet, by n3fit or nnpdf, whose set was then removed or is not chosen yet.

    Raises
    ------
    OutputExistsError
    """
    if info_file(fit, name).is_file() and not (fit / SETS_FOLDER / name).exists():
        choose = n3fit_command("postfit", fit)
        raise OutputExistsError(
            f"{info_file(fit, name)}: the replicas are evolved already",
            hint=f"choose those of the PDF set with `{choose}`, or evolve them again with --force",
            ways=[["--force"]],
        )


def share_members(fit: Path, name: str, set_folder: Path, replicas: Sequence[int]) -> None:
    """Make the members of the PDF set in ``set_folder`` the evolved replicas of the fit; those of before are removed.

    Parameters
    ----------
    fit : Path
    name : str
        Name of the fit and of the set.
    set_folder : Path
    replicas : sequence of int
        The replicas that the members 1, 2, ... are.

    Raises
    ------
    ResourceError
        The folder cannot be written to.
    """
    log = fit / EVOLUTION_LOG
    try:
        log.unlink(missing_ok=True)
        for old in (fit / "nnfit").glob(f"replica_*/{name}.dat"):
            old.unlink()
        for number, replica in enumerate(replicas, start=1):
            _share(set_folder / f"{name}_{number:04d}.dat", member_file(fit, name, replica))
    except OSError as error:
        raise ResourceError(
            f"{error.filename or fit}: cannot be written ({error.strerror or error})",
            hint="check the disk space and the permissions",
        ) from error
    write_atomically(info_file(fit, name), _with_members(set_folder / f"{name}.info", MEMBERS_PLACEHOLDER))
    write_atomically(log, f"n3fit {__version__}\nevolved: replicas {format_replicas(replicas)}\n")


def can_assemble(fit: Path, name: str, replicas: Sequence[int]) -> bool:
    """Return whether all of these replicas are evolved."""
    return info_file(fit, name).is_file() and all(member_file(fit, name, replica).is_file() for replica in replicas)


def assemble_set(fit: Path, name: str, replicas: Sequence[int]) -> Path:
    """Assemble the PDF set of evolved replicas in ``postfit/``, and return its folder; an older one is replaced.

    Member 0 is the mean of the numbers of the others.

    Raises
    ------
    DataError
        The members do not have the same grid.
    OutputExistsError, ResourceError
        The place holds something that is not a PDF set, or cannot be written to.
    """
    members = [member_file(fit, name, replica) for replica in replicas]
    with open_set_folder(fit / SETS_FOLDER / name, force=True) as target:
        write_atomically(target.staging / f"{name}_0000.dat", _mean_member(members))
        for number, member in enumerate(members, start=1):
            _share(member, target.staging / f"{name}_{number:04d}.dat")
        info = _with_members(info_file(fit, name), str(len(members) + 1))
        write_atomically(target.staging / f"{name}.info", info)
    return target.path


def _share(source: Path, target: Path) -> None:
    """Link a file to a second name; copy it where the system allows no hard links."""
    try:
        os.link(source, target)
    except (OSError, NotImplementedError):
        shutil.copyfile(source, target)


def _with_members(info: Path, members: str) -> str:
    """Return the text of an ``.info`` file with another number of members."""
    text, count = _MEMBERS.subn(f"NumMembers: {members}", read_text(info))
    if count != 1:
        raise DataError(f"{info}: expected one line NumMembers, received {count}", hint="make the PDF set again")
    return text


def _mean_member(members: Sequence[Path]) -> str:
    """Return the text of the member whose numbers are the mean of those of ``members``."""
    knots: list[str] = []
    total: list[Floats] = []
    for path in members:
        blocks = [block.split("\n", 3) for block in _DASHES.split(_read(path))[1:] if block.strip()]
        if any(len(block) < 4 for block in blocks):
            raise DataError(f"{path}: expected subgrids of four lines and more", hint="make the PDF set again")
        found = ["\n".join(block[:3]) for block in blocks]
        values = [_numbers(block[3], path) for block in blocks]
        if not total:
            knots, total = found, values
        elif found != knots or [len(part) for part in values] != [len(part) for part in total]:
            raise DataError(f"{path}: expected the grid of {members[0]}, received another", hint="evolve the fit again")
        else:
            total = [one + other for one, other in zip(total, values, strict=True)]
    lines = ["PdfType: central\nFormat: lhagrid1\n---\n"]
    for head, added in zip(knots, total, strict=True):
        columns = len(head.rpartition("\n")[2].split())
        mean = added / len(members)
        row = " ".join(["%.8e"] * columns) + "\n"
        lines += [head, "\n", (row * (len(mean) // columns)) % tuple(mean.tolist()), "---\n"]
    return "".join(lines)


def _read(path: Path) -> str:
    return read_text(path, limit=_LARGEST_MEMBER)


def _numbers(text: str, path: Path) -> Floats:
    try:
        return np.array(text.split(), dtype=np.float64)
    except ValueError as error:
        raise DataError(f"{path}: expected numbers ({error})", hint="make the PDF set again") from error
