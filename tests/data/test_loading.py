"""Data sets of the library: point counts, kinematics, units and agreement with the library's own reader."""

from __future__ import annotations

import re

import numpy as np
import pytest
from ruamel.yaml.error import YAMLError

from n3fit.data import load_commondata
from n3fit.data.library import current_name, dataset_names, library_folder, read_metadata
from n3fit.data.reader import build_commondata
from n3fit.errors import DataError

STRICT_COUNTS = {
    "NMC_NC_NOTFIXED_EM-F2": 121,
    "NMC_NC_NOTFIXED_P_EM-SIGMARED": 204,
    "SLAC_NC_NOTFIXED_P_EM-F2": 33,
    "SLAC_NC_NOTFIXED_D_EM-F2": 34,
    "BCDMS_NC_NOTFIXED_P_EM-F2": 333,
    "BCDMS_NC_NOTFIXED_D_EM-F2": 248,
    "HERA_NC_318GEV_EM-SIGMARED": 159,
    "HERA_NC_225GEV_EP-SIGMARED": 204,
    "HERA_NC_251GEV_EP-SIGMARED": 254,
    "HERA_NC_300GEV_EP-SIGMARED": 70,
    "HERA_NC_318GEV_EP-SIGMARED": 377,
    "HERA_CC_318GEV_EM-SIGMARED": 42,
    "HERA_CC_318GEV_EP-SIGMARED": 39,
}

OTHER_SETS = [
    ("NUTEV_CC_NOTFIXED_FE_NU-SIGMARED", "legacy_dw", "DIS_CC", 45, 1),
    ("HERA_NC_318GEV_EAVG_CHARM-SIGMARED", "legacy", "DIS_NC_CHARM", 52, 1),
    ("DYE866_Z0_800GEV_DW_RATIO_PDXSECRATIO", "legacy", "DYP_FT", 15, 2),
    ("D0_WPWM_1P96TEV_ASY", "legacy", "DY_W_ETA", 10, 2),
    ("ATLAS_WPWM_7TEV_46FB_CC-ETA", "legacy", "DY_W_ETA", 22, 1),
    ("ATLAS_TTBAR_7TEV_TOT_X-SEC", "legacy", "INC", 1, 1),
    ("CMS_WPWM_7TEV_ELECTRON_ASY", None, "DY_W_ETA", 11, 2),
    ("CMS_2JET_7TEV_M12-Y", "legacy", "DIJET", 54, 1),
    ("LHCB_WPWM_7TEV_MUON_Y", None, "DY_W_ETA", 16, 1),
]


def test_strict_cuts_keep_the_known_points(embedded_datasets) -> None:
    assert {name: len(dataset) for name, dataset in embedded_datasets.items()} == STRICT_COUNTS
    q2 = np.concatenate([dataset.q2 for dataset in embedded_datasets.values()])
    assert len(q2) == 2118
    assert len(np.unique(q2)) == 324


def test_kinematics_are_those_of_deep_inelastic_scattering(embedded_datasets) -> None:
    for name, dataset in embedded_datasets.items():
        assert ((dataset.x > 0.0) & (dataset.x < 1.0)).all(), name
        assert (dataset.q2 > 3.49).all(), name
        assert (dataset.q2 * (1.0 - dataset.x) / dataset.x > 12.5).all(), name
        known = dataset.y[~np.isnan(dataset.y)]
        assert ((known >= 0.0) & (known <= 1.05)).all(), name


def test_hera_inelasticity_is_that_of_its_beams(embedded_datasets) -> None:
    dataset = embedded_datasets["HERA_NC_318GEV_EP-SIGMARED"]
    s = 4.0 * 27.5 * 920.0
    np.testing.assert_allclose(dataset.y, dataset.q2 / (dataset.x * s), rtol=0.02)


def test_nmc_keeps_the_inelasticity_that_its_coverage_leaves_out(embedded_datasets) -> None:
    dataset = embedded_datasets["NMC_NC_NOTFIXED_P_EM-SIGMARED"]
    assert list(dataset.kinematics)[:3] == ["x", "Q2", "sqrts"]
    np.testing.assert_array_equal(dataset.y, dataset.kinematics["y"])
    # The file rounds the energy to a GeV, and y belongs to the x before averaging: agreement is rough.
    expected = dataset.q2 / (dataset.x * dataset.kinematics["sqrts"] ** 2)
    np.testing.assert_allclose(dataset.y, expected, rtol=0.25)
    assert np.median(dataset.y / expected) == pytest.approx(1.0, abs=0.06)


def test_theory_of_a_ratio(embedded_datasets) -> None:
    dataset = embedded_datasets["NMC_NC_NOTFIXED_EM-F2"]
    assert dataset.operation == "RATIO"
    assert dataset.fk_names == (("NMC_NC_EM_D_F2",), ("NMC_NC_EM_P_F2",))
    assert dataset.conversion_factor == 1.0
    bcdms = embedded_datasets["BCDMS_NC_NOTFIXED_P_EM-F2"]
    assert (bcdms.operation, len(bcdms.fk_names), len(bcdms.fk_names[0])) == ("NULL", 1, 4)


@pytest.mark.parametrize(("name", "variant", "process", "points", "operands"), OTHER_SETS)
def test_other_processes_are_readable(name, variant, process, points, operands) -> None:
    dataset = load_commondata(name, variant)
    assert (dataset.process_type, len(dataset), len(dataset.fk_names)) == (process, points, operands)
    assert dataset.systematics.shape == (points, len(dataset.systematic_names))
    if not dataset.is_dis:
        assert np.isnan(dataset.x).all()
        assert np.isnan(dataset.q2).all()


@pytest.mark.parametrize(
    ("name", "process", "points"),
    [
        ("NNPDF_POS_2P24GEV_F2U", "POS_DIS", 20),
        ("NNPDF_POS_2P24GEV_DYU", "POS_DY", 20),
        ("NNPDF_INTEG_3GEV_XT8", "INTEG", 1),
    ],
)
def test_positivity_and_integrability_sets(name, process, points) -> None:
    dataset = load_commondata(name)
    assert (dataset.process_type, len(dataset)) == (process, points)
    assert not dataset.central.any()
    assert dataset.systematics.shape == (points, 0)
    if process == "POS_DY":
        assert dataset.conversion_factor == 0.7071
        assert np.isnan(dataset.y).all()
    if process == "INTEG":
        np.testing.assert_array_equal(dataset.x, [1e-9])


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("HERA_CC_318GEV_EM-SIGMARED", "legacy"),
        ("NMC_NC_NOTFIXED_P_EM-SIGMARED", "legacy"),
        ("SLAC_NC_NOTFIXED_P_EM-F2", "legacy_dw"),
        ("ATLAS_TTBAR_7TEV_TOT_X-SEC", "legacy"),
        ("D0_WPWM_1P96TEV_ASY", "legacy"),
        ("LHCB_WPWM_7TEV_MUON_Y", None),
        ("NNPDF_POS_2P24GEV_F2C", None),
    ],
)
def test_values_equal_those_of_the_library(name, variant) -> None:
    from nnpdf_data.commondataparser import load_commondata as load_with_library

    dataset = load_commondata(name, variant)
    other = load_with_library(read_metadata(name, variant, library_folder()))
    np.testing.assert_array_equal(dataset.central, other.get_cv())
    np.testing.assert_array_equal(dataset.statistical, other.stat_errors.to_numpy())
    additive = [kind == "ADD" for kind in dataset.systematic_kinds]
    kept = np.array(additive, dtype=bool)
    np.testing.assert_array_equal(dataset.systematics[:, kept], other.additive_errors.to_numpy())
    percent = other.multiplicative_errors.to_numpy()
    np.testing.assert_allclose(dataset.systematics[:, ~kept], percent * dataset.central[:, None] / 100.0, rtol=1e-12)
    names = np.array(dataset.systematic_correlations)
    np.testing.assert_array_equal(names[kept], list(other.additive_errors.columns))
    np.testing.assert_array_equal(names[~kept], list(other.multiplicative_errors.columns))
    coverage = [column for column in other.kin_variables if not column.startswith("extra_")]
    np.testing.assert_allclose(
        np.transpose([dataset.kinematics[column] for column in coverage]),
        other.get_kintable()[:, : len(coverage)],
        rtol=1e-14,
    )


def test_names_of_the_library() -> None:
    names = dataset_names()
    assert len(names) > 300
    assert set(STRICT_COUNTS) < set(names)


def test_old_names_are_translated() -> None:
    assert current_name("NMCPD_dw_ite", None) == ("NMC_NC_NOTFIXED_EM-F2", "legacy_dw")
    assert current_name("NMCPD_dw_ite", "legacy") == ("NMC_NC_NOTFIXED_EM-F2", "legacy_dw")
    assert current_name("NMCPD", "legacy_dw") == ("NMC_NC_NOTFIXED_EM-F2", "legacy_dw")
    assert current_name("CMSZDIFF12", None) == ("CMS_Z0J_8TEV_PT-Y", "legacy")
    assert current_name("CMSZDIFF12", None, 10) == ("CMS_Z0J_8TEV_PT-Y", "legacy_10")
    assert current_name("CMS_Z0J_8TEV_PT-Y", "legacy", 10) == ("CMS_Z0J_8TEV_PT-Y", "legacy")
    with pytest.raises(DataError, match="POSF2U: there are no systematics 10 of NNPDF_POS_2P24GEV_F2U"):
        current_name("POSF2U", None, 10)
    assert current_name("NMC_NC_NOTFIXED_EM-F2", None) == ("NMC_NC_NOTFIXED_EM-F2", None)
    assert current_name("NEVER_HEARD_OF", None) == ("NEVER_HEARD_OF", None)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("HERA_CC_318GEV_EM-SIGMAREDD", "HERA_CC_318GEV_EM-SIGMARED"),
        ("NMC_NC_NOTFIX_EM-F2", "NMC_NC_NOTFIXED_EM-F2"),
        ("nmc_nc_notfixed_em-f2", "NMC_NC_NOTFIXED_EM-F2"),
    ],
)
def test_misspelt_data_set_names_the_nearest(name, nearest) -> None:
    with pytest.raises(DataError, match=rf"no data set '{name}'.*did you mean '{nearest}'"):
        load_commondata(name)


@pytest.mark.parametrize("name", ["", "_", "X", "../NMC_NC_NOTFIXED_EM-F2", "/etc/passwd_X", "."])
def test_strange_names_are_refused(name) -> None:
    with pytest.raises(DataError, match="there is no data set"):
        load_commondata(name)


@pytest.mark.slow
def test_all_of_the_library_is_readable_but_for_known_faults() -> None:
    """Every data set in every variant; what is refused is refused for a fault of its files."""
    from nnpdf_data.commondataparser import parse_new_metadata

    root = library_folder()
    # Metadata with tabs, a set without data, and names of scale variations that appear twice in a set.
    broken = re.compile("ATLAS_PH_13TEV_139FB|ATHENA_NC_140GEV|_WCHARM_")
    readable = 0
    for name in dataset_names():
        try:
            metadata = parse_new_metadata(root / name.rpartition("_")[0] / "metadata.yaml", name.rpartition("_")[2])
        except YAMLError:
            assert broken.search(name), name
            continue
        default = [None] if metadata.data_uncertainties or metadata.is_nnpdf_special else []
        for variant in (*default, *metadata.variants):
            try:
                dataset = build_commondata(read_metadata(name, variant, root), variant)
            except DataError:
                assert broken.search(name), (name, variant)
            else:
                assert len(dataset) == metadata.ndata
                readable += 1
    assert readable > 450
