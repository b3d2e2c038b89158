"""Processes of data sets, from the metadata of the data library."""

from __future__ import annotations

from dataclasses import replace

import pytest

from n3fit.data import load_commondata
from n3fit.data.process_groups import process_groups, process_of
from n3fit.errors import DataError


@pytest.mark.parametrize(
    ("name", "variant", "process"),
    [
        ("SLAC_NC_NOTFIXED_P_EM-F2", "legacy_dw", "DIS NC"),
        ("HERA_CC_318GEV_EM-SIGMARED", "legacy", "DIS CC"),
        ("CMS_TTBAR_5TEV_TOT_X-SEC", "legacy", "TOP"),
        ("ATLAS_SINGLETOP_7TEV_TCHANNEL-XSEC", "legacy", "SINGLETOP"),
        ("NNPDF_POS_2P24GEV_XGL", None, "POSITIVITY"),
    ],
)
def test_process(name: str, variant: str | None, process: str) -> None:
    assert process_of(load_commondata(name, variant)) == process


def test_groups_are_in_order_of_first_appearance() -> None:
    slac = load_commondata("SLAC_NC_NOTFIXED_P_EM-F2", "legacy_dw")
    hera = load_commondata("HERA_CC_318GEV_EM-SIGMARED", "legacy")
    deuteron = load_commondata("SLAC_NC_NOTFIXED_D_EM-F2", "legacy_dw")
    groups = process_groups([hera, slac, deuteron])
    assert {name: [entry.name for entry in found] for name, found in groups.items()} == {
        "DIS CC": [hera.name],
        "DIS NC": [slac.name, deuteron.name],
    }
    assert list(groups) == ["DIS CC", "DIS NC"]


def test_unknown_data_set_is_an_error() -> None:
    slac = load_commondata("SLAC_NC_NOTFIXED_P_EM-F2", "legacy_dw")
    with pytest.raises(DataError, match="there is no data set"):
        process_of(replace(slac, name="SLAC_NC_SOMEWHERE_P_EM-F2"))
