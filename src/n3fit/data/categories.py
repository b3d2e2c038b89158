"""Process categories of data sets, which are groups in tables of chi2.

Uncertainties of the theory are correlated differently within and between them.

The category follows from the type of the process; total cross-sections have one type for all processes, and their
category from the name of the set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from n3fit.data.commondata import CommonData
from n3fit.errors import DataError

_TYPES = {
    "DIS NC": "DIS_NC DIS_NC_BOTTOM DIS_NC_CHARM DIS_POL",
    "DIS CC": "DIS_CC",
    "DY NC": "DYP_FT DY_MLL DY_NC_PT DY_NC_PTRAP DY_Z_Y",
    "DY CC": "DY_CC_PT DY_W_ETA",
    "DY": "DY_VB_ETA",
    "JETS": "JET JET_POL",
    "DIJET": "DIJET DIJET_3D DIJET_POL",
    "HERAJET": "HERAJET",
    "HERADIJET": "HERADIJET",
    "TOP": "HQP_MQQ HQP_PTQ HQP_YQ HQP_YQQ",
    "SINGLETOP": "SINGLETOP",
    "PHOTON": "PHT",
    "SHP": "SHP_ASY",
    "POSITIVITY": "POS_DIS POS_DY POS_POL POS_XPDF",
    "INTEGRABILITY": "INTEG",
}

CATEGORY_OF_TYPE: Mapping[str, str] = MappingProxyType(
    {kind: category for category, kinds in _TYPES.items() for kind in kinds.split()}
)

TOTAL_CROSS_SECTION = "INC"
"""The process type of total cross-sections."""

_TOTALS = {"Z0": "DY NC", "WPWM": "DY CC", "DY": "DY", "TTBAR": "TOP", "SINGLETOP": "SINGLETOP"}
"""Category by the second word of the names of total cross-sections, as in ``CMS_TTBAR_8TEV_TOT_X-SEC``."""


def process_groups(datasets: Sequence[CommonData]) -> dict[str, list[CommonData]]:
    """Group the data sets by process category, or by process type without one, in order of first appearance."""
    groups: dict[str, list[CommonData]] = {}
    for dataset in datasets:
        category = find_category(dataset.name, dataset.process_type) or dataset.process_type
        groups.setdefault(category, []).append(dataset)
    return groups


def process_category(dataset: CommonData) -> str:
    """Return the category of a data set, one of :data:`n3fit.vocabulary.PROCESS_CATEGORIES`.

    Raises
    ------
    DataError
        The type of its process has no category.
    """
    return category_of(dataset.name, dataset.process_type)


def category_of(name: str, process_type: str) -> str:
    """Return the category of a data set from its name and the type of its process; see :func:`process_category`."""
    category = find_category(name, process_type)
    if category is None and process_type == TOTAL_CROSS_SECTION:
        raise DataError(
            f"{name}: the process category of a total cross-section is the second word of its name: expected one of "
            f"{', '.join(_TOTALS)}, as in MYEXP_TTBAR_13TEV_TOT",
            hint="give the data set such a name, or leave it out",
        )
    if category is None:
        raise DataError(
            f"{name}: the process type {process_type!r} belongs to no process category",
            hint=f"known types: {', '.join(CATEGORY_OF_TYPE)}, and {TOTAL_CROSS_SECTION} for total cross-sections",
        )
    return category


def find_category(name: str, process_type: str) -> str | None:
    """Return the category of a data set as :func:`category_of` does, None without one."""
    if process_type != TOTAL_CROSS_SECTION:
        return CATEGORY_OF_TYPE.get(process_type)
    words = name.split("_")
    return _TOTALS.get(words[1]) if len(words) > 1 else None
