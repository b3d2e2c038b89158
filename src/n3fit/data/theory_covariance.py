"""Covariance matrices from elsewhere, for instance of missing higher orders, brought into the order of the fit."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from n3fit.data.commondata import CommonData, FloatArray
from n3fit.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)


def align_covariance(matrix: pd.DataFrame, datasets: Sequence[CommonData]) -> FloatArray:
    """Give the part of a labelled covariance that belongs to the points of the fit, in their order.

    Parameters
    ----------
    matrix : DataFrame
        Rows and columns labelled ``(data set, row of its file)``, each in any order of its own. What belongs to data
        sets or points outside the fit is left out.
    datasets : sequence of CommonData
        The data sets after cuts, N points.

    Returns
    -------
    array (N, N)
        Read-only, a new one at every call.

    Raises
    ------
    DataError
        A label appears twice, or a point of the fit is missing.
    """
    import pandas as pd

    wanted = pd.MultiIndex.from_tuples([(data.name, int(row)) for data in datasets for row in data.indices])
    for axis, labels in (("rows", matrix.index), ("columns", matrix.columns)):
        if labels.nlevels != 2:
            raise DataError(f"the {axis} of the covariance must be labelled (data set, row), received {labels.names}")
        if labels.has_duplicates:
            repeated = next(iter(labels[labels.duplicated()]))
            raise DataError(f"the {axis} of the covariance have point {repeated[1]} of {repeated[0]} twice")
        missing = [label for label, found in zip(wanted, wanted.isin(labels), strict=True) if not found]
        if missing:
            name, row = missing[0]
            raise DataError(
                f"{name}: the {axis} of the covariance lack point {row} and {len(missing) - 1} more points of the fit",
                hint="make the covariance for the data sets and cuts of this fit",
            )
    unused = sorted(set(matrix.index.get_level_values(0)) - {dataset.name for dataset in datasets})
    if unused:
        logger.warning("the covariance of %s is not used: these data sets are not in the fit", ", ".join(unused))
    aligned = np.array(matrix.loc[wanted, wanted], dtype=np.float64)
    aligned.setflags(write=False)
    return aligned
