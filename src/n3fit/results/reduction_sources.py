"""The replicas that a reduced set is made of: those of a fit folder, or the members of an LHAPDF set.

Both are read at the initial scale alone to choose what is written. A fit is evolved afterwards, the members of a set
are read a second time, one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.errors import DataError
from n3fit.evolution.grids import lhapdf_qgrid
from n3fit.lhapdf.alpha_members import error_words
from n3fit.lhapdf.combinations import copy_members, write_combinations
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.lhapdf.writer import SetLayout, write_entries, write_info
from n3fit.progress import ProgressReporter
from n3fit.results.ensembles import fit_ensemble
from n3fit.results.evolution_theory import own_theory
from n3fit.results.evolve import describe_fit_set, replicas_to_evolve, write_members
from n3fit.results.folder import FitFolder
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.typing import Floats, Indices


@dataclass(frozen=True)
class ReducedSet:
    """What a new set is: its name, a sentence for its description, and entries of its ``.info`` file."""

    name: str
    words: str
    entries: Mapping[str, object] = field(default_factory=dict)


class ReplicaSource(Protocol):
    """Replicas, by their numbers in the fit or set."""

    @property
    def name(self) -> str:
        """Name of the fit or set."""

    @property
    def numbers(self) -> Sequence[int]:
        """Numbers of the R replicas."""

    @property
    def x_min(self) -> float:
        """Smallest x that all replicas have."""

    def at_initial_scale(self, x: Floats, progress: ProgressReporter) -> EnsembleOnGrid:
        """Return all replicas at points in x, the nodes of the result."""

    def write_directions(
        self, folder: Path, reduced: ReducedSet, coefficients: Floats, progress: ProgressReporter
    ) -> None:
        """Write the central member and error members that differ from it by ``coefficients`` (n, R) of the replicas."""

    def write_choice(self, folder: Path, reduced: ReducedSet, places: Indices, progress: ProgressReporter) -> None:
        """Write the replicas at ``places`` (n,), counted from 0, and their mean as member 0."""


def replica_source(found: FitFolder | PDFSet) -> ReplicaSource:
    """Return the replicas of a fit, those that ``n3fit evolve`` would evolve, or of a PDF set.

    Raises
    ------
    DataError, TheoryError
        The set has other error members than replicas; the fit cannot be evolved.
    FitError
        No replica of the fit passes positivity.
    """
    return FitSource(found) if isinstance(found, FitFolder) else SetSource(found)


class FitSource:
    """The replicas of a fit, evolved with its theory."""

    def __init__(self, fit: FitFolder) -> None:
        self.name = fit.name
        self.numbers = replicas_to_evolve(fit, "chosen")
        self.x_min = float(fit.xgrid[0])
        self._fit = fit
        self._theory = own_theory(fit)
        self._grids = fit.pdf[np.isin(fit.replicas, self.numbers)]

    def at_initial_scale(self, x: Floats, progress: ProgressReporter) -> EnsembleOnGrid:
        """Return all replicas at points in x."""
        return fit_ensemble(self._fit, members=self.numbers).at().on_nodes(x)

    def write_directions(
        self, folder: Path, reduced: ReducedSet, coefficients: Floats, progress: ProgressReporter
    ) -> None:
        """Evolve the mean of the replicas and the error members."""
        mean = self._grids.mean(axis=0, keepdims=True)
        members = mean + np.tensordot(coefficients, self._grids - mean, (1, 0))
        self._write(folder, reduced, np.concatenate([mean, members]), [], progress)

    def write_choice(self, folder: Path, reduced: ReducedSet, places: Indices, progress: ProgressReporter) -> None:
        """Evolve the chosen replicas and their mean."""
        grids = self._grids[places]
        numbers = [self.numbers[place] for place in places]
        self._write(folder, reduced, np.concatenate([grids.mean(axis=0, keepdims=True), grids]), numbers, progress)

    def _write(
        self, folder: Path, reduced: ReducedSet, grids: Floats, numbers: Sequence[int], progress: ProgressReporter
    ) -> None:
        layout = SetLayout(
            name=reduced.name,
            description=describe_fit_set(self._fit, self._theory, reduced.words),
            card=self._theory.card,
            xgrid=self._fit.xgrid,
            segments=lhapdf_qgrid(self._theory.card),
            polarised=self._fit.description.polarised,
            entries=reduced.entries,
        )
        write_members(folder, layout, grids, numbers, progress)
        write_info(folder, layout, members=len(grids))


class SetSource:
    """The replicas of an LHAPDF set."""

    def __init__(self, pdf: PDFSet) -> None:
        if error_words(pdf) != ["replicas"] or pdf.members < 3:
            raise DataError(
                f"{pdf.name}: expected a set of replicas and no other members, ErrorType replicas, "
                f"received {pdf.info.get('ErrorType')!r} and {pdf.members} members",
                hint="name the set of replicas that it was made of",
            )
        self.name = pdf.name
        self.numbers = range(1, pdf.members)
        grids = pdf.read_member(0).subgrids
        self.x_min = max(float(grid.x[0]) for grid in grids)
        self._pdf, self._q0 = pdf, float(grids[0].q[0])

    def at_initial_scale(self, x: Floats, progress: ProgressReporter) -> EnsembleOnGrid:
        """Return all replicas at points in x; the members are read one after the other."""
        progress.phase(f"reading the members of {self.name}")
        values = []
        for number in (0, *self.numbers):
            values.append(self._pdf.read_member(number).xfx(EXPORT_PIDS, x, self._q0).T)
            progress.step(f"members of {self.name}", number + 1, self._pdf.members)
        grids = np.array(values)
        return EnsembleOnGrid(self.name, self._q0, "replicas", x, grids[1:], grids[0])

    def write_directions(
        self, folder: Path, reduced: ReducedSet, coefficients: Floats, progress: ProgressReporter
    ) -> None:
        """Write the central member of the set, and the error members."""
        progress.phase("writing the members")
        rows = np.ones((len(coefficients) + 1, len(self.numbers) + 1))
        rows[0, 1:], rows[1:, 1:] = 0.0, coefficients
        kind = str(reduced.entries["ErrorType"])
        write_combinations(
            folder, reduced.name, self._pdf, (0, *self.numbers), rows, error_type=kind, progress=progress
        )
        self._write_info(folder, reduced, len(rows))

    def write_choice(self, folder: Path, reduced: ReducedSet, places: Indices, progress: ProgressReporter) -> None:
        """Copy the chosen members, and write their mean."""
        progress.phase("writing the members")
        numbers = [self.numbers[place] for place in places]
        mean = np.full((1, len(numbers)), 1.0 / len(numbers))
        write_combinations(folder, reduced.name, self._pdf, numbers, mean, progress=progress)
        copy_members(folder, reduced.name, self._pdf, numbers)
        self._write_info(folder, reduced, len(numbers) + 1)

    def _write_info(self, folder: Path, reduced: ReducedSet, members: int) -> None:
        description = " ".join(str(self._pdf.info.get("SetDesc", self.name)).split())
        changed = {"SetDesc": f"{reduced.words}. {self.name}: {description}", "SetIndex": 0, "NumMembers": members}
        write_entries(folder / f"{reduced.name}.info", {**self._pdf.info, **changed, **reduced.entries})
