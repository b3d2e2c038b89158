import numpy as np
import pytest

from n3fit.errors import TheoryError
from n3fit.theory.bases import FITTING_BASES
from n3fit.theory.flavours import (
    CHARM_ASYMMETRIC_BASIS,
    EVOLUTION_BASIS,
    EXPORT_LABELS,
    EXPORT_PIDS,
    FK_BASIS,
    FK_PIDS,
    FK_TO_FLAVOUR,
    FLAVOUR_TO_FK,
    evolution_to_fk,
    fitting_to_evolution,
    fitting_to_fk,
)


def flavours(**values: float) -> np.ndarray:
    """A vector in the export order with the named flavours, ``u=1.0, ubar=0.5``."""
    pids = {"d": 1, "u": 2, "s": 3, "c": 4, "b": 5, "t": 6, "g": 21, "photon": 22}
    pids |= {f"{name}bar": -pid for name, pid in list(pids.items())[:6]}
    vector = np.zeros(14)
    for name, value in values.items():
        vector[EXPORT_PIDS.index(pids[name])] = value
    return vector


def fk(vector: np.ndarray) -> dict[str, float]:
    return dict(zip(FK_BASIS, FLAVOUR_TO_FK @ vector, strict=True))


def test_sizes_agree() -> None:
    assert len(FK_BASIS) == len(FK_PIDS) == len(EXPORT_PIDS) == len(EXPORT_LABELS) == 14


def test_combinations_by_hand() -> None:
    values = fk(flavours(u=5, ubar=1, d=3, dbar=2, s=0.75, sbar=0.25, c=0.5, cbar=0.125, g=7, photon=0.1))
    up, down, strange, charm = 6, 5, 1, 0.625
    assert values["Sigma"] == pytest.approx(up + down + strange + charm)
    assert values["T3"] == pytest.approx(up - down)
    assert values["T8"] == pytest.approx(up + down - 2 * strange)
    assert values["T15"] == pytest.approx(up + down + strange - 3 * charm)
    assert values["T24"] == values["T35"] == pytest.approx(values["Sigma"])
    up, down, strange, charm = 4, 1, 0.5, 0.375
    assert values["V"] == pytest.approx(up + down + strange + charm)
    assert values["V3"] == pytest.approx(up - down)
    assert values["V8"] == pytest.approx(up + down - 2 * strange)
    assert values["V15"] == pytest.approx(up + down + strange - 3 * charm)
    assert values["V24"] == values["V35"] == pytest.approx(values["V"])
    assert values["g"] == 7
    assert values["photon"] == pytest.approx(0.1)


def test_rotations_are_inverse_and_read_only() -> None:
    np.testing.assert_allclose(FLAVOUR_TO_FK @ FK_TO_FLAVOUR, np.eye(14), atol=1e-14)
    with pytest.raises(ValueError, match="read-only"):
        FLAVOUR_TO_FK[0, 0] = 1


SEA = {"u": 5, "ubar": 1, "d": 3, "dbar": 2, "s": 0.75, "sbar": 0.25, "g": 7}
CONTENTS = {
    # a PDF that the basis can describe
    "EVOL": SEA | {"c": 0.3, "cbar": 0.3},
    "NN31IC": SEA | {"c": 0.3, "cbar": 0.3},
    "NN31PC": SEA,
    "FLAVOUR": SEA | {"c": 0.3, "cbar": 0.3},
    "FLAVOURPC": SEA,
    "PDF4LHC20": SEA | {"s": 0.5, "sbar": 0.5},
    "CCBAR_ASYMM": SEA | {"c": 0.5, "cbar": 0.2},
    "CCBAR_ASYMM_FLAVOUR": SEA | {"c": 0.5, "cbar": 0.2},
    "POLARIZED_EVOL": {"u": 2, "ubar": 2, "d": -1, "dbar": -1, "s": -0.25, "sbar": -0.25, "g": -3},
    "POLARIZED_EVOL_CMP": {"u": 2, "ubar": 0.5, "d": -1, "dbar": 0.75, "s": -0.25, "sbar": -0.25, "g": -3},
}


def content(fitbasis: str) -> tuple[np.ndarray, dict[str, float]]:
    """A PDF that a basis can describe: in the FK basis, and all flavours of all bases by name."""
    vector = flavours(**CONTENTS[fitbasis])
    combinations = fk(vector)
    names = {"sng": "Sigma", "v": "V", "v3": "V3", "v8": "V8", "v15": "V15", "t3": "T3", "t8": "T8", "t15": "T15"}
    fitted = CONTENTS[fitbasis] | {name: combinations[element] for name, element in names.items()}
    return FLAVOUR_TO_FK @ vector, fitted | {"cp": fitted.get("c", 0) + fitted.get("cbar", 0)}


@pytest.mark.parametrize("fitbasis", FITTING_BASES)
def test_fitting_bases_describe_the_same_pdf(fitbasis: str) -> None:
    expected, fitted = content(fitbasis)
    names = FITTING_BASES[fitbasis].flavours
    values = [fitted[name] for name in names]
    np.testing.assert_allclose(fitting_to_fk(fitbasis, names) @ values, expected, atol=1e-13)


@pytest.mark.parametrize("fitbasis", FITTING_BASES)
def test_the_pdf_model_keeps_what_the_fk_basis_needs(fitbasis: str) -> None:
    names = FITTING_BASES[fitbasis].flavours
    basis = CHARM_ASYMMETRIC_BASIS if FITTING_BASES[fitbasis].charm_asymmetric else EVOLUTION_BASIS
    through_model = evolution_to_fk(basis) @ fitting_to_evolution(fitbasis, names, basis)
    np.testing.assert_array_equal(through_model, fitting_to_fk(fitbasis, names))


@pytest.mark.parametrize("fitbasis", FITTING_BASES)
def test_order_of_the_fitted_flavours_is_free_and_those_left_out_are_zero(fitbasis: str) -> None:
    names = FITTING_BASES[fitbasis].flavours
    matrix = fitting_to_fk(fitbasis, names)
    np.testing.assert_array_equal(fitting_to_fk(fitbasis, names[::-1]), matrix[:, ::-1])
    np.testing.assert_array_equal(fitting_to_fk(fitbasis, names[2:]), matrix[:, 2:])


def test_perturbative_charm_vanishes() -> None:
    for fitbasis, basis in FITTING_BASES.items():
        pdfs = FK_TO_FLAVOUR @ fitting_to_fk(fitbasis, basis.flavours)
        charm = pdfs[[EXPORT_PIDS.index(4), EXPORT_PIDS.index(-4)]]
        heavy = pdfs[[EXPORT_PIDS.index(pid) for pid in (-6, -5, 5, 6, 22)]]
        assert (np.abs(charm).max() > 0.1) == basis.fitted_charm, fitbasis
        assert np.abs(heavy).max() < 1e-14, fitbasis


def test_wrong_bases_are_refused() -> None:
    with pytest.raises(TheoryError, match="did you mean 'EVOL'"):
        fitting_to_fk("EVOLL", FITTING_BASES["EVOL"].flavours)
    with pytest.raises(TheoryError, match="expected flavours of NN31IC, each once"):
        fitting_to_fk("NN31IC", FITTING_BASES["EVOL"].flavours)
    with pytest.raises(TheoryError, match="expected flavours of EVOL, each once"):
        fitting_to_fk("EVOL", ("g", "g"))
