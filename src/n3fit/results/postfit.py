"""``postfit.json``: the replicas chosen for the PDF set of a fit, and the vetoes of the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import NonNegativeInt, PositiveInt

from n3fit.errors import DataError, n3fit_command
from n3fit.results.layout import POSTFIT, identity_file
from n3fit.results.records import Record, parse_record
from n3fit.results.vetoes import VETOES
from n3fit.storage import sha256_of_file, write_atomically
from n3fit.storage.json_files import read_json, to_json

POSTFIT_FORMAT: Literal[2] = 2
"""Format of the file written; format 1 had no number, ``asked`` for ``count`` and ``replicas`` for ``chosen``."""


class VetoRecord(Record):
    """One reason to exclude a replica; None stands for not finite."""

    replica: int
    veto: str
    quantity: str
    value: float | None
    limit: float | None


class DamagedReplica(Record):
    """A replica whose files cannot be used, and the reason."""

    replica: int
    reason: str


class Postfit(Record):
    """The selection of a fit.

    ``manifest`` is the SHA-256 of the manifest of the fit, for a fit of nnpdf of its runcard. ``count`` is the number
    of replicas requested, None for all that pass. ``chi2``, ``arc_length`` and ``integrability`` are the thresholds,
    None for infinity; ``chi2_limit`` and ``arc_length_limits`` are the limits that follow from them. ``passing`` are
    the replicas that no veto excludes, ``chosen`` the first ``count`` of them.
    """

    format: Literal[2] = POSTFIT_FORMAT
    manifest: str
    count: PositiveInt | None
    chi2: float | None
    arc_length: float | None
    integrability: float | None
    total: NonNegativeInt
    chi2_limit: float | None
    arc_length_limits: tuple[float | None, ...]
    chosen: tuple[int, ...]
    passing: tuple[int, ...]
    vetoes: tuple[VetoRecord, ...]
    damaged: tuple[DamagedReplica, ...] = ()

    def vetoed_by(self) -> dict[str, tuple[int, ...]]:
        """Return the replicas that each veto excludes, damaged ones last."""
        pairs = [(entry.veto, entry.replica) for entry in self.vetoes]
        pairs += [("damaged", entry.replica) for entry in self.damaged]
        found = {name: {replica for veto, replica in pairs if veto == name} for name in (*VETOES, "damaged")}
        return {name: tuple(sorted(replicas)) for name, replicas in found.items() if replicas}


def write_postfit(folder: Path, selection: Postfit) -> Path:
    """Write the selection, completely or not at all; the same selection gives the same bytes.

    Raises
    ------
    ResourceError
        The folder cannot be written to.
    """
    path = folder / POSTFIT
    write_atomically(path, to_json(selection.model_dump()))
    return path


def read_postfit(folder: Path) -> Postfit | None:
    """Read the selection of the fit in ``folder``, None when there is none.

    Raises
    ------
    DataError
        The file is damaged, or is that of another fit.
    """
    path = folder / POSTFIT
    if not path.is_file():
        return None
    selection = parse_record(_upgrade(read_json(path)), Postfit, path)
    if selection.manifest != sha256_of_file(identity_file(folder)):
        again = n3fit_command("postfit", folder)
        raise DataError(f"{path}: belongs to another fit", hint=f"remove it and choose again with `{again}`")
    return selection


def _upgrade(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a file with the keys of the present format."""
    if "format" in content:
        return content
    names = {"asked": "count", "replicas": "chosen"}
    return {"format": POSTFIT_FORMAT} | {names.get(key, key): value for key, value in content.items()}
