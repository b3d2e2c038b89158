"""The members of a fit or of an LHAPDF set at any scale, in one form for plots, tables and comparisons."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfinv

from n3fit.defaults import Q_MAX
from n3fit.ensembles.bands import ErrorKind
from n3fit.ensembles.snapshots import Snapshot
from n3fit.errors import CommandLineError, DataError, TheoryError
from n3fit.evolution.evolve import Members, choose_replicas, read_theory_card
from n3fit.evolution.evolver import GridEvolver
from n3fit.evolution.grids import MOST_FLAVOURS, QSegment
from n3fit.lhapdf.pdf_sets import PDFSet, load_pdf_set
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.results.folder import FitFolder
from n3fit.results.naming import MANIFEST
from n3fit.results.xgrid import export_xgrid
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.theory_card import TheoryCard

Floats = NDArray[np.float64]

_EDGE = 1e-6  # relative distance from the ends of the scales that rounding explains
_MOST_EVOLVED = 7  # scales between two thresholds; others are interpolated in log log(Q / Lambda)
_LAMBDA = 0.25  # GeV


class Ensemble(ABC):
    """A fit or a PDF set whose members can be had at scales from ``q0`` to ``q_max`` (GeV), from ``x_min`` to 1."""

    label: str
    q0: float
    q_max: float
    x_min: float

    def at(self, q: float | None = None) -> Snapshot:
        """Give all members at a scale in GeV; None is the initial scale.

        Raises
        ------
        CommandLineError
            The scale is out of reach.
        DataError, ResourceError, TheoryError
            The members cannot be read or evolved.
        """
        return self.at_scales([self.q0 if q is None else q])[0]

    def at_scales(self, scales: Sequence[float], *, progress: ProgressReporter | None = None) -> list[Snapshot]:
        """Give all members at several scales; cheaper than one by one. Raises as :meth:`at`.

        A fit is evolved to at most seven scales between two thresholds, and interpolated to the others (to 1e-6).
        """
        low, high = self.q0 * (1 - _EDGE), self.q_max * (1 + _EDGE)
        for q in scales:
            if not low <= q <= high:
                reach = f"{self.q0:g} to {self.q_max:g} GeV" if self.q_max > self.q0 else f"{self.q0:g} GeV alone"
                raise CommandLineError(f"{self.label}: Q: expected {reach}, received {q:g} GeV")
        return self._evaluate([min(max(float(q), self.q0), self.q_max) for q in scales], progress or NullReporter())

    @abstractmethod
    def _evaluate(self, scales: Sequence[float], progress: ProgressReporter) -> list[Snapshot]:
        """Give the members at scales within reach."""


class FitEnsemble(Ensemble):
    """The replicas of a fit, evolved with the operators of its theory, which are built once and kept in the cache.

    Without a theory that can be evolved only the initial scale is within reach. Arguments as :func:`open_ensemble`.
    """

    def __init__(self, fit: FitFolder, *, members: Members | Sequence[int] = "passing", label: str | None = None):
        chosen = choose_replicas(fit, members)
        grids = fit.pdf[np.isin(fit.replicas, chosen)]
        self.label = label or fit.name
        self.q0 = fit.description.q0
        central = isinstance(members, str) and members == "central"
        self._grids = grids.mean(axis=0, keepdims=True) if central else grids
        self._kind: ErrorKind = "central" if central else "replicas"
        self._x = fit.xgrid
        self.x_min = float(fit.xgrid[0])
        self._card = _evolving_card(fit)
        self.q_max = Q_MAX if self._card else self.q0

    def _evaluate(self, scales: Sequence[float], progress: ProgressReporter) -> list[Snapshot]:
        return [
            Snapshot(self.label, q, self._kind, self._x, members, members.mean(axis=0))
            for q, members in zip(scales, self._grids_at(scales, progress), strict=True)
        ]

    def _grids_at(self, scales: Sequence[float], progress: ProgressReporter) -> list[Floats]:
        """Give (R, nx, 14) for each scale."""
        evolved: dict[float, Floats] = {self.q0: self._grids}
        above = sorted({q for q in scales if q > self.q0})
        if above and self._card is not None:
            wanted = _segments(self._card, above)
            built = [QSegment(segment.nf, _evolved_scales(segment.q)) for segment in wanted]
            results = GridEvolver(self._card, self._x, built, progress=progress.step).evolve(self._grids)
            for segment, few, values in zip(wanted, built, results, strict=True):
                matrix = _interpolation_in_scale(few.q, segment.q)
                evolved.update((q, np.tensordot(matrix[i], values, (0, 1))) for i, q in enumerate(segment.q.tolist()))
        return [evolved[q] for q in scales]


class SetEnsemble(Ensemble):
    """The members of an LHAPDF set. Arguments as :func:`open_ensemble`."""

    def __init__(self, pdf: PDFSet, *, members: Members | Sequence[int] = "passing", label: str | None = None):
        grids = pdf.member(0).subgrids
        self.label = label or pdf.name
        self.q0, self.q_max = float(grids[0].q[0]), float(grids[-1].q[-1])
        self._pdf = pdf
        self._kind, numbers, self._scale = _error_members(pdf)
        if not isinstance(members, str):
            numbers = _chosen_members(pdf, members, numbers, self._kind)
        elif members == "central" or not numbers:
            self._kind, numbers = "central", []
        self._numbers = numbers
        lowest = max(float(grid.x[0]) for grid in grids)
        nodes = export_xgrid()
        self._x = nodes if lowest <= nodes[0] * (1 + _EDGE) else np.append(lowest, nodes[nodes > lowest * 1.01])
        self.x_min = float(self._x[0])

    def _evaluate(self, scales: Sequence[float], progress: ProgressReporter) -> list[Snapshot]:
        total = len(self._numbers) + 1
        values = []
        for done, number in enumerate([0, *self._numbers], start=1):
            member = self._pdf.member(number)
            values.append([member.xfx(EXPORT_PIDS, self._x, q).T for q in scales])
            progress.step(f"members of {self.label}", done, total)
        grids = np.array(values)  # (1 + R, nscales, nx, 14)
        shown = grids[1:] if self._numbers else grids
        return [
            Snapshot(self.label, q, self._kind, self._x, shown[:, place], grids[0, place], self._scale)
            for place, q in enumerate(scales)
        ]


def open_ensemble(
    source: FitFolder | PDFSet | Path | str,
    *,
    members: Members | Sequence[int] = "passing",
    label: str | None = None,
    paths: Sequence[Path] = (),
) -> Ensemble:
    """Give the ensemble of a fit or of a PDF set.

    Parameters
    ----------
    source : FitFolder, PDFSet, Path or str
        A fit, a set, the folder of one of them, or the name of an LHAPDF set.
    members : str or sequence of int
        Replicas of a fit as in :func:`n3fit.evolution.evolve_fit`; of a set ``central`` or numbers, else all.
    label : str, optional
        What legends say; by default the name.
    paths : sequence of Path
        Folders in which sets are looked for first.

    Raises
    ------
    CommandLineError, DataError, FitError, ResourceError
        There is no such fit, set or member, none passes, or a file is damaged.
    """
    if isinstance(source, FitFolder):
        return FitEnsemble(source, members=members, label=label)
    if isinstance(source, PDFSet):
        return SetEnsemble(source, members=members, label=label)
    folder = Path(source).expanduser()
    if (folder / f"{folder.resolve().name}.info").is_file():
        return SetEnsemble(PDFSet(folder.resolve()), members=members, label=label)
    if (folder / MANIFEST).is_file() or isinstance(source, Path) or len(folder.parts) > 1:
        return FitEnsemble(FitFolder.open(folder), members=members, label=label)
    return SetEnsemble(load_pdf_set(str(source), paths), members=members, label=label)


def _evolving_card(fit: FitFolder) -> TheoryCard | None:
    """Give the theory card of a fit, or None when it is not one that can be evolved from the scale of the fit."""
    if not fit.description.theory.get("card"):
        return None
    try:
        return read_theory_card(fit)
    except (TheoryError, DataError):
        return None


def _segments(card: TheoryCard, scales: Sequence[float]) -> list[QSegment]:
    """Group increasing scales by the number of active flavours; at a threshold it is that above."""
    thresholds = np.sqrt(card.squared_thresholds())[card.nf0 - 3 : MOST_FLAVOURS - 3]
    flavours = card.nf0 + np.searchsorted(thresholds, scales, side="right")
    return [QSegment(nf=int(nf), q=np.array(scales)[flavours == nf]) for nf in np.unique(flavours)]


def _evolved_scales(scales: Floats) -> Floats:
    """Give the scales to evolve to, so that all of ``scales`` (increasing) can be interpolated: Chebyshev nodes."""
    if len(scales) <= _MOST_EVOLVED:
        return scales
    low, high = np.log(np.log(scales[[0, -1]] / _LAMBDA))
    nodes = np.cos(np.pi * np.arange(_MOST_EVOLVED) / (_MOST_EVOLVED - 1))[::-1]
    result: Floats = _LAMBDA * np.exp(np.exp(0.5 * (low + high) + 0.5 * (high - low) * nodes))
    result[0], result[-1] = scales[0], scales[-1]  # exactly, without rounding
    return result


def _interpolation_in_scale(nodes: Floats, scales: Floats) -> Floats:
    """Give the matrix from values at ``nodes`` to values at ``scales``: one polynomial in log log Q."""
    if nodes is scales:
        return np.eye(len(nodes))
    t, points = np.log(np.log(nodes / _LAMBDA)), np.log(np.log(scales / _LAMBDA))
    columns = [
        np.prod([(points - t[k]) / (t[j] - t[k]) for k in range(len(t)) if k != j], axis=0) for j in range(len(t))
    ]
    return np.stack(columns, axis=1)


def _error_members(pdf: PDFSet) -> tuple[ErrorKind, list[int], float]:
    """Give the kind of a set, the numbers of its error members and the scale of its uncertainties.

    Variations of parameters, such as the last two members of ``replicas+as``, are no error members.
    """
    words = str(pdf.info.get("ErrorType", "unknown")).lower().split("+")
    numbers = list(range(1, pdf.members - 2 * (len(words) - 1)))
    level = float(pdf.info.get("ErrorConfLevel", 68.268949))
    kinds: dict[str, ErrorKind] = {"replicas": "replicas", "symmhessian": "symmhessian", "hessian": "hessian"}
    kind = kinds.get(words[0], "central")
    if kind == "hessian" and len(numbers) % 2:
        raise DataError(f"{pdf.name}: expected two error members for each eigenvector, received {len(numbers)}")
    if kind in ("replicas", "central") or not 0 < level < 100:
        return kind, numbers if kind == "replicas" else [], 1.0
    return kind, numbers, float(np.sqrt(2.0) * erfinv(level / 100.0))


def _chosen_members(pdf: PDFSet, members: Sequence[int], known: Sequence[int], kind: ErrorKind) -> list[int]:
    numbers = sorted({int(number) for number in members})
    unknown = sorted(set(numbers) - set(known))
    if unknown or not numbers or kind != "replicas":
        raise CommandLineError(
            f"{pdf.name}: members: expected numbers of replicas of a set of replicas, "
            f"received {', '.join(map(str, unknown or numbers)) or 'none'} of a set of {len(known)} ({kind})"
        )
    return numbers
