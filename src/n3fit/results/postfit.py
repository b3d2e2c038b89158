"""``postfit.json``: the replicas that were chosen for the PDF set of a fit, and why the others were not."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import numpy as np
from pydantic import NonNegativeInt, PositiveInt

from n3fit.errors import CommandLineError, DataError, FitError
from n3fit.results.naming import MANIFEST, format_replicas
from n3fit.results.records import Record, read_record
from n3fit.results.selection import VETOES, Thresholds, Vetting, replicas_to_add, vet_replicas
from n3fit.storage import sha256_of_file, write_atomically
from n3fit.storage.json_files import to_json

if TYPE_CHECKING:
    from n3fit.results.folder import FitFolder

POSTFIT = "postfit.json"
"""Name of the file in the fit folder."""


class VetoRecord(Record):
    """One reason why a replica is out; None stands for not finite."""

    replica: int
    veto: str
    quantity: str
    value: float | None
    limit: float | None


class DamagedReplica(Record):
    """A replica whose files cannot be used, and what is wrong with them."""

    replica: int
    reason: str


class Postfit(Record):
    """The selection of a fit.

    ``manifest`` is the SHA-256 of the manifest of the fit that the selection is of. ``asked`` is None when all that
    pass were asked for. ``chi2``, ``arc_length`` and ``integrability`` are the thresholds, None for infinity, and the
    limits are what they came to. ``replicas`` are the chosen ones, the first of ``passing``.
    """

    manifest: str
    asked: PositiveInt | None
    chi2: float | None
    arc_length: float | None
    integrability: float | None
    total: NonNegativeInt
    chi2_limit: float | None
    arc_length_limits: tuple[float | None, ...]
    replicas: tuple[int, ...]
    passing: tuple[int, ...]
    vetoes: tuple[VetoRecord, ...]
    damaged: tuple[DamagedReplica, ...] = ()

    def vetoed_by(self) -> dict[str, tuple[int, ...]]:
        """Give the replicas that each veto takes out, damaged ones last."""
        pairs = [(entry.veto, entry.replica) for entry in self.vetoes]
        pairs += [("damaged", entry.replica) for entry in self.damaged]
        found = {name: {replica for veto, replica in pairs if veto == name} for name in (*VETOES, "damaged")}
        return {name: tuple(sorted(replicas)) for name, replicas in found.items() if replicas}


class TooFewReplicasError(FitError):
    """Fewer replicas pass than were asked for; ``selection`` tells which do and why the others do not."""

    def __init__(self, message: str, *, hint: str, selection: Postfit) -> None:
        super().__init__(message, hint=hint)
        self.selection = selection


def make_postfit(fit: FitFolder, *, asked: int | None = None, thresholds: Thresholds | None = None) -> Postfit:
    """Choose the replicas of a fit: the first ``asked`` that pass, by number, or all that do.

    Raises
    ------
    CommandLineError
        ``asked`` is not positive.
    TooFewReplicasError
        Fewer pass; the message counts the vetoes, the hint says how many more to fit.
    """
    if asked is not None and asked < 1:
        raise CommandLineError(f"expected at least one replica to choose, received {asked}")
    used = thresholds or Thresholds()
    total = fit.chi2["total"]
    chi2 = total.per_point(total.t0_replicas)[:, 0] if total.names else np.full(fit.replicas.size, np.nan)
    vetting = vet_replicas(fit.arrays, chi2, used)
    selection = _record(fit, vetting, asked, used)
    if len(selection.passing) < (asked or 1):
        raise _too_few(fit, selection)
    return selection


def write_postfit(folder: Path, selection: Postfit) -> Path:
    """Write the selection, whole or not at all; the same selection gives the same bytes.

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
    selection = read_record(path, Postfit)
    if selection.manifest != sha256_of_file(folder / MANIFEST):
        raise DataError(f"{path}: belongs to another fit", hint="remove it and choose again with `n3fit postfit`")
    return selection


def _record(fit: FitFolder, vetting: Vetting, asked: int | None, thresholds: Thresholds) -> Postfit:
    passing = vetting.passing_numbers
    return Postfit(
        manifest=sha256_of_file(fit.path / MANIFEST),
        asked=asked,
        chi2=_finite(thresholds.chi2),
        arc_length=_finite(thresholds.arc_length),
        integrability=_finite(thresholds.integrability),
        total=len(fit.manifest.replicas),
        chi2_limit=_finite(vetting.chi2_limit),
        arc_length_limits=tuple(_finite(limit) for limit in vetting.arc_length_limits.tolist()),
        replicas=passing if asked is None else passing[:asked],
        passing=passing,
        vetoes=tuple(
            VetoRecord(
                replica=veto.replica,
                veto=veto.veto,
                quantity=veto.quantity,
                value=_finite(veto.value),
                limit=_finite(veto.limit),
            )
            for veto in vetting.vetoes
        ),
        damaged=tuple(DamagedReplica(replica=number, reason=reason) for number, reason in fit.damaged.items()),
    )


def _too_few(fit: FitFolder, selection: Postfit) -> TooFewReplicasError:
    wanted, passing, total = selection.asked or 1, len(selection.passing), selection.total
    counts = ", ".join(
        f"{veto} {len(numbers)} ({format_replicas(numbers)})" for veto, numbers in selection.vetoed_by().items()
    )
    reasons = f"; vetoed by {counts}" if counts else ""
    message = f"{fit.path}: {passing} of {total} replicas pass, expected {wanted}{reasons}"
    return TooFewReplicasError(message, hint=_next_step(fit, passing, total, wanted), selection=selection)


def _next_step(fit: FitFolder, passing: int, total: int, wanted: int) -> str:
    """Say how many more replicas are needed, and the command that fits them."""
    more = replicas_to_add(passing, total, wanted)
    if more is None:
        return "look at the training and the chi2 in the page of `n3fit report` before fitting more"
    last = max(fit.manifest.replicas)
    card = quote(fit.manifest.runcard)
    if fit.description.closure is not None:  # replicas cannot be added to a closure test
        return f"about {more} more replicas are needed: `n3fit fit {card} -r 1-{last + more}`, into another folder"
    return (
        f"about {more} more replicas are needed: `n3fit fit {card} -r {last + 1}-{last + more} "
        f"-o {quote(str(fit.path))} --add`, then postfit again"
    )


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
