"""PDF sets in the LHAPDF format on disk, for t0, predictions and comparisons; nothing is downloaded."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from n3fit.errors import DataError, nearest
from n3fit.lhapdf.grid import GridMember, read_member
from n3fit.storage.yaml_files import read_yaml
from n3fit.typing import Floats

VARIABLES = ("N3FIT_PDF_PATH", "LHAPDF_DATA_PATH")
"""Environment variables with folders of PDF sets, separated as in PATH."""

EMBEDDED = Path(__file__).parent.parent / "resources" / "pdf_sets"
"""Folder of the PDF sets that come with n3fit."""


class PDFSet:
    """A PDF set on disk; its members are read when they are first used.

    Parameters
    ----------
    folder : Path
        The folder of the set; its name is the name of the set.

    Raises
    ------
    DataError
        The ``.info`` file is missing or malformed.
    """

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self.folder = folder
        self.info: dict[str, Any] = _read_info(folder)
        self.members: int = self.info["NumMembers"]
        self._read: dict[int, GridMember] = {}

    def member(self, number: int) -> GridMember:
        """Return one member, 0 being the central one.

        Raises
        ------
        DataError
            The set has fewer members, or the file of this one is missing or broken.
        """
        if not 0 <= number < self.members:
            raise DataError(
                f"{self.name}: member {number} requested, the set has {self.members} members (0 to {self.members - 1})"
            )
        if number not in self._read:
            self._read[number] = self.read_member(number)
        return self._read[number]

    def read_member(self, number: int) -> GridMember:
        """Read one member without keeping it in memory."""
        path = self.folder / f"{self.name}_{number:04d}.dat"
        if not path.is_file():
            raise DataError(
                f"{path}: missing; the .info file has NumMembers: {self.members}",
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
            raise DataError(f"{self.folder / self.name}.info: {key}: expected a number, received {wrong[0]!r}")
        return [float(value) for value in values]

    def xfx(self, pids: Sequence[int], x: npt.ArrayLike, q: float, member: int = 0) -> Floats:
        """Compute x f(x, Q).

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
            A point lies outside the grid of the set, or the member is missing.
        """
        return self.member(member).xfx(pids, np.atleast_1d(np.asarray(x, dtype=np.float64)), float(q))


def load_pdf_set(name: str, paths: Sequence[Path] = ()) -> PDFSet:
    """Return a PDF set by name.

    Searched are ``paths``, the folders of ``$N3FIT_PDF_PATH`` and ``$LHAPDF_DATA_PATH``, and the sets that come with
    n3fit, in this order.

    Raises
    ------
    DataError
        There is no such set (the message has the folders and the nearest name), or it is malformed.
    """
    folders = search_folders(paths)
    if name and Path(name).name == name:
        for folder in folders:
            if (folder / name / f"{name}.info").is_file():
                return PDFSet(folder / name)
    near = nearest(name, available_sets(paths))
    places = ", ".join(str(folder) for folder in folders)
    raise DataError(
        f"the PDF set {name!r} is not in any of {places}",
        hint=(f"did you mean {near!r}? " if near else "") + f"put the folder of the set there or set ${VARIABLES[0]}",
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
    return [*(Path(path) for path in paths), *named, EMBEDDED]


def _read_info(folder: Path) -> dict[str, Any]:
    path = folder / f"{folder.name}.info"
    info = read_yaml(path)
    if not isinstance(info, dict):
        raise DataError(f"{path}: expected a mapping such as `NumMembers: 101`, received {type(info).__name__}")
    members = info.get("NumMembers")
    if not isinstance(members, int) or isinstance(members, bool) or members < 1:
        raise DataError(f"{path}: expected a positive integer for NumMembers, received {members!r}")
    if info.get("Format", "lhagrid1") != "lhagrid1":
        raise DataError(f"{path}: expected the format lhagrid1, received {info['Format']!r}")
    return info
