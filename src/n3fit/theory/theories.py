"""Theories on disk: folders with a card and FK tables, embedded in the package or given by the user."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from n3fit.data.library import package_folder
from n3fit.defaults import EMBEDDED_THEORY
from n3fit.errors import TheoryError, did_you_mean, nearest
from n3fit.paths import is_plain_name
from n3fit.storage.json_files import read_json
from n3fit.storage.yaml_files import read_yaml
from n3fit.theory.fk_tables import FKTable, read_fk_table
from n3fit.theory.theory_folders import (
    THEORY_PATH_VARIABLE,
    available_theories,
    theories_in,
    theory_folders,
)

_TABLE_SUFFIXES = (".pineappl.lz4", ".pineappl")


@dataclass(frozen=True)
class Theory:
    """A theory on disk.

    Parameters
    ----------
    identifier : str
        Its name in the runcard, ``theory.theoryid``.
    folder : Path
        ``theory_<identifier>``, with ``fastkernel/`` and perhaps ``cfactor/``.
    card : mapping
        The theory card.
    checksums : mapping
        SHA-256 of each table by its name, from the manifest; empty for a theory without one.
    """

    identifier: str
    folder: Path
    card: Mapping[str, Any]
    checksums: Mapping[str, str] = field(default_factory=dict)

    @property
    def q0(self) -> float:
        """Initial scale in GeV."""
        return float(self.card["Q0"])

    @property
    def fitted_charm(self) -> bool:
        """Whether charm is a parton at the initial scale."""
        return fits_charm(self.card)

    def table_names(self) -> list[str]:
        """Return the names of all tables, sorted."""
        files = (self.folder / "fastkernel").glob("*.pineappl*")
        return sorted({path.name.split(".pineappl")[0] for path in files})

    def find_table(self, name: str) -> Path | None:
        """Return the file of a table, None if there is none."""
        paths = (self.folder / "fastkernel" / f"{name}{suffix}" for suffix in _TABLE_SUFFIXES)
        return next((path for path in paths if path.is_file()), None)

    def table_path(self, name: str) -> Path:
        """Return the file of a table.

        Raises
        ------
        TheoryError
            The theory has no such table.
        """
        path = self.find_table(name)
        if path is not None:
            return path
        raise TheoryError(
            f"theory {self.identifier}: there is no table {name!r} in {self.folder / 'fastkernel'}",
            hint=did_you_mean(name, self.table_names())
            or "use a theory that has this data set, or take the data set out of the runcard",
        )

    def load_table(self, name: str, *, cached: bool = True, allow_zeros: bool = False) -> FKTable:
        """Read a table and check it against the manifest; see :func:`n3fit.theory.fk_tables.read_fk_table`.

        Parameters
        ----------
        name : str
        cached : bool
        allow_zeros : bool
            Whether a table without any number is accepted.

        Raises
        ------
        TheoryError
            Missing, broken, empty, of another initial scale, or not the file of the manifest.
        """
        path = self.table_path(name)
        table = read_fk_table(path, cached=cached)
        expected = self.checksums.get(name)
        if expected is not None and expected != table.sha256:
            raise TheoryError(
                f"{path}: expected the checksum {expected[:12]}... of the manifest of theory {self.identifier}, "
                f"received {table.sha256[:12]}...",
                hint="the file was changed or copied incompletely: install the theory again",
            )
        if not table.values.any():
            if allow_zeros:
                return table
            raise TheoryError(
                f"{path}: expected numbers, all are zero",
                hint="build or fetch it again; at leading order FL vanishes: take its data set out of the runcard",
            )
        if abs(table.q0 - self.q0) > 1e-4:
            raise TheoryError(
                f"{path}: expected the initial scale {self.q0:g} GeV of theory {self.identifier}, "
                f"received {table.q0:g} GeV",
                hint="install the theory again",
            )
        return table


def fits_charm(card: Mapping[str, Any]) -> bool:
    """Return whether charm is a parton at the initial scale: by IC where the card has it, else by four flavours."""
    if "IC" in card:
        return int(card["IC"]) == 1
    return int(card.get("nf0", 3)) >= 4


def open_theory(theoryid: int | str, *, path: Path | None = None) -> Theory:
    """Read the card and the manifest of a theory, but no table.

    Parameters
    ----------
    theoryid : int or str
        As in the runcard; ``dis_nnlo`` is the embedded one.
    path : Path, optional
        A folder with ``theory_<id>`` folders, or one of these.

    Raises
    ------
    TheoryError
        No such theory, tables of an old format, or a card or manifest that cannot be read.
    """
    identifier = str(theoryid)
    folders = theory_folders(path)
    known = theories_in(folders)
    if identifier not in known:
        searched = ", ".join(str(folder) for folder in folders)
        card = "; only its card is there, in nnpdf-data" if _library_card(identifier).is_file() else ""
        raise TheoryError(
            f"theory.theoryid: theory {identifier} was not found in {searched}{card}; "
            f"found: {', '.join(known) or 'none'}",
            hint=_suggest(identifier, list(known)) + f"give its folder with --theory-path or {THEORY_PATH_VARIABLE}, "
            f"or use the embedded theory {EMBEDDED_THEORY}",
        )
    return open_theory_folder(known[identifier], identifier=identifier)


def _suggest(identifier: str, known: Sequence[str]) -> str:
    """Return the beginning of a hint: the nearest of the known theories, or how to build or fetch the one named."""
    near = nearest(identifier, known)
    varied = re.fullmatch(r"(.+)_alphas(\d+(\.\d+)?)", identifier)
    if varied and is_plain_name(identifier):
        return f"build it with `n3fit theory build {varied[1]} --set AlphaS={varied[2]}`, "
    fetch = f"fetch it with `n3fit theory get {identifier}`, " if is_plain_name(identifier) else ""
    return f"did you mean {near!r}? {fetch}" if near else fetch


def open_theory_folder(folder: Path, *, identifier: str | None = None) -> Theory:
    """Read the card and the manifest of the theory in a folder, but no table.

    Parameters
    ----------
    folder : Path
        With ``fastkernel/``.
    identifier : str, optional
        Its name, by default that of the folder without ``theory_``.

    Raises
    ------
    TheoryError
        There are no tables, tables of an old format, or a card or manifest that cannot be read.
    """
    if not (folder / "fastkernel").is_dir():
        raise TheoryError(
            f"{folder}: expected the folder of a theory with fastkernel/, which is not there",
            hint="name a theory, or the folder that has its fastkernel/",
        )
    identifier = folder.resolve().name.removeprefix("theory_") if identifier is None else identifier
    if (folder / "compound").is_dir() and not any((folder / "fastkernel").glob("*.pineappl*")):
        raise TheoryError(
            f"{folder}: expected tables of PineAPPL (*.pineappl.lz4), received those of the old format (FK_*.dat)",
            hint="use the theory of the same settings for nnpdf 4.0.6 or newer",
        )
    return Theory(
        identifier=identifier,
        folder=folder,
        card=MappingProxyType(_read_card(identifier, folder)),
        checksums=MappingProxyType(_read_checksums(folder)),
    )


def read_theory_card(theoryid: int | str, *, path: Path | None = None) -> dict[str, Any]:
    """Read the card of a theory whose tables need not be there: that of its folder, else the one of nnpdf-data.

    Parameters
    ----------
    theoryid, path
        As in :func:`open_theory`.

    Raises
    ------
    TheoryError
        There is no card, or it cannot be read.
    """
    identifier = str(theoryid)
    return _read_card(identifier, available_theories(path).get(identifier))


def _read_card(identifier: str, folder: Path | None) -> dict[str, Any]:
    own = [] if folder is None else [folder / "theory.yaml", folder / f"{identifier}.yaml"]
    path = next((place for place in (*own, _library_card(identifier)) if place.is_file()), None)
    if path is None:
        raise TheoryError(
            f"{folder or f'theory {identifier}'}: there is no theory card, expected theory.yaml or {identifier}.yaml "
            f"in the folder of the theory or {identifier}.yaml in nnpdf-data",
            hint="put the card of the theory into its folder",
        )
    card = read_yaml(path, error=TheoryError)
    if not isinstance(card, dict) or isinstance(card.get("Q0"), bool) or not isinstance(card.get("Q0"), int | float):
        raise TheoryError(f"{path}: expected a theory card with the key Q0, the initial scale in GeV")
    return card


def _library_card(identifier: str) -> Path:
    """Return the file of a theory card in nnpdf-data; it may not exist."""
    name = identifier if identifier.isalnum() else "none"
    return package_folder() / "theory_cards" / f"{name}.yaml"


def _read_checksums(folder: Path) -> dict[str, str]:
    path = folder / "manifest.json"
    if not path.is_file():
        return {}
    hint = "install the theory again"
    manifest = read_json(path, error=TheoryError, hint=hint)
    try:
        return {name: str(entry["sha256"]) for name, entry in manifest["tables"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise TheoryError(f"{path}: not a readable manifest: {error}", hint=hint) from error
