"""Data sets in which a systematic has the same name twice."""

import numpy as np

from n3fit.data import covariance_matrix, load_commondata


def test_scale_variations_of_two_sets_are_correlated_one_by_one() -> None:
    """The numbers are those of nnpdf 4.1.5 for the same two sets."""
    names = ("ATLAS_WCHARM_7TEV_WM-YL", "ATLAS_WCHARM_7TEV_WP-YL")
    datasets = [load_commondata(name, "legacy_10") for name in names]
    assert [name for name in datasets[0].systematic_correlations if "SCALEVAR" in name] == [
        "SCALEVAR",
        "SCALEVAR (2)",
    ]
    covariance = covariance_matrix(datasets)
    assert covariance.shape == (22, 22)
    expected = [
        [638831.11027203, 533064.94560006, 482946.51599998],
        [663498.69647604, 553649.89046407, 501598.96379998],
    ]
    np.testing.assert_allclose(covariance[:2, -3:], expected, rtol=1e-10)


def test_every_set_with_scale_variations_is_readable_beside_the_others() -> None:
    names = ("ATLAS_WCHARM_7TEV_WM-YL", "CMS_WCHARM_13TEV_WPWM-TOT-UNNORM", "CMS_WCHARM_7TEV_WPWM-RATIO")
    datasets = [load_commondata(name, "legacy_10") for name in names]
    covariance = covariance_matrix(datasets)
    block = covariance[: len(datasets[0]), len(datasets[0]) : len(datasets[0]) + len(datasets[1])]
    shifts = [
        dataset.systematics[:, [dataset.systematic_correlations.index(name) for name in ("SCALEVAR", "SCALEVAR (2)")]]
        for dataset in datasets[:2]
    ]
    np.testing.assert_allclose(block, shifts[0] @ shifts[1].T, rtol=1e-12)
