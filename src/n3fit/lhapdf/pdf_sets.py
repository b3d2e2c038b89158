"""PDF sets in the LHAPDF format on disk, for t0, predictions and comparisons."""

from __future__ import annotations

import logging
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from n3fit.data.nnpdf_profile import beside_python
from n3fit.errors import DataError, nearest
from n3fit.lhapdf.grid import EDGE, GridMember
from n3fit.lhapdf.member_file import read_member
from n3fit.lhapdf.set_names import parse_set_name
from n3fit.paths import is_plain_name
from n3fit.storage import data_directory
from n3fit.storage.json_files import read_text
from n3fit.storage.yaml_files import parse_yaml
from n3fit.typing import Floats

logger = logging.getLogger(__name__)

VARIABLES = ("N3FIT_PDF_PATH", "LHAPDF_DATA_PATH", "LHAPATH")
"""Environment variables with folders of PDF sets, separated as in PATH."""

EMBEDDED = Path(__file__).parent.parent / "resources" / "pdf_sets"
"""Folder of the PDF sets that come with n3fit."""


class PDFSet:
    """A PDF set on disk; its members are read when they are first used.

    Parameters
    ----------
    folder : Path
        The folder of the set; its name is the name of the set.
    only : int, optional
        A member that stands for the set: its central member, and the only one.

    Raises
    ------
    DataError
        The ``.info`` file is missing or malformed, or there is no such member.
    """

    def __init__(self, folder: Path, *, only: int | None = None) -> None:
        self.name = folder.name if only is None else f"{folder.name}/{only}"
        self.folder = folder
        self.info: dict[str, Any] = _read_info(folder)
        self.members: int = self.info["NumMembers"]
        self._first = 0
        self._read: dict[int, GridMember] = {}
        self._continued = False
        if only is not None:
            self._check_number(only)
            self._first, self.members = only, 1

    def _check_number(self, number: int) -> None:
        if not 0 <= number < self.members:
            raise DataError(
                f"{self.name}: member {number} requested, the set has {self.members} members (0 to {self.members - 1})"
            )

    def member(self, number: int) -> GridMember:
        """Return one member, 0 being the central one.

        Raises
        ------
        DataError
            The set has fewer members, or the file of this one is missing or broken.
        """
        self._check_number(number)
        if number not in self._read:
            self._read[number] = self.read_member(number)
        return self._read[number]

    def member_path(self, number: int) -> Path:
        """Return the file of a member; it may not exist."""
        return self.folder / f"{self.folder.name}_{self._first + number:04d}.dat"

    def missing_members(self) -> list[int]:
        """Return the numbers of the members that have no file."""
        return [number for number in range(self.members) if not self.member_path(number).is_file()]

    def read_member(self, number: int) -> GridMember:
        """Read one member without keeping it in memory."""
        path = self.member_path(number)
        if not path.is_file():
            raise DataError(
                f"{path}: missing; the .info file has NumMembers: {self.info['NumMembers']}",
                hint="install the set again",
            )
        return read_member(path)

    def number(self, key: str, default: float) -> float:
        """Return a number of the ``.info`` file, or ``default`` where the file has none.

        Raises
        ------
        DataError
            The entry is something else.
        """
        (value,) = self._numbers(key, [self.info.get(key, default)])
        return value

    def numbers(self, key: str) -> list[float]:
        """Return a list of numbers of the ``.info`` file, empty where the file has none.

        Raises
        ------
        DataError
            The entry is something else.
        """
        return self._numbers(key, self.info.get(key, []))

    def _numbers(self, key: str, values: Any) -> list[float]:
        if isinstance(values, list):
            wrong = [value for value in values if isinstance(value, bool) or not isinstance(value, int | float)]
        else:
            wrong = [values]
        if wrong:
            raise DataError(f"{self.folder / self.folder.name}.info: {key}: expected a number, received {wrong[0]!r}")
        return [float(value) for value in values]

    def xfx(self, pids: Sequence[int], x: npt.ArrayLike, q: float, member: int = 0) -> Floats:
        """Compute x f(x, Q); below the smallest x of the grid it is continued as LHAPDF does, with a warning.

        Parameters
        ----------
        pids : sequence of int
            PDG numbers; 21 (or 0) is the gluon, 22 the photon. Flavours that the set does not have are zero.
        x : array (nx,)
            Momentum fractions.
        q : float
            Scale in GeV.
        member : int
            0 is the central member.

        Returns
        -------
        array (npids, nx)

        Raises
        ------
        DataError
            A point lies outside the grid of the set (but for small x), or the member is missing.
        """
        points = np.atleast_1d(np.asarray(x, dtype=np.float64))
        grid = self.member(member)
        values = grid.xfx(pids, points, float(q), extrapolate=True)
        lowest = float(grid.subgrid(float(q)).x[0])
        if not self._continued and points.size and points.min() < lowest * (1.0 - EDGE):
            self._continued = True
            logger.warning(
                "the PDF set %s ends at x = %.3g: at smaller x, down to %.3g, it is continued as LHAPDF does",
                self.name, lowest, points.min(),
            )  # fmt: skip
        return values


def load_pdf_set(name: str, paths: Sequence[Path] = ()) -> PDFSet:
    """Return a PDF set by name.

    Searched are ``paths``, the folders of ``$N3FIT_PDF_PATH``, ``$LHAPDF_DATA_PATH`` and ``$LHAPATH``, those of an
    installation of LHAPDF, those that were fetched, and the sets that come with n3fit, in this order.

    Parameters
    ----------
    name : str
        The name, ``name/3`` for its member 3 alone, or the number of a member in LHAPDF's index file (LHAID).
    paths : sequence of Path

    Raises
    ------
    DataError
        There is no such set (the message has the folders and the nearest name), or it is malformed.
    """
    folders = search_folders(paths)
    wanted, only = parse_set_name(name, folders)
    if wanted and Path(wanted).name == wanted:
        for folder in folders:
            if (folder / wanted / f"{wanted}.info").is_file():
                return PDFSet(folder / wanted, only=only)
    places = ", ".join(str(folder) for folder in folders)
    hint = _locate_here(wanted) or _suggest_set(wanted, available_sets(paths))
    raise DataError(f"the PDF set {wanted!r} is not in any of {places}", hint=hint)


def _locate_here(wanted: str) -> str:
    """Return how to name a set that is there: ``wanted`` is its folder, or that of a fit which has it."""
    here = Path(wanted)
    for folder in (here, *here.glob(f"*/{here.name}")) if here.name else ():
        if (folder / f"{folder.name}.info").is_file():
            option = shlex.join(["--pdf-path", str(folder.parent)])
            return f"it is in {folder.parent}: name it {folder.name}, with the option {option}"
    return ""


def _suggest_set(wanted: str, known: Sequence[str]) -> str:
    near = nearest(wanted, known)
    return (
        (f"did you mean {near!r}? " if near else "")
        + (f"fetch it with `n3fit pdf get {wanted}`, " if is_plain_name(wanted) else "")
        + f"put the folder of the set there or set ${VARIABLES[0]}"
    )


def available_sets(paths: Sequence[Path] = ()) -> list[str]:
    """Return the names of all PDF sets that :func:`load_pdf_set` finds, sorted."""
    infos = (info for folder in search_folders(paths) for info in folder.glob("*/*.info"))
    return sorted({info.stem for info in infos if info.stem == info.parent.name})


def find_sets(paths: Sequence[Path] = ()) -> list[Path]:
    """Return the folders of all PDF sets, sorted by name; of several with the same name the one that is loaded.

    A folder counts when it has the ``.info`` file or the central member of a set, complete or not.
    """
    found: dict[str, Path] = {}
    for folder in search_folders(paths):
        if folder.is_dir():
            for entry in sorted(folder.iterdir()):
                if any((entry / f"{entry.name}{ending}").is_file() for ending in (".info", "_0000.dat")):
                    found.setdefault(entry.name, entry)
    return [found[name] for name in sorted(found)]


def search_folders(paths: Sequence[Path] = ()) -> list[Path]:
    """Return the folders that are searched for PDF sets, in the order of the search."""
    variables = (os.environ.get(variable, "") for variable in VARIABLES)
    named = [Path(entry).expanduser() for value in variables for entry in value.split(os.pathsep) if entry]
    return [*(Path(path) for path in paths), *named, *beside_python("LHAPDF"), user_sets_folder(), EMBEDDED]


def user_sets_folder() -> Path:
    """Return the user's folder of PDF sets, to which they are fetched; it may not exist."""
    return data_directory() / "pdf_sets"


def _read_info(folder: Path) -> dict[str, Any]:
    path = folder / f"{folder.name}.info"
    info = parse_yaml(read_text(path, error=DataError, errors="replace"), str(path)).data  # names of authors
    if not isinstance(info, dict):
        raise DataError(f"{path}: expected a mapping such as `NumMembers: 101`, received {type(info).__name__}")
    members = info.get("NumMembers")
    if not isinstance(members, int) or isinstance(members, bool) or members < 1:
        raise DataError(f"{path}: expected a positive integer for NumMembers, received {members!r}")
    if info.get("Format", "lhagrid1") != "lhagrid1":
        raise DataError(f"{path}: expected the format lhagrid1, received {info['Format']!r}")
    return info
