"""Power corrections, against numbers in closed form and a numerical integral."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from n3fit.data import CommonData
from n3fit.errors import DataError
from n3fit.theory.covariance.power_corrections import PiecewiseLinear, PowerCorrections

STAR = PiecewiseLinear((0.25, 0.75, 1.25), (2.0, 1.0, 3.0))
BOOST = PiecewiseLinear((0.25, 0.75), (1.0, 2.0))
DIS = PiecewiseLinear((0.0, 0.1, 1.0), (0.2, 0.4, 0.0))

Make = Callable[..., CommonData]


def corrections(*categories: str, excluded: tuple[str, ...] = (), **functions: PiecewiseLinear) -> PowerCorrections:
    return PowerCorrections(functions, categories, excluded)


def jets(make: Make, name: str, process: str, **kinematics: list[float]) -> CommonData:
    count = len(next(iter(kinematics.values())))
    unknown = np.full(count, np.nan)
    columns: Any = {key: np.array(values) for key, values in kinematics.items()}
    return make(
        name, [1.0] * count, 0.1, process_type=process, kinematics=columns, x=unknown, q2=unknown
    )  # fmt: skip


def deep_inelastic(make: Make, name: str, x: list[float], q2: float = 10.0, **changes: Any) -> CommonData:
    return make(name, [1.0] * len(x), 0.1, x=np.array(x), q2=np.full(len(x), q2), **changes)


def single_shifts(settings: PowerCorrections, dataset: CommonData, prediction: float = 1.0) -> np.ndarray:
    return settings.shifts([dataset], [np.full(len(dataset), prediction)])


def test_functions_are_linear_between_nodes_and_zero_outside() -> None:
    values = DIS.evaluate(np.array(DIS.shifts), np.array([0.05, 0.1, 0.55, 1.2])) / 10.0
    np.testing.assert_allclose(values, [0.03, 0.04, 0.02, 0.0], rtol=1e-12)
    jet = PiecewiseLinear((0.25, 0.75, 1.25), (2.0, 2.0, 1.0))
    values = jet.evaluate(np.array(jet.shifts), np.array([0.1, 0.5, 1.0])) / 100.0
    np.testing.assert_allclose(values, [0.0, 0.02, 0.015], rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("SLAC_NC_NOTFIXED_P_EM-F2", "f2p"),
        ("BCDMS_NC_NOTFIXED_D_EM-F2", "f2d"),
        ("NMC_NC_NOTFIXED_P_EM-SIGMARED", "f2p"),
        ("HERA_NC_318GEV_EAVG_CHARM-SIGMARED", "f2p"),
    ],
)
def test_one_shift_for_each_node(make_dataset: Make, name: str, function: str) -> None:
    settings = corrections("DIS NC", **{function: DIS})
    shifts = single_shifts(settings, deep_inelastic(make_dataset, name, [0.05, 1.2]), prediction=3.0)
    np.testing.assert_allclose(shifts, 3.0 * np.array([[0.01, 0.0], [0.02, 0.0], [0.0, 0.0]]), rtol=1e-12)


def test_ratio_of_deuteron_to_proton(make_dataset: Make) -> None:
    dataset = deep_inelastic(make_dataset, "NMC_NC_NOTFIXED_EM-F2", [0.05])
    shifts = single_shifts(corrections("DIS NC", f2p=DIS, f2d=DIS), dataset, prediction=0.9)
    proton, deuteron = shifts[:3, 0], shifts[3:, 0]
    h = np.array([0.01, 0.02, 0.0])
    np.testing.assert_allclose(proton, 0.9 * (-h) / (1.0 + h), rtol=1e-12)
    np.testing.assert_allclose(deuteron, 0.9 * h, rtol=1e-12)


def test_charged_currents_and_jets_have_their_own_functions(make_dataset: Make) -> None:
    charged = deep_inelastic(make_dataset, "CHORUS_CC_NOTFIXED_PB_NU-SIGMARED", [0.1], process_type="DIS_CC")
    jet = jets(make_dataset, "CMS_1JET_8TEV_PTY", "JET", y=[0.5], pT=[100.0])
    settings = corrections("DIS CC", "JETS", dis_cc=DIS, Hj=BOOST)
    shifts = settings.shifts([charged, jet], [np.ones(1), np.ones(1)])
    np.testing.assert_allclose(shifts[:, 0], [0.0, 0.04, 0.0, 0.0, 0.0], atol=1e-16)
    np.testing.assert_allclose(shifts[:, 1], [0.0, 0.0, 0.0, 0.005, 0.01], atol=1e-16)


@pytest.mark.parametrize(
    ("name", "process", "kinematics", "expected"),
    [
        ("CMS_2JET_13TEV_M12-YSTAR-YB-R08", "DIJET_3D", {"ystar": [0.5], "yb": [0.5]}, [0.0045]),
        ("ATLAS_2JET_7TEV_R06_M12Y", "DIJET", {"ystar": [0.5]}, [0.0045]),
        ("CMS_2JET_7TEV_M12-Y", "DIJET", {"ymax": [1.0, 0.5, 2.0]}, [0.00233333333, 0.0, 0.0]),
    ],
)
def test_pairs_of_jets_in_two_rapidities(
    make_dataset: Make, name: str, process: str, kinematics: dict[str, list[float]], expected: list[float]
) -> None:
    count = len(expected)
    dataset = jets(make_dataset, name, process, **kinematics, m_jj=[500.0] * count)
    shifts = single_shifts(corrections("DIJET", H2j_ystar=STAR, H2j_yb=BOOST), dataset)
    assert shifts.shape == (6, count)  # one for each pair of nodes
    np.testing.assert_allclose(shifts.sum(axis=0), expected, rtol=1e-8, atol=1e-14)  # linear in both functions


def test_mean_over_the_boost_is_the_integral(make_dataset: Make) -> None:
    largest = np.linspace(0.3, 2.1, 7)
    dataset = jets(
        make_dataset, "CMS_2JET_7TEV_M12-Y", "DIJET", ymax=largest.tolist(), m_jj=[1.0] * len(largest)
    )  # fmt: skip
    total = single_shifts(corrections("DIJET", H2j_ystar=STAR, H2j_yb=BOOST), dataset).sum(axis=0)

    def integrand(y: float, maximum: float) -> float:
        star, boost = (np.array(function.shifts) for function in (STAR, BOOST))
        return float(STAR.evaluate(star, np.array(y)) * BOOST.evaluate(boost, np.array(maximum - y)))

    for maximum, received in zip(largest, total, strict=True):
        edges = sorted({*STAR.nodes, *(maximum - node for node in BOOST.nodes)})
        exact = quad(integrand, 0.25, 1.25, args=(maximum,), points=[e for e in edges if 0.25 < e < 1.25])[0]
        assert received == pytest.approx(exact / 1.0, rel=1e-7, abs=1e-9)


def test_pairs_of_jets_in_one_rapidity(make_dataset: Make) -> None:
    atlas = jets(make_dataset, "ATLAS_2JET_7TEV_R06_M12Y", "DIJET", ystar=[0.75], m_jj=[100.0])
    cms = jets(make_dataset, "CMS_2JET_7TEV_M12-Y", "DIJET", ymax=[0.5], m_jj=[100.0])
    settings = corrections("DIJET", H2j_ystar=STAR, H2j_ymax=BOOST)
    shifts = settings.shifts([atlas, cms], [np.ones(1), np.ones(1)])
    np.testing.assert_allclose(shifts[:, 0], [0.0, 0.01, 0.0, 0.0, 0.0], atol=1e-16)
    np.testing.assert_allclose(shifts[:, 1], [0.0, 0.0, 0.0, 0.005, 0.01], atol=1e-16)


def test_other_categories_and_excluded_sets_are_not_shifted(make_dataset: Make) -> None:
    proton = deep_inelastic(make_dataset, "SLAC_NC_NOTFIXED_P_EM-F2", [0.05])
    charm = deep_inelastic(make_dataset, "EMC_NC_250GEV_EM-F2", [0.05])
    top = jets(make_dataset, "CMS_TTBAR_8TEV_YT", "HQP_YQ", yt=[0.5])
    settings = corrections("DIS NC", excluded=("EMC_NC_250GEV_EM-F2",), f2p=DIS)
    shifts = settings.shifts([top, proton, charm], [np.ones(1)] * 3)
    assert not shifts[:, [0, 2]].any()
    assert shifts[:, 1].any()


def test_all_sets_without_a_correction_are_named(make_dataset: Make) -> None:
    sets = [
        deep_inelastic(make_dataset, "EMC_NC_250GEV_EM-F2", [0.05]),
        deep_inelastic(make_dataset, "SLAC_NC_NOTFIXED_D_EM-F2", [0.05]),
        jets(make_dataset, "CMS_2JET_8TEV_3D", "DIJET_3D", yb=[0.5], ystar=[0.5], pTavg=[140.0]),
    ]
    settings = corrections("DIS NC", "DIJET", f2p=DIS, H2j_ystar=STAR, H2j_yb=BOOST)
    with pytest.raises(DataError) as raised:
        settings.shifts(sets, [np.ones(1)] * 3)
    first, second, third = raised.value.message.splitlines()
    assert first == "EMC_NC_250GEV_EM-F2: there are no power corrections for this data set"
    assert "need f2d in theorycovmatconfig.pc_parameters" in second
    assert "need the coordinate m_jj, which it does not have" in third
