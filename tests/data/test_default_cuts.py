"""The default cuts: points of real data sets, counted with the methodology's own program."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from support.data import NNLO

from n3fit.data import TheoryFeatures, default_cuts, default_rules, load_commondata, select_points
from n3fit.storage.yaml_files import read_yaml

SHARED = Path(__file__).parents[3] / "shared"
NLO = TheoryFeatures(order=1, scheme="FONLL-B", fitted_charm=True)


def kept(name: str, variant: str | None = None, theory: TheoryFeatures = NNLO) -> list[int]:
    return np.flatnonzero(select_points(load_commondata(name, variant), default_cuts(theory)).kept).tolist()


def test_there_are_73_conditions() -> None:
    rules = default_rules()
    assert len(rules) == 73
    assert len({(rule.dataset, rule.process_type, rule.rule, rule.order, rule.scheme) for rule in rules}) == 73
    assert all(rule.reason and rule.origin == "default" for rule in rules)


@pytest.mark.parametrize(
    ("name", "variant", "count"),
    [
        ("HERA_NC_318GEV_EAVG_CHARM-SIGMARED", "legacy", 37),
        ("LHCB_WPWM_7TEV_MUON_Y", None, 14),
        ("LHCB_Z0_7TEV_MUON_Y", None, 15),
        ("D0_WPWM_1P96TEV_ASY", "legacy", 9),
        ("DYE866_Z0_800GEV_PXSEC", "legacy", 88),
        ("DYE605_Z0_38P8GEV_DW_PXSEC", "legacy", 85),
        ("ATLAS_Z0J_8TEV_PT-Y", "legacy_10", 48),
        ("CMS_Z0J_8TEV_PT-Y", None, 28),
        ("CMS_1JET_8TEV_PTY", None, 185),
        ("ATLAS_Z0_7TEV_49FB_HIMASS", "legacy", 5),
        ("ATLAS_Z0_8TEV_LOWMASS_M-Y", "legacy", 60),
        ("E142_NC_NOTFIXED_EN_G1", None, 0),
    ],
)
def test_points_at_nnlo(name, variant, count) -> None:
    assert len(kept(name, variant)) == count


def test_the_last_bin_of_a_normalised_distribution_is_left_out() -> None:
    assert kept("ATLAS_TTBAR_8TEV_LJ_DIF_YT-NORM", "legacy") == [0, 1, 2, 3]
    assert kept("CMS_TTBAR_8TEV_LJ_DIF_YTTBAR-NORM", "legacy") == [0, 1, 2, 3, 4, 5, 6, 7, 9]


def test_order_scheme_and_fitted_charm_of_the_theory_matter() -> None:
    assert len(kept("LHCB_Z0_7TEV_MUON_Y", None, NLO)) == 17
    assert kept("ATLAS_Z0_7TEV_LOMASS_M", "legacy", NLO) == [2, 3, 4, 5]
    assert kept("ATLAS_Z0_7TEV_LOMASS_M", "legacy") == [0, 1, 2, 3, 4, 5]
    # NNLO: mass up to 200 GeV and y up to 2.2; NLO: from 30 GeV too
    data = load_commondata("CMS_Z0_7TEV_DIMUON_2D")
    mass, y = np.sqrt(data.kinematics["m_Z2"]), data.kinematics["y"]
    at_nnlo = (mass <= 200) & (y <= 2.2)
    np.testing.assert_array_equal(kept(data.name), np.flatnonzero(at_nnlo))
    np.testing.assert_array_equal(kept(data.name, None, NLO), np.flatnonzero(at_nnlo & (mass >= 30)))
    charm = "HERA_NC_318GEV_EAVG_CHARM-SIGMARED"
    for scheme, fitted, count in (("FONLL-C", False, 47), ("FONLL-E", True, 37), ("FONLL-B", True, 47)):
        assert len(kept(charm, "legacy", TheoryFeatures(2, scheme, fitted))) == count
    q2, x = (load_commondata(charm, "legacy").kinematics[name] for name in ("Q2", "x"))
    expected = (q2 > 4) & ((q2 > 10) | (x > 1e-3))
    np.testing.assert_array_equal(
        kept(charm, "legacy", TheoryFeatures(1, "FONLL-A", False)), np.flatnonzero(expected & (q2 * (1 / x - 1) > 12.5))
    )


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.is_file():
        pytest.skip("the shared folder with the reference points is not there")
    return path


def test_every_reference_set_keeps_its_points() -> None:
    with shared("reference/cuts/points.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    received = {}
    for row in rows:
        selection = select_points(load_commondata(row["dataset"], row["variant"] or None), default_cuts(NNLO))
        received[row["dataset"], row["variant"]] = (len(selection.dataset), int(selection.kept.sum()))
    expected = {(row["dataset"], row["variant"]): (int(row["points"]), int(row["kept"])) for row in rows}
    assert received == expected


@pytest.mark.parametrize(("card", "points"), [("cards/nnpdf40-like.yml", 4615), ("peer/runcards/dis_400.yml", 3089)])
def test_points_of_the_cards_of_published_fits(card, points) -> None:
    inputs = read_yaml(shared(card))["dataset_inputs"]
    assert sum(len(kept(entry["dataset"], entry.get("variant"))) for entry in inputs) == points
