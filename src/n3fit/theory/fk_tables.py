"""FK tables: theory predictions as sums over the PDFs at the initial scale."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from n3fit.errors import TheoryError
from n3fit.storage import sha256_of_file
from n3fit.storage.cache import ArrayStore, content_key
from n3fit.storage.large_files import LFS_HINT, describe_pointer, is_lfs_pointer
from n3fit.theory.pineappl_files import parse_table
from n3fit.typing import Floats

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

    def select(self, rows: NDArray[np.intp], factors: Floats | None = None) -> FKTable:
        """Return the table with these rows only, in this order, each times one of ``factors`` (rows,).

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
        # a copy of all rows is avoided where it changes nothing: tables are the largest arrays of a fit
        unchanged = np.array_equal(rows, np.arange(self.ndata))
        values = self.values if unchanged else self.values[rows]
        with np.errstate(all="ignore"):
            if factors is not None and (factors != 1).any():
                columns = factors.reshape(-1, *(1,) * (values.ndim - 1))
                values = np.multiply(values, columns, out=None if unchanged else values)
            # a sum is finite only if its terms are, and it needs no temporary array
            doubtful = not np.isfinite(values.sum())
        if doubtful:
            self._check_finite(rows)
        return replace(self, values=values, missing_rows=frozenset())

    def _check_finite(self, rows: NDArray[np.intp]) -> None:
        broken = ~np.isfinite(self.values[rows].reshape(len(rows), -1)).all(axis=1)
        if broken.any():
            raise TheoryError(
                f"table {self.name}: expected finite numbers in the rows {_shortened(rows[broken].tolist())}",
                hint="build or fetch the table again",
            )

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
            chosen = np.swapaxes(pdf[..., self.channels], -1, -2)
            return chosen.reshape(*pdf.shape[:-2], -1) @ self.values.reshape(self.ndata, -1).T
        return self._predict_hadronic(pdf.reshape(-1, *pdf.shape[-2:])).reshape(*pdf.shape[:-2], self.ndata)

    def _predict_hadronic(self, pdf: Floats) -> Floats:
        """Return the predictions (R, ndata) for PDFs (R, nx, 14), as matrix products for one channel at a time."""
        by_flavour = np.ascontiguousarray(np.moveaxis(pdf, -1, 0))
        nodes = len(self.xgrid)
        result = np.zeros((len(pdf), self.ndata))
        for channel, (first, second) in enumerate(self.channels.tolist()):
            weights = self.values[:, channel].transpose(1, 0, 2).reshape(nodes, -1)
            half = (by_flavour[first] @ weights).reshape(len(pdf), self.ndata, nodes)
            result += (half @ by_flavour[second][:, :, np.newaxis])[..., 0]
        return result


def read_fk_table(path: Path, *, cached: bool = True) -> FKTable:
    """Read one table from a ``.pineappl.lz4`` or ``.pineappl`` file, or from the binary copy of an earlier reading.

    Without ``cached`` no copy is read or kept.

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
    stored = STORE.get_or_compute(content_key(checksum), lambda: parse_table(path)) if cached else parse_table(path)
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


def _shortened(rows: list[int]) -> str:
    shown = ", ".join(map(str, rows[:8]))
    return f"{shown}, ... ({len(rows)} in all)" if len(rows) > 8 else shown
