"""Ensembles of the members of LHAPDF sets."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Literal

import numpy as np

from n3fit.ensembles.alpha_s import AlphaVariation
from n3fit.ensembles.bands import ErrorKind
from n3fit.ensembles.ensemble import Ensemble
from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.errors import CommandLineError, DataError
from n3fit.lhapdf.alpha_members import alpha_members, error_member_count, error_words
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.xgrids import export_xgrid
from n3fit.typing import Floats

_EDGE = 1e-6  # relative rounding error of the smallest node


class SetEnsemble(Ensemble):
    """The members of an LHAPDF set.

    Parameters
    ----------
    pdf : PDFSet
    members : "all", "central", or sequence of int
        All error members and those of another alpha_s, the central member alone, or numbers of replicas.
    label : str, optional
        Name in legends; by default that of the set.
    """

    def __init__(
        self, pdf: PDFSet, *, members: Literal["all", "central"] | Sequence[int] = "all", label: str | None = None
    ) -> None:
        grids = pdf.member(0).subgrids
        self.label = label or pdf.name
        self.q0, self.q_max = float(grids[0].q[0]), float(grids[-1].q[-1])
        self._pdf = pdf
        self._kind, numbers, self._scale = error_members(pdf)
        if not isinstance(members, str):
            numbers = _chosen_members(pdf, members, numbers, self._kind)
        elif members == "central" or not numbers:
            self._kind, numbers = "central", []
        self._numbers = numbers
        self._varied = alpha_members(pdf) if isinstance(members, str) and members == "all" and numbers else None
        lowest = max(float(grid.x[0]) for grid in grids)
        nodes = export_xgrid()
        self._x = nodes if lowest <= nodes[0] * (1 + _EDGE) else np.append(lowest, nodes[nodes > lowest * 1.01])
        self.x_min = float(self._x[0])

    def on_nodes(self, x: Floats, q: float) -> EnsembleOnGrid:
        """Return the members at points in x, as readers of the format interpolate; see :meth:`Ensemble.on_nodes`."""
        return self._on_nodes(x, [q], NullReporter())[0]

    def _evaluate(self, scales: Sequence[float], progress: ProgressReporter) -> list[EnsembleOnGrid]:
        return self._on_nodes(self._x, scales, progress)

    def _on_nodes(self, x: Floats, scales: Sequence[float], progress: ProgressReporter) -> list[EnsembleOnGrid]:
        varied = [] if self._varied is None else list(self._varied.numbers)
        total = len(self._numbers) + len(varied) + 1
        values = []
        for done, number in enumerate([0, *self._numbers, *varied], start=1):
            member = self._pdf.member(number)
            values.append([member.xfx(EXPORT_PIDS, x, q).T for q in scales])
            progress.step(f"members of {self.label}", done, total)
        grids = np.array(values)  # (1 + R, nscales, nx, 14), and two more of another alpha_s
        shown = grids[1 : 1 + len(self._numbers)] if self._numbers else grids
        return [
            EnsembleOnGrid(
                self.label, q, self._kind, x, shown[:, place], grids[0, place], self._scale,
                alpha_s=None if self._varied is None else AlphaVariation(grids[-2:, place], self._varied.values),
            )
            for place, q in enumerate(scales)
        ]  # fmt: skip


def error_members(pdf: PDFSet) -> tuple[ErrorKind, list[int], float]:
    """Return the kind of a set, the numbers of its error members and the scale of its uncertainties.

    Variations of parameters, such as the last two members of ``replicas+as``, are not error members.
    """
    numbers = list(range(1, 1 + error_member_count(pdf)))
    level = float(pdf.info.get("ErrorConfLevel", 68.268949))
    kinds: dict[str, ErrorKind] = {"replicas": "replicas", "symmhessian": "symmhessian", "hessian": "hessian"}
    kind = kinds.get(error_words(pdf)[0], "central")
    if kind == "hessian" and len(numbers) % 2:
        raise DataError(f"{pdf.name}: expected two error members for each eigenvector, received {len(numbers)}")
    if kind in ("replicas", "central") or not 0 < level < 100:
        return kind, numbers if kind == "replicas" else [], 1.0
    return kind, numbers, NormalDist().inv_cdf(0.5 + level / 200.0)


def _chosen_members(pdf: PDFSet, members: Sequence[int], known: Sequence[int], kind: ErrorKind) -> list[int]:
    numbers = sorted({int(number) for number in members})
    unknown = sorted(set(numbers) - set(known))
    if unknown or not numbers or kind != "replicas":
        raise CommandLineError(
            f"{pdf.name}: members: expected numbers of replicas of a set of replicas, "
            f"received {', '.join(map(str, unknown or numbers)) or 'none'} of a set of {len(known)} ({kind})"
        )
    return numbers
