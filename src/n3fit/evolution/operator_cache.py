"""Evolution operators of a theory, built once and kept on disk.

Each operator is one ``.npz`` file in a folder named by the hash of all that it depends on, so that building can be
interrupted and goes on where it was. A file that is damaged or belongs to another theory or x-grid is built again.
"""

from __future__ import annotations

import json
import logging
import zipfile
import zlib
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from n3fit.errors import MissingExtraError, ResourceError, TheoryError
from n3fit.evolution.blocks import BlockOperator, compress_operator
from n3fit.evolution.grids import QSegment
from n3fit.evolution.kernels.operators import EvolutionOperators
from n3fit.storage import cache_directory, sha256_of_bytes, sha256_of_file, write_atomically
from n3fit.theory.theory_card import TheoryCard

Floats = NDArray[np.float64]

logger = logging.getLogger(__name__)

_KERNELS = Path(__file__).parent / "kernels"

FORMAT = 1
"""Raise it when the meaning of a stored operator changes."""

MELLIN_NODES = 120
"""Gauss-Legendre nodes of the inverse Mellin integrals; twice as many change the evolved toy PDF by less than 1e-6."""

_CALCULATION = (
    "anomalous_dimensions", "compiled", "couplings", "flavour_structure", "interpolation", "mellin", "operators",
)  # fmt: skip
_KEYS = (
    "PTO", "ModEv", "alphas", "Qref", "nfref", "Q0", "nf0", "mc", "mb", "mt", "kcThr", "kbThr", "ktThr",
    "ev_op_iterations", "backward_inversion",
)  # fmt: skip
_UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error)


class OperatorCache:
    """The operators of one theory on one x-grid.

    Parameters
    ----------
    card : TheoryCard
    xgrid : (nx,)
        Increasing nodes, the last of them 1.
    """

    def __init__(self, card: TheoryCard, xgrid: Floats) -> None:
        self.card = card
        self.xgrid = xgrid
        content = {
            "format": FORMAT,
            "eko": _eko_version(),
            "calculation": {name: sha256_of_file(_KERNELS / f"{name}.py") for name in _CALCULATION},
            "mellin nodes": MELLIN_NODES,
            "card": {key: getattr(card, key) for key in _KEYS},
            "xgrid": [float(x).hex() for x in xgrid],
        }
        self.identity = sha256_of_bytes(json.dumps(content, sort_keys=True).encode())

    @property
    def folder(self) -> Path:
        """Where the operators are kept; the folder may not exist yet."""
        return cache_directory() / "operators" / self.identity[:16]

    def path(self, q: float, nf: int) -> Path:
        """Give the file of one operator."""
        return self.folder / f"nf{nf}_q{q.hex()}.npz"

    def load(
        self, segments: Sequence[QSegment], *, progress: Callable[[str, int, int], None]
    ) -> list[list[BlockOperator]]:
        """Give the operators to the nodes of each segment; build and keep those that are missing.

        ``progress`` is called with a name, and how many of how many operators are there.
        """
        total = sum(len(segment.q) for segment in segments)
        done = 0
        operators: list[list[BlockOperator]] = []
        for segment in segments:
            operators.append([])
            for q in segment.q.tolist():
                path = self.path(q, segment.nf)
                operator = self._read(path, segment.nf)
                if operator is None:
                    operator = self._build(q, segment.nf)
                    self._write(path, operator)
                operators[-1].append(operator)
                done += 1
                progress("evolution operators", done, total)
        return operators

    def _build(self, q: float, nf: int) -> BlockOperator:
        return compress_operator(self._builder.operator(q, nf), nf_from=self.card.nf0, nf_to=nf)

    @cached_property
    def _builder(self) -> EvolutionOperators:
        """What builds operators; takes long to make and is not needed when all operators are there."""
        return EvolutionOperators(self.card, self.xgrid, nodes=MELLIN_NODES)

    def _read(self, path: Path, nf: int) -> BlockOperator | None:
        if not path.is_file():
            return None
        try:
            with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as stored:
                self._check(stored, path)
                return BlockOperator(nf=nf, rows=stored["rows"], columns=stored["columns"], matrices=stored["matrices"])
        except (TheoryError, *_UNREADABLE) as error:
            logger.warning("%s: not a usable operator (%s); building it again", path, error)
            return None

    def _check(self, stored: np.lib.npyio.NpzFile, path: Path) -> None:
        """Refuse an operator of another theory or x-grid, or one that holds anything but finite numbers."""
        identity = stored["identity"].tobytes().decode()
        if identity != self.identity:
            raise TheoryError(
                f"{path}: expected the operator of theory and x-grid {self.identity[:16]}, received {identity[:16]}"
            )
        shape = (len(stored["rows"]), len(self.xgrid), len(self.xgrid))
        matrices = stored["matrices"]
        if matrices.shape != shape or len(stored["columns"]) != shape[0]:
            raise TheoryError(f"{path}: expected matrices of the shape {shape}, received {matrices.shape}")
        if not np.isfinite(matrices).all():
            raise TheoryError(f"{path}: a number is not finite")

    def _write(self, path: Path, operator: BlockOperator) -> None:
        stream = BytesIO()
        np.savez(
            stream,
            allow_pickle=False,
            identity=np.frombuffer(self.identity.encode(), dtype=np.uint8),
            rows=operator.rows,
            columns=operator.columns,
            matrices=operator.matrices,
        )
        try:
            write_atomically(path, stream.getvalue())
        except ResourceError as error:
            logger.warning("the cache of operators cannot be used: %s", error)


def _eko_version() -> str:
    try:
        return version("eko")
    except PackageNotFoundError as error:
        raise MissingExtraError("eko", "theory") from error
