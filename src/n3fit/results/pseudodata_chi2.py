"""Chi2 of replicas to the pseudodata that each was fitted to."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from n3fit.data.whitening import whiten_residuals
from n3fit.errors import DataError
from n3fit.results.folder import FitFolder
from n3fit.results.layout import replica_folder
from n3fit.storage.json_files import read_text
from n3fit.typing import Floats

PSEUDODATA = "pseudodata.csv"


def read_pseudodata(fit: FitFolder) -> Floats:
    """Read the pseudodata (R, N) of all replicas of a fit.

    Raises
    ------
    DataError
        The fit was made without ``savepseudodata``, or a file is damaged.
    ResourceError
        A file cannot be read.
    """
    return np.stack([_read(replica_folder(fit.path, int(number)) / PSEUDODATA, fit) for number in fit.replicas])


def pseudodata_chi2(predictions: Floats, pseudodata: Floats, covariance: Floats) -> Floats:
    """Compute the chi2 (R,) of each replica to its own data; nan for predictions that are not finite.

    Parameters
    ----------
    predictions, pseudodata : (R, N)
    covariance : (N, N)
        Positive definite.
    """
    residuals = predictions - pseudodata
    finite = np.isfinite(residuals).all(axis=1)
    chi2 = np.full(len(residuals), np.nan)
    whitened = whiten_residuals(residuals[finite], np.zeros(residuals.shape[1]), covariance)
    chi2[finite] = np.sum(whitened**2, axis=1)
    return chi2


def _read(path: Path, fit: FitFolder) -> Floats:
    if not path.is_file():
        raise DataError(f"{path}: missing", hint="fit with fitting.savepseudodata: true")
    try:
        values = np.array([float(line.rpartition(",")[2]) for line in read_text(path).splitlines()[1:]])
    except ValueError as error:
        raise DataError(f"{path}: {error}", hint="the file is damaged; restore it or fit again") from error
    if values.shape != (len(fit.points),):
        raise DataError(
            f"{path}: expected {len(fit.points)} points, received {len(values)}",
            hint="the file is damaged; restore it or fit again",
        )
    return values
