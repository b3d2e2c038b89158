import numpy as np
import pytest

from n3fit.errors import TheoryError
from n3fit.theory.bases import FITTING_BASES
from n3fit.theory.flavours import (
    EXPORT_LABELS,
    EXPORT_PIDS,
    FK_BASIS,
    FK_PIDS,
    FK_TO_FLAVOUR,
    FLAVOUR_TO_FK,
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


@pytest.mark.parametrize("fitbasis", FITTING_BASES)
def test_fitting_bases_describe_the_same_pdf(fitbasis: str) -> None:
    charm = 0.3 if fitbasis == "FLAVOUR" else 0.2
    vector = flavours(u=5, ubar=1, d=3, dbar=2, s=0.75, sbar=0.25, c=0.3, cbar=0.3, g=7)
    expected = fk(vector)
    fitted = {
        "sng": expected["Sigma"], "g": 7, "v": expected["V"], "v3": expected["V3"], "v8": expected["V8"],
        "t3": expected["T3"], "t8": expected["T8"], "t15": expected["T15"], "cp": 0.6,
        "u": 5, "ubar": 1, "d": 3, "dbar": 2, "s": 0.75, "sbar": 0.25, "c": charm,
    }  # fmt: skip
    names = FITTING_BASES[fitbasis]
    np.testing.assert_allclose(
        fitting_to_fk(fitbasis, names) @ [fitted[name] for name in names], list(expected.values()), atol=1e-13
    )


def test_order_of_the_fitted_flavours_is_free() -> None:
    names = FITTING_BASES["EVOL"]
    swapped = (names[1], names[0], *names[2:])
    values = np.arange(8.0)
    np.testing.assert_array_equal(
        fitting_to_fk("EVOL", names) @ values, fitting_to_fk("EVOL", swapped) @ values[[1, 0, *range(2, 8)]]
    )


def test_wrong_bases_are_refused() -> None:
    with pytest.raises(TheoryError, match="did you mean 'EVOL'"):
        fitting_to_fk("EVOLL", FITTING_BASES["EVOL"])
    with pytest.raises(TheoryError, match="NN31IC needs the flavours"):
        fitting_to_fk("NN31IC", FITTING_BASES["EVOL"])
