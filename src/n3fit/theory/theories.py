"""Theories on disk: folders with a card and FK tables, embedded in the package or given by the user."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from n3fit.errors import TheoryError, did_you_mean
from n3fit.storage.json_files import read_json
from n3fit.storage.yaml_files import read_yaml
from n3fit.theory.fk_tables import FKTable, read_fk_table

THEORY_PATH_VARIABLE = "N3FIT_THEORY_PATH"
"""Environment variable with folders that hold theories, separated as in PATH."""

EMBEDDED_FOLDER = Path(__file__).parent.parent / "resources" / "theories"
EMBEDDED_THEORY = "dis_nnlo"
"""Identifier of the theory that comes with the package."""

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
        """Whether charm is a parton at the initial scale: by IC where the card has it, else if nf0 is at least four."""
        if "IC" in self.card:
            return int(self.card["IC"]) == 1
        return int(self.card.get("nf0", 3)) >= 4

    def table_names(self) -> list[str]:
        """Return the names of all tables, sorted."""
        files = (self.folder / "fastkernel").glob("*.pineappl*")
        return sorted({path.name.split(".pineappl")[0] for path in files})

    def table_path(self, name: str) -> Path:
        """Return the file of a table.

        Raises
        ------
        TheoryError
            The theory has no such table.
        """
        for suffix in _TABLE_SUFFIXES:
            path = self.folder / "fastkernel" / f"{name}{suffix}"
            if path.is_file():
                return path
        raise TheoryError(
            f"theory {self.identifier}: there is no table {name!r} in {self.folder / 'fastkernel'}",
            hint=did_you_mean(name, self.table_names())
            or "use a theory that has this data set, or take the data set out of the runcard",
        )

    def load_table(self, name: str) -> FKTable:
        """Read a table and check it against the manifest.

        Raises
        ------
        TheoryError
            Missing, broken, of another initial scale, or not the file of the manifest.
        """
        path = self.table_path(name)
        table = read_fk_table(path)
        expected = self.checksums.get(name)
        if expected is not None and expected != table.sha256:
            raise TheoryError(
                f"{path}: expected the checksum {expected[:12]}... of the manifest of theory {self.identifier}, "
                f"received {table.sha256[:12]}...",
                hint="the file was changed or copied incompletely: install the theory again",
            )
        if abs(table.q0 - self.q0) > 1e-4:
            raise TheoryError(
                f"{path}: expected the initial scale {self.q0:g} GeV of theory {self.identifier}, "
                f"received {table.q0:g} GeV",
                hint="install the theory again",
            )
        return table


def theory_folders(path: Path | None = None) -> Iterator[Path]:
    """Yield the folders that are searched for theories: ``path``, those of $N3FIT_THEORY_PATH, the embedded one."""
    if path is not None:
        yield path
    for entry in os.environ.get(THEORY_PATH_VARIABLE, "").split(os.pathsep):
        if entry:
            yield Path(entry).expanduser()
    yield EMBEDDED_FOLDER


def available_theories(path: Path | None = None) -> dict[str, Path]:
    """Return the folder of every theory that is found, by its identifier; the first one found counts."""
    found: dict[str, Path] = {}
    for folder in theory_folders(path):
        candidates = [folder] if folder.name.startswith("theory_") else sorted(folder.glob("theory_*"))
        for candidate in candidates:
            if (candidate / "fastkernel").is_dir():
                found.setdefault(candidate.name.removeprefix("theory_"), candidate)
    return found


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
        No such theory, or a card or manifest that cannot be read.
    """
    identifier = str(theoryid)
    known = available_theories(path)
    if identifier not in known:
        searched = ", ".join(str(folder) for folder in theory_folders(path))
        raise TheoryError(
            f"theory.theoryid: theory {identifier} was not found in {searched}; found: {', '.join(known) or 'none'}",
            hint=f"give its folder with --theory-path or {THEORY_PATH_VARIABLE}, "
            f"or use the embedded theory {EMBEDDED_THEORY}",
        )
    folder = known[identifier]
    return Theory(
        identifier=identifier,
        folder=folder,
        card=MappingProxyType(_read_card(folder, identifier)),
        checksums=MappingProxyType(_read_checksums(folder)),
    )


def _read_card(folder: Path, identifier: str) -> dict[str, Any]:
    for name in ("theory.yaml", f"{identifier}.yaml"):
        path = folder / name
        if path.is_file():
            card = read_yaml(path, error=TheoryError)
            if not isinstance(card, dict) or not isinstance(card.get("Q0"), (int, float)):
                raise TheoryError(f"{path}: expected a theory card with the key Q0, the initial scale in GeV")
            return card
    raise TheoryError(f"{folder}: there is no theory card, expected theory.yaml or {identifier}.yaml")


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
