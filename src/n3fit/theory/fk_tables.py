"""FK tables: theory predictions as sums over the PDFs at the initial scale, read through pineappl."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pineappl.fk_table import FkTable
from pineappl.pids import PidBasis

from n3fit.errors import TheoryError
from n3fit.storage import sha256_of_file
from n3fit.storage.cache import ArrayStore, content_key
from n3fit.storage.json_files import parse_json
from n3fit.storage.large_files import LFS_HINT, describe_pointer, is_lfs_pointer
from n3fit.theory.flavours import FK_PIDS
from n3fit.typing import Floats

STANDARD_ERROR = 2
"""File descriptor."""

PROTON = 2212
"""PDG number."""

MISSING_ROWS_KEY = "rows_without_theory"
"""Metadata key of the rows that a table leaves out, a JSON list of row numbers."""

STORE = ArrayStore("fk_tables", version=2)


@dataclass(frozen=True)
class FKTable:
    """One FK table in the FK basis.

    Parameters
    ----------
    name : str
        Name of the file without its suffixes.
    values : (ndata, nchannels, nx) or (ndata, nchannels, nx, nx)
        Weights of x f(x, q0), for one hadron (deep-inelastic) or two (hadronic). Or (ndata,): the predictions of a
        table whose PDFs are known, see :mod:`n3fit.theory.boundary`.
    channels : (nchannels,) or (nchannels, 2)
        Positions in ``n3fit.theory.flavours.FK_BASIS``.
    xgrid : (nx,)
        Nodes, ascending.
    q0 : float
        Initial scale in GeV.
    missing_rows : frozenset of int
        Rows that the theory does not provide.
    sha256 : str
        Checksum of the file.
    polarised : tuple of bool
        Whether each of the PDFs is polarised; empty where none is.
    """

    name: str
    values: Floats
    channels: NDArray[np.intp]
    xgrid: Floats
    q0: float
    missing_rows: frozenset[int]
    sha256: str
    polarised: tuple[bool, ...] = ()

    @property
    def ndata(self) -> int:
        """Number of rows."""
        return self.values.shape[0]

    @property
    def hadronic(self) -> bool:
        """Whether the table multiplies two PDFs."""
        return self.values.ndim == 4

    @property
    def constant(self) -> bool:
        """Whether the predictions depend on no PDF."""
        return self.values.ndim == 1

    def select(self, rows: NDArray[np.intp]) -> FKTable:
        """Return the table with these rows only, in this order.

        Raises
        ------
        TheoryError
            The rows go beyond the table, the theory does not provide one of them, or one is not finite.
        """
        if rows.size and rows.max() >= self.ndata:
            raise TheoryError(
                f"table {self.name}: expected a row for the point {rows.max()} of the data, received {self.ndata} rows",
                hint="use data and theory of the same release",
            )
        missing = sorted(self.missing_rows.intersection(rows.tolist()))
        if missing:
            raise TheoryError(
                f"table {self.name}: the theory gives no prediction for the points {_shortened(missing)}",
                hint="tighten the cuts on Q2 and W2 in datacuts, or use another theory",
            )
        values = self.values[rows]
        broken = ~np.isfinite(values.reshape(len(rows), -1)).all(axis=1)
        if broken.any():
            raise TheoryError(
                f"table {self.name}: expected finite numbers in the rows {_shortened(rows[broken].tolist())}",
                hint="build or fetch the table again",
            )
        return replace(self, values=values, missing_rows=frozenset())

    def predict(self, pdf: Floats) -> Floats:
        """Compute the predictions for PDFs on the nodes of this table.

        Parameters
        ----------
        pdf : (..., nx, 14)
            x f(x, q0) in the FK basis.

        Returns
        -------
        (..., ndata)
        """
        if self.constant:
            return np.array(np.broadcast_to(self.values, (*pdf.shape[:-2], self.ndata)))
        if not self.hadronic:
            return np.einsum("nfx,...xf->...n", self.values, pdf[..., self.channels])
        first, second = pdf[..., self.channels[:, 0]], pdf[..., self.channels[:, 1]]
        return np.einsum("ncxy,...xc,...yc->...n", self.values, first, second, optimize=True)


def read_fk_table(path: Path) -> FKTable:
    """Read one table from a ``.pineappl.lz4`` or ``.pineappl`` file, or from the binary copy of an earlier reading.

    Raises
    ------
    TheoryError
        The file is truncated or not an FK table, or has particles outside the FK basis.
    """
    if is_lfs_pointer(path):
        raise TheoryError(describe_pointer(path), hint=LFS_HINT)
    try:
        checksum = sha256_of_file(path)
    except OSError as error:
        raise TheoryError(f"{path}: cannot be read ({error.strerror or error})") from error
    stored = STORE.get_or_compute(content_key(checksum), lambda: _parse(path))
    return FKTable(
        name=path.name.split(".pineappl")[0],
        values=stored["values"],
        channels=stored["channels"],
        xgrid=stored["xgrid"],
        q0=float(stored["q0"]),
        missing_rows=frozenset(stored["missing_rows"].tolist()),
        sha256=checksum,
        polarised=tuple(stored["polarised"].tolist()),
    )


def _parse(path: Path) -> dict[str, NDArray[Any]]:
    """Read a table with pineappl and return the arrays of an :class:`FKTable`."""
    table = _open(path)
    _check_hadrons(table, path)
    if table.pid_basis != PidBasis.Evol:
        table.rotate_pid_basis(PidBasis.Evol)
    values = np.array(table.table(), dtype=np.float64)
    # pineappl integrates over bins; predictions are divided by the bin's size
    values /= np.array(table.bin_normalizations()).reshape(-1, *(1,) * (values.ndim - 1))
    order = np.argsort(table.x_grid())
    xgrid = np.array(table.x_grid(), dtype=np.float64)[order]
    hadronic = values.ndim == 4
    # pineappl's tables multiply f(x), ours x f(x)
    if hadronic:
        values = values[..., order, :][..., order] / np.multiply.outer(xgrid, xgrid)
    else:
        values = values[..., order] / xgrid
    return {
        "values": values,
        "channels": _channels(table, path, hadronic),
        "xgrid": xgrid,
        "q0": np.array(math.sqrt(table.fac0())),
        "polarised": _polarised(table),
        "missing_rows": np.array(sorted(_missing_rows(table, path)), dtype=np.int64),
    }


def _open(path: Path) -> FkTable:
    """Read a file with pineappl, which signals broken files by a Rust panic, not an ``Exception``."""
    try:
        with _without_panic_text():
            return FkTable.read(str(path))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise TheoryError(
            f"{path}: not a readable FK table ({type(error).__name__}); the file may be truncated",
            hint="fetch or build it again",
        ) from error


@contextmanager
def _without_panic_text() -> Iterator[None]:
    """Yield while the standard error stream of the process, to which Rust writes its panics, is discarded."""
    sys.stderr.flush()
    kept = os.dup(STANDARD_ERROR)
    silence = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(silence, STANDARD_ERROR)
        yield
    finally:
        os.dup2(kept, STANDARD_ERROR)
        os.close(kept)
        os.close(silence)


def _check_hadrons(table: FkTable, path: Path) -> None:
    """Check that a table multiplies one or two PDFs of protons.

    Raises
    ------
    TheoryError
        It multiplies others, fragmentation functions, or more.
    """
    convolutions = table.convolutions
    if len(convolutions) not in (1, 2):
        raise TheoryError(f"{path}: expected a table of one or two PDFs, received one of {len(convolutions)}")
    for convolution in convolutions:
        if convolution.convolution_types.time_like:
            raise TheoryError(f"{path}: expected a table of PDFs, received one of fragmentation functions")
        if convolution.pid != PROTON:
            raise TheoryError(f"{path}: expected a table of PDFs of the proton ({PROTON}), received {convolution.pid}")


def _channels(table: FkTable, path: Path, hadronic: bool) -> NDArray[np.intp]:
    pids = np.array(table.channels())
    unknown = sorted(set(pids.ravel().tolist()) - set(FK_PIDS))
    if unknown:
        raise TheoryError(f"{path}: expected particles of the FK basis, received {unknown}")
    position = {pid: index for index, pid in enumerate(FK_PIDS)}
    indices = np.array([position[pid] for pid in pids.ravel().tolist()], dtype=np.intp)
    return indices.reshape(pids.shape) if hadronic else indices


def _polarised(table: FkTable) -> NDArray[np.bool_]:
    """Return whether each PDF of a table is polarised, an empty array if none is."""
    kinds = np.array([convolution.convolution_types.polarized for convolution in table.convolutions], dtype=bool)
    return kinds if kinds.any() else kinds[:0]


def _missing_rows(table: FkTable, path: Path) -> frozenset[int]:
    text = table.metadata.get(MISSING_ROWS_KEY, "[]")
    try:
        return frozenset(int(row) for row in parse_json(text))
    except (ValueError, TypeError) as error:
        raise TheoryError(
            f"{path}: expected a list of row numbers in the metadata {MISSING_ROWS_KEY!r}, received {text[:80]!r}"
        ) from error


def _shortened(rows: list[int]) -> str:
    shown = ", ".join(map(str, rows[:8]))
    return f"{shown}, ... ({len(rows)} in all)" if len(rows) > 8 else shown
