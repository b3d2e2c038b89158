"""The keys under ``theorycovmatconfig``."""

from typing import Any

import pytest

from n3fit.errors import RuncardError
from n3fit.runcard import Runcard, RuncardWarning, parse_runcard

FUNCTION = "{nodes: [0, 0.5, 1], yshift: [1, 2, 0]}"
POWER = "point_prescriptions: [power corrections], pdf: x"


@pytest.fixture
def parse(changed: Any) -> Any:
    def run(config: str) -> Runcard:
        return parse_runcard(changed(("trvlseed: 1", f"trvlseed: 1\ntheorycovmatconfig: {{{config}}}")), name="card")

    return run


def test_defaults(parse: Any) -> None:
    config = parse("point_prescriptions: [9 point, 3 point], pdf: toy").theorycovmatconfig
    assert config.point_prescriptions == ("9 point", "3 point")
    assert (config.use_thcovmat_in_fitting, config.use_thcovmat_in_sampling, config.used) == (True, True, True)
    assert (config.mult_factor, config.user_covmat_path, dict(config.theories)) == (1.0, None, {})
    assert config.without_effect() == []


def test_a_matrix_of_the_user_needs_no_prescription(parse: Any) -> None:
    config = parse("point_prescriptions: [], user_covmat_path: covmat.csv, mult_factor: 2").theorycovmatconfig
    assert config.user_covmat_path == "covmat.csv"
    assert config.without_effect() == []


def test_keys_without_effect_are_named(parse: Any) -> None:
    text = "point_prescriptions: [3 point], pdf: x, mult_factor: 2, pc_included_procs: [JETS]"
    with pytest.warns(RuncardWarning, match=r"{mult_factor, pc_included_procs}: without effect beside"):
        config = parse(text).theorycovmatconfig
    assert config.without_effect() == ["mult_factor", "pc_included_procs"]


def test_theories_of_variations(parse: Any) -> None:
    text = "point_prescriptions: [3f point], pdf: x, theories: {2 1: 711, '0.5 1': down, alphas 0.117: 40_000}"
    assert dict(parse(text).theorycovmatconfig.theories) == {"2 1": 711, "0.5 1": "down", "alphas 0.117": 40000}


def test_power_corrections(parse: Any) -> None:
    text = f"{POWER}, pc_parameters: {{Hj: {FUNCTION}}}, pc_included_procs: [JETS], pc_excluded_datasets: [A_B]"
    config = parse(text).theorycovmatconfig
    assert config.pc_parameters["Hj"].nodes == (0, 0.5, 1)
    assert (config.pc_included_procs, config.pc_excluded_datasets) == (("JETS",), ("A_B",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("point_prescriptions: [], pdf: x", "expected point_prescriptions or user_covmat_path, received neither"),
        ("point_prescription: 9 point, pdf: x", "point_prescription: .*did you mean 'point_prescriptions'"),
        ("point_prescriptions: [8 point], pdf: x", r"point_prescriptions\[0\]: expected one of 3 point, .*'8 point'"),
        ("point_prescriptions: 7 point, pdf: x", "point_prescriptions: expected a list, received '7 point'"),
        ("point_prescriptions: [7 point]", "pdf: expected the PDF set of the varied predictions, received nothing"),
        ("point_prescriptions: [7 point, 7 point], pdf: x", r"\[1\]: expected every prescription once"),
        ("user_covmat_path: x.csv, mult_factor: 0", "mult_factor: expected more than 0, received 0"),
        ("point_prescriptions: [7 point], pdf: x, theories: {3 1: 5}", "theories.*expected the name of a variation"),
        ("point_prescriptions: [7 point], pdf: x, theories: 5", "theories: expected a mapping, received 5"),
        (
            "point_prescriptions: [7 point], pdf: x, unpolarized_bc: y",
            "unpolarized_bc: expected no such key in the unpol",
        ),
        (POWER, "pc_parameters: expected this key, which power corrections need, received nothing"),
        (f"{POWER}, pc_parameters: {{H2j_yx: {FUNCTION}}}", "H2j_yx: expected one of f2p, .*did you mean 'H2j_y"),
        (
            f"{POWER}, pc_parameters: {{Hj: {{nodes: [1, 0], yshift: [1, 1]}}}}",
            "nodes: expected at least two increasing",
        ),
        (f"{POWER}, pc_parameters: {{Hj: {{nodes: [0, 1], yshift: [1]}}}}", "yshift: expected 2 numbers, .*received 1"),
        (f"{POWER}, pc_included_procs: [JET]", r"pc_included_procs\[0\]: expected one of .*did you mean 'JETS'"),
    ],
)
def test_what_does_not_fit_together_is_named(parse: Any, text: str, message: str) -> None:
    with pytest.raises(RuncardError, match=f"card:12: theorycovmatconfig.*{message}"):
        parse(text)
