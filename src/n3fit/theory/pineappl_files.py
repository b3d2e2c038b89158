"""Reading of FK tables with pineappl."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pineappl.fk_table import FkTable
from pineappl.pids import PidBasis

from n3fit.errors import TheoryError
from n3fit.storage.json_files import parse_json
from n3fit.theory.flavours import FK_PIDS

STANDARD_ERROR = 2
"""File descriptor."""

PROTON = 2212
"""PDG number."""

MISSING_ROWS_KEY = "rows_without_theory"
"""Metadata key of the rows that a table leaves out, a JSON list of row numbers."""


def parse_table(path: Path) -> dict[str, NDArray[Any]]:
    """Read a table and return the arrays of an :class:`~n3fit.theory.fk_tables.FKTable`.

    Raises
    ------
    TheoryError
        The file is truncated or not an FK table, has particles outside the FK basis, does not multiply one or two
        PDFs of the proton.
    """
    table: FkTable = call_pineappl(lambda: FkTable.read(str(path)), f"{path}: not a readable FK table")
    _check_hadrons(table, path)
    if table.fac0() is None:
        return _zeros(table, path)
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


def _zeros(table: FkTable, path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of a table without any number, for which pineappl has neither nodes nor initial scale."""
    pdfs = len(table.convolutions)
    return {
        "values": np.zeros((len(table.bin_normalizations()), 1, *(1,) * pdfs)),
        "channels": np.zeros((1, 2) if pdfs == 2 else 1, dtype=np.intp),
        "xgrid": np.ones(1),
        "q0": np.array(math.nan),
        "polarised": _polarised(table),
        "missing_rows": np.array(sorted(_missing_rows(table, path)), dtype=np.int64),
    }


def call_pineappl(function: Callable[[], Any], message: str) -> Any:
    """Return the result of a function of pineappl, which signals errors by a Rust panic, not an ``Exception``.

    Raises
    ------
    TheoryError
        The function failed: ``message`` and the name of the exception.
    """
    try:
        with without_panic_text():
            return function()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise TheoryError(
            f"{message} ({type(error).__name__}); the file may be truncated", hint="fetch or build it again"
        ) from error


@contextmanager
def without_panic_text() -> Iterator[None]:
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
