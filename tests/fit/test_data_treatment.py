"""Weights, groups and wrong uncertainties, from keys of a runcard."""

from __future__ import annotations

from typing import Any

import pytest
from support import problems

from n3fit.data import CommonData, load_commondata
from n3fit.errors import DataError
from n3fit.fit.data_treatment import groups_of, weights_of, wrong_uncertainties
from n3fit.runcard import Runcard

NMC, SLAC = "NMC_NC_NOTFIXED_P_EM-SIGMARED", "SLAC_NC_NOTFIXED_P_EM-F2"
ENTRIES: tuple[dict[str, Any], ...] = (
    {"dataset": NMC, "variant": "legacy", "weight": 2.5, "custom_group": "mine"},
    {"dataset": SLAC, "variant": "legacy_dw", "weight": 0.0},
)


@pytest.fixture(scope="module")
def datasets() -> list[CommonData]:
    return [load_commondata(entry["dataset"], entry["variant"]) for entry in ENTRIES]


def card_of(**changes: Any) -> Runcard:
    return Runcard.model_validate(problems.make_runcard().model_dump() | {"dataset_inputs": ENTRIES} | changes)


def test_weights_are_one_or_zero_unless_they_are_requested(datasets: list[CommonData]) -> None:
    assert weights_of(card_of(use_weights_in_covmat=False), datasets) == {NMC: 1.0, SLAC: 0.0}
    assert weights_of(card_of(use_weights_in_covmat=True), datasets) == {NMC: 2.5, SLAC: 0.0}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("ALL", None),
        ("experiment", ["NMC", "DEUTERON"]),
        ("custom_group", ["mine", "unset"]),
        ("nnpdf31_process", ["DIS NC", "DIS NC"]),
    ],
)
def test_groups(datasets: list[CommonData], key: str, expected: list[str] | None) -> None:
    assert groups_of(card_of(metadata_group=key, diagonal_basis=False), datasets) == expected


def test_correlations_within_the_whole_diagonal_basis_make_one_group(datasets: list[CommonData]) -> None:
    assert groups_of(card_of(metadata_group="experiment", diagonal_basis=True), datasets) is None


def test_a_group_that_metadata_do_not_have(datasets: list[CommonData]) -> None:
    with pytest.raises(DataError, match=f"metadata_group: {NMC} has no text 'colour' in its metadata") as caught:
        groups_of(card_of(metadata_group="colour", diagonal_basis=False), datasets)
    assert "choose one of experiment, custom_group, ALL, " in caught.value.hint


def test_wrong_uncertainties_are_those_of_the_settings_under_names_of_today() -> None:
    settings = {
        "inconsistent_datasets": ["SLACP_dwsh", NMC],
        "treatment_names": ["MULT"],
        "names_uncertainties": ["CORR", "SPECIAL"],
        "sys_rescaling_factor": 0.5,
    }
    closure = {"level": 1, "fakepdf": "toy", "filterseed": 1, "inconsistent_data_settings": settings}
    assert wrong_uncertainties(card_of(closuretest=closure)) is None
    assert wrong_uncertainties(card_of()) is None
    found = wrong_uncertainties(card_of(closuretest=closure | {"inconsistent_fakedata": True}))
    assert found is not None
    assert (found.datasets, found.treatments) == ((SLAC, NMC), ("MULT",))
    assert (found.correlations, found.factor) == (("CORR", "SPECIAL"), 0.5)
