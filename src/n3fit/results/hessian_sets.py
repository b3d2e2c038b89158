"""Hessian sets of the principal directions of replicas, and their deviations from these."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from n3fit import __version__
from n3fit.ensembles.bands import band_of
from n3fit.errors import CommandLineError
from n3fit.lhapdf.set_folder import check_set_name, open_set_folder
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.reduction import DeviationRow, covariance_points, deviation_rows, principal_directions, take_samples
from n3fit.results.reduction_sources import ReducedSet, ReplicaSource
from n3fit.storage.files import sync_files

CONFIDENCE_LEVEL = 68.268949
"""ErrorConfLevel of Hessian sets: that of one standard deviation, for which readers change nothing by default."""


@dataclass(frozen=True)
class HessianSet:
    """A Hessian set and its deviations from the replicas, at the initial scale.

    Attributes
    ----------
    folder, source : Path, str
        Of the set, and the name of the fit or set that it was made of.
    replicas, directions : int
        Of the original, and of the Hessian set.
    q : float
        The initial scale in GeV.
    scaled : bool
        Whether the covariance was decomposed in units of standard deviations.
    retained : float
        Share of the variance, in these units, that the directions describe.
    rows : tuple of DeviationRow
        By flavour.
    """

    folder: Path
    source: str
    replicas: int
    directions: int
    q: float
    scaled: bool
    retained: float
    rows: tuple[DeviationRow, ...]


def write_hessian_set(
    source: ReplicaSource,
    directions: int,
    *,
    output: Path,
    name: str | None = None,
    scaled: bool = True,
    force: bool = False,
    progress: ProgressReporter | None = None,
) -> HessianSet:
    """Write the set of the principal directions of replicas; see :mod:`n3fit.reduction.principal_directions`.

    Parameters
    ----------
    source : ReplicaSource
    directions : int
    output : Path
        Folder of PDF sets.
    name : str, optional
        By default that of the source, ``_hessian_`` and the number of directions.
    scaled : bool
        See :func:`n3fit.reduction.principal_directions.principal_directions`.
    force : bool
        Replace an existing set.
    progress : ProgressReporter, optional

    Raises
    ------
    CommandLineError
        The name is not one of a set, or the replicas do not vary in as many directions.
    DataError, TheoryError
        A member is damaged, or the fit cannot be evolved.
    OutputExistsError, ResourceError
        The set exists already, or cannot be written.
    """
    reporter = progress or NullReporter()
    set_name = f"{source.name}_hessian_{directions}" if name is None else name
    check_set_name(set_name)
    _check_directions(len(source.numbers), directions)
    with open_set_folder(output / set_name, force=force) as target:
        ensemble = source.at_initial_scale(covariance_points(source.x_min), reporter)
        samples = take_samples(ensemble)
        found = principal_directions(samples, directions, scaled=scaled)
        members = samples.central + np.tensordot(found.coefficients, samples.members, (1, 0))
        rows = deviation_rows(samples, band_of(members, samples.central, "symmhessian"))
        entries = {"ErrorType": "symmhessian", "ErrorConfLevel": CONFIDENCE_LEVEL}
        reduced = ReducedSet(set_name, _describe(source, directions), entries)
        source.write_directions(target.staging, reduced, found.coefficients, reporter)
        sync_files(target.staging)
    return HessianSet(
        target.path, source.name, len(source.numbers), directions, ensemble.q, scaled, found.retained, rows
    )


def _describe(source: ReplicaSource, directions: int) -> str:
    return (
        f"Hessian set of {len(source.numbers)} replicas of {source.name} (arXiv:1505.06736), mem=0: central value; "
        f"mem=1-{directions}: symmetric eigenvectors of one standard deviation; n3fit {__version__}"
    )


def _check_directions(replicas: int, directions: int) -> None:
    if not 1 <= directions < replicas:
        raise CommandLineError(
            f"Hessian set: expected 1 to {replicas - 1} directions of {replicas} replicas, received {directions}",
            hint="choose another number with -n, or fit more replicas",
        )
