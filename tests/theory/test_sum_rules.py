"""The factors of the sum rules."""

import pytest

from n3fit.theory.flavours import CHARM_ASYMMETRIC_BASIS, EVOLUTION_BASIS, FK_BASIS
from n3fit.theory.sum_rules import NORMALISATIONS, normalisations, number_integrals

INTEGRALS = {
    "Sigma": 0.45, "g": 0.5, "photon": 0.003, "V": 2.0, "V3": 0.8, "V8": 2.5, "V15": 1.5, "T3": 0.9, "T8": 0.3,
}  # fmt: skip
VALENCE = {"V": 1.5, "V24": 1.5, "V35": 1.5, "V3": 1.25, "V8": 1.2}


def factors(*rules: str) -> dict[str, float]:
    """The factors of all elements of the FK basis for the integrals above; the axial charges are 1.8 and 0.6."""
    result = {}
    for rule in rules:
        for factor in NORMALISATIONS[rule]:
            target = {"T3": 1.8, "T8": 0.6}[factor.integral] if factor.target is None else factor.target
            rest = target - sum(coefficient * INTEGRALS[name] for name, coefficient in factor.subtracted)
            result |= dict.fromkeys(factor.elements, rest / INTEGRALS[factor.integral])
    return result


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (("MSR",), {"g": 1.094}),
        (("VSR",), VALENCE | {"V15": 2.0}),
        (("MSR", "VSR"), VALENCE | {"V15": 2.0, "g": 1.094}),
        # u_v = 2, d_v = 1, s_v = 0: V = 3 + c_v and V15 = 3 - 3 c_v, here c_v = 0.5
        (("MSR", "LVSR"), VALENCE | {"V": 1.75, "V24": 1.75, "V35": 1.75, "g": 1.094}),
        (("TSR",), {"T3": 2.0, "T8": 2.0}),
    ],
)
def test_factors(rules: tuple[str, ...], expected: dict[str, float]) -> None:
    assert factors(*rules) == pytest.approx(expected)


def test_light_valence_is_that_of_the_proton() -> None:
    scaled = {name: INTEGRALS[name] * factors("LVSR").get(name, 1.0) for name in ("V", "V3", "V8", "V15")}
    charm = (scaled["V"] - scaled["V15"]) / 4
    light = scaled["V"] - charm
    strange = (light - scaled["V8"]) / 3
    up, down = (light - strange + scaled["V3"]) / 2, (light - strange - scaled["V3"]) / 2
    assert (up, down, strange, charm) == pytest.approx((2, 1, 0, 0.5))


def test_elements_are_known_and_v15_is_v_unless_it_is_independent() -> None:
    for rule in NORMALISATIONS.values():
        assert {name for factor in rule for name in (*factor.elements, factor.integral)} <= set(FK_BASIS)
    assert "V15" in {factor.integral for factor in normalisations(("VSR",), CHARM_ASYMMETRIC_BASIS)}
    assert "V15" not in {factor.integral for factor in normalisations(("VSR",), EVOLUTION_BASIS)}
    assert normalisations((), EVOLUTION_BASIS) == ()


def test_integrals_of_f() -> None:
    assert number_integrals(False) == {"V", "V3", "V8", "V15"}
    assert number_integrals(True) == {"T3", "T8"}
