"""Fit folders that nnpdf wrote (4.0.10 to 4.1.5), read as the record of a fit.

Such a folder has neither predictions nor residuals, training curves or losses of the penalties: they are absent here
too, see :data:`ABSENT`. Data sets have their names, points and cuts, and the fit its total chi2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.errors import DataError
from n3fit.results.chi2 import Chi2Table
from n3fit.results.layout import MANIFEST, RUNCARD
from n3fit.results.nnpdf_card import describe_nnpdf_fit, find_key, read_card
from n3fit.results.nnpdf_replicas import NNPDFReplica, collect_results, fit_files_name, read_nnpdf_replicas
from n3fit.results.point_table import PointTable, point_groups
from n3fit.results.records import FOLDER_FORMAT, FitDescription, Manifest
from n3fit.results.replica_results import ReplicaResults
from n3fit.storage.json_files import read_text
from n3fit.typing import Floats

ABSENT = (
    "predictions and residuals",
    "chi2 by data set and of the mean",
    "training curves",
    "losses of positivity and integrability sets",
    "hashes of the inputs",
)
"""What the folders of nnpdf do not hold."""

SEEDS = ("trvlseed", "nnseed", "mcseed", "filterseed")


@dataclass(frozen=True, eq=False)
class NNPDFFit:
    """The content of a folder; see :class:`n3fit.results.folder.FitFolder` for the parameters."""

    runcard_text: str
    manifest: Manifest
    description: FitDescription
    points: PointTable
    results: ReplicaResults
    chi2: Mapping[str, Chi2Table]
    damaged: Mapping[int, str]


def is_nnpdf_fit(path: Path) -> bool:
    """Return whether a folder is a fit of nnpdf: a runcard and replicas, and no manifest of n3fit."""
    return (path / RUNCARD).is_file() and (path / "nnfit").is_dir() and not (path / MANIFEST).exists()


def read_nnpdf_fit(path: Path) -> NNPDFFit:
    """Read the fit in a folder that nnpdf wrote; replicas that did not finish are left out as damaged.

    Raises
    ------
    DataError
        A file is damaged, or no replica has finished.
    ResourceError
        A file is missing or cannot be read.
    """
    name = fit_files_name(path)
    if name is None:
        raise DataError(f"{path}: contains no finished replica", hint="fit the replicas of this runcard first")
    card = read_card(path / RUNCARD)
    replicas, damaged = read_nnpdf_replicas(path, name)
    description = describe_nnpdf_fit(path, name, card, q0=sqrt(replicas[0].grid.q20))
    nothing = np.zeros(0)
    return NNPDFFit(
        runcard_text=read_text(path / RUNCARD),
        manifest=_manifest(name, card, replicas),
        description=description,
        points=PointTable(*[nothing] * 6),
        results=collect_results(replicas, description.flavours, positivity_sets=len(description.positivity_sets)),
        chi2=_chi2_tables(description, np.array([replica.chi2 for replica in replicas])),
        damaged=damaged,
    )


def _manifest(name: str, card: Mapping[str, Any], replicas: Sequence[NNPDFReplica]) -> Manifest:
    """Return the origin of the fit as far as the folder has it."""
    versions: dict[str, str] = {}
    for replica in replicas:
        versions |= replica.versions
    seconds = [replica.seconds for replica in replicas if isfinite(replica.seconds)]
    seeds = {key: find_key(card, key) for key in SEEDS}
    return Manifest(
        format=FOLDER_FORMAT,
        name=name,
        status="complete",
        created="",
        runcard=RUNCARD,
        versions=versions,
        platform={},
        environment={},
        replicas=tuple(replica.number for replica in replicas),
        seeds={key: seed for key, seed in seeds.items() if isinstance(seed, int)},
        timing={"total": max(seconds)} if seconds else {},
        inputs={},
        files={},
    )


def _chi2_tables(description: FitDescription, chi2: Floats) -> dict[str, Chi2Table]:
    """Return the tables of all levels for the chi2 per point (R,) of the replicas: only these are known, in total."""
    tables = {}
    for level, groups in point_groups(description.datasets).items():
        points = np.array([len(indices) for indices in groups.values()], dtype=np.int64)
        unknown = np.full((len(chi2), len(groups)), np.nan)
        of_replicas = chi2[:, np.newaxis] * points if level == "total" else unknown
        tables[level] = Chi2Table(
            names=tuple(groups),
            points=points,
            t0=np.full(len(groups), np.nan),
            experimental=np.full(len(groups), np.nan),
            t0_replicas=of_replicas,
            experimental_replicas=unknown,
        )
    return tables
