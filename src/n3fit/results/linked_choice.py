"""The choice of replicas that the program postfit of nnpdf made: links and vetoes in ``postfit/``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from n3fit.ensembles.arc_length import ARC_LENGTH_FLAVOURS
from n3fit.errors import DataError
from n3fit.results.layout import POSTFIT_LOG, SETS_FOLDER, VETO_COUNT
from n3fit.results.postfit import Postfit, VetoRecord, read_postfit
from n3fit.results.replica_files import INTEGRABILITY_ORDER
from n3fit.storage.json_files import read_json, read_text

OWN_LOG = "n3fit "
"""Begin of a log of n3fit, whose choice is in ``postfit.json``."""

CONVERGENCE = "positivity loss"
"""Quantity of the veto that has no number of its own in ``veto_count.json``."""

VETO_COLUMNS = MappingProxyType(
    {
        "Convergence check": ("positivity", CONVERGENCE),
        **{
            f"IntegNumber_{index}": ("integrability", f"integrability of {name}")
            for index, name in enumerate(INTEGRABILITY_ORDER)
        },
        "ChiSquared": ("chi2", "chi2 per point"),
        **{
            f"ArcLength_{index}": ("arc length", f"arc length of {name}")
            for index, name in enumerate(ARC_LENGTH_FLAVOURS)
        },
    }
)
"""Names of the vetoes in ``veto_count.json``, with our veto and quantity."""

_LARGEST_NUMBER = 9  # digits


def read_choice(path: Path, replicas: Sequence[int]) -> Postfit | None:
    """Read the choice of replicas of a fit: that of nnpdf's postfit when it ran last, else that of n3fit's.

    Raises
    ------
    DataError, ResourceError
        A file is damaged, belongs to another fit, or cannot be read.
    """
    linked = read_linked_choice(path, replicas)
    return read_postfit(path) if linked is None else linked


def read_linked_choice(fit: Path, replicas: Sequence[int]) -> Postfit | None:
    """Read the choice of nnpdf's postfit; None when it has not run, or n3fit's ran after it.

    Parameters
    ----------
    fit : Path
    replicas : sequence of int
        The replicas of the fit.

    Raises
    ------
    DataError
        A file is damaged, or the choice has replicas that the fit has not.
    ResourceError
        A file cannot be read.
    """
    home = fit / SETS_FOLDER
    log = home / POSTFIT_LOG
    if not log.is_file() or read_text(log).startswith(OWN_LOG):
        return None
    chosen = tuple(_linked_replica(link) for link in _links(home))
    unknown = sorted(set(chosen) - set(replicas))
    if unknown or not chosen:
        raise DataError(
            f"{home}: expected links to replicas of the fit, received {', '.join(map(str, unknown)) or 'none'}",
            hint="run postfit again",
        )
    counts = read_json(home / VETO_COUNT) if (home / VETO_COUNT).is_file() else {}
    judged = sorted(replicas, key=str)
    passing = _passing(counts, "Total", judged) or set(chosen)
    return Postfit(
        manifest="",
        count=len(chosen) if len(chosen) < len(passing) else None,
        chi2=_threshold(counts, "chi2_threshold"),
        arc_length=_threshold(counts, "arclength_threshold"),
        integrability=_threshold(counts, "integrability_threshold"),
        total=len(replicas),
        chi2_limit=None,
        arc_length_limits=(None,) * len(ARC_LENGTH_FLAVOURS),
        chosen=tuple(sorted(chosen)),
        passing=tuple(sorted(passing | set(chosen))),
        vetoes=_vetoes(counts, judged),
    )


def _links(home: Path) -> list[Path]:
    """Return the entries ``replica_k`` in the order of k."""
    found = [
        entry for entry in home.glob("replica_*") if re.fullmatch(rf"replica_\d{{1,{_LARGEST_NUMBER}}}", entry.name)
    ]
    return sorted(found, key=lambda entry: int(entry.name.partition("_")[2]))


def _linked_replica(link: Path) -> int:
    """Return the replica that a link, or a folder copied in its place, is."""
    target = link.readlink().name if link.is_symlink() else ""
    match = re.fullmatch(rf"replica_(\d{{1,{_LARGEST_NUMBER}}})", target)
    if match is None:
        for grid in sorted(link.glob("*.exportgrid")):
            match = re.search(rf"^replica: (\d{{1,{_LARGEST_NUMBER}}})\b", read_text(grid), re.MULTILINE)
    if match is None:
        raise DataError(f"{link}: expected a link to a replica of the fit", hint="run postfit again")
    return int(match[1])


def _passing(counts: Mapping[str, Any], name: str, judged: Sequence[int]) -> set[int]:
    """Return the replicas that pass a veto; none when the file has no such list of this length."""
    mask = counts.get(name)
    if not isinstance(mask, list) or len(mask) != len(judged):
        return set()
    return {replica for replica, passes in zip(judged, mask, strict=True) if passes}


def _vetoes(counts: Mapping[str, Any], judged: Sequence[int]) -> tuple[VetoRecord, ...]:
    records = []
    for column, (veto, quantity) in VETO_COLUMNS.items():
        if passing := _passing(counts, column, judged):
            records += [
                VetoRecord(replica=replica, veto=veto, quantity=quantity, value=None, limit=None)
                for replica in judged
                if replica not in passing
            ]
    return tuple(sorted(records, key=lambda entry: entry.replica))


def _threshold(counts: Mapping[str, Any], name: str) -> float | None:
    value = counts.get(name)
    return float(value) if isinstance(value, int | float) else None
