"""Evolution operators of a theory on an x-grid, built once and stored in the cache.

Each operator is an entry of its own, so that building can be interrupted and continued. The key of an entry contains
all that the operator depends on: the parameters of the evolution, the x-grid, the versions of the kernels and of eko.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from n3fit.evolution.blocks import BlockOperator
from n3fit.evolution.grids import QSegment
from n3fit.evolution.kernels import KERNELS_VERSION
from n3fit.evolution.kernels.operators import EvolutionOperators, evolution_parameters
from n3fit.progress import ProgressReporter
from n3fit.storage.cache import ArrayStore, content_key
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats, Integers

STORE = ArrayStore("operators", version=1)

MELLIN_NODES = 120
"""Gauss-Legendre nodes of the inverse Mellin integrals; twice as many change the evolved toy PDF by less than 1e-6."""


class OperatorCache:
    """The operators of one theory on one x-grid.

    Parameters
    ----------
    card : TheoryCard
    xgrid : (nx,)
        Increasing nodes, the last of them 1.
    polarised : bool
        Whether the operators are those of polarised distributions.

    Attributes
    ----------
    identity : str
        Hash of all that the operators depend on but for their scale and number of flavours.
    """

    def __init__(self, card: TheoryCard, xgrid: Floats, *, polarised: bool = False) -> None:
        self.card = card
        self.xgrid = xgrid
        self.polarised = polarised
        parameters = [f"{key}={value!r}" for key, value in evolution_parameters(card).items()]
        parameters += ["polarised"] * polarised
        self.identity = content_key(KERNELS_VERSION, _eko_version(), MELLIN_NODES, *parameters, xgrid)

    def path(self, q: float, nf: int) -> Path:
        """Return the file of one operator; it may not exist yet."""
        return STORE.path(self._key(q, nf))

    def load(self, segments: Sequence[QSegment], *, progress: ProgressReporter) -> list[list[BlockOperator]]:
        """Return the operators to the nodes of each segment; those that are missing are built and stored.

        ``progress`` receives the number of operators that are available.
        """
        total = sum(len(segment.q) for segment in segments)
        done = 0
        operators: list[list[BlockOperator]] = []
        for segment in segments:
            operators.append([])
            for q in segment.q.tolist():
                operators[-1].append(self._load_one(q, segment.nf))
                done += 1
                progress.step("evolution operators", done, total)
        return operators

    def _load_one(self, q: float, nf: int) -> BlockOperator:
        stored = STORE.get_or_compute(self._key(q, nf), lambda: self._build(q, nf))
        return BlockOperator(nf=nf, rows=stored["rows"], columns=stored["columns"], matrices=stored["matrices"])

    def _build(self, q: float, nf: int) -> dict[str, Floats | Integers]:
        blocks = self._builder.block_operator(q, nf)
        return {"rows": blocks.rows, "columns": blocks.columns, "matrices": blocks.matrices}

    @cached_property
    def _builder(self) -> EvolutionOperators:
        """Builder of operators, constructed only when an operator is missing, as that takes long."""
        return EvolutionOperators(self.card, self.xgrid, nodes=MELLIN_NODES, polarised=self.polarised)

    def _key(self, q: float, nf: int) -> str:
        return content_key(self.identity, q, nf)


def _eko_version() -> str:
    return version("eko")
