"""The fitting bases."""

import subprocess
import sys

import pytest

from n3fit.theory.bases import FITTING_BASES


def test_every_basis_has_different_flavours() -> None:
    for name, basis in FITTING_BASES.items():
        assert basis.name == name
        assert len(basis.flavours) == len(set(basis.flavours)), name
        assert "g" in basis.flavours


@pytest.mark.parametrize(
    ("fitbasis", "count", "properties"),
    [
        ("EVOL", 8, {"fitted_charm"}),
        ("NN31IC", 8, {"fitted_charm", "square_singlet"}),
        ("NN31PC", 7, {"square_singlet"}),
        ("FLAVOUR", 8, {"fitted_charm"}),
        ("FLAVOURPC", 7, set()),
        ("PDF4LHC20", 6, {"square_singlet"}),
        ("CCBAR_ASYMM", 9, {"fitted_charm", "charm_asymmetric"}),
        ("CCBAR_ASYMM_FLAVOUR", 9, {"fitted_charm", "charm_asymmetric"}),
        ("POLARIZED_EVOL", 4, {"polarised"}),
        ("POLARIZED_EVOL_CMP", 6, {"polarised"}),
    ],
)
def test_properties(fitbasis: str, count: int, properties: set[str]) -> None:
    basis = FITTING_BASES[fitbasis]
    assert len(basis.flavours) == count
    names = ("fitted_charm", "charm_asymmetric", "polarised", "square_singlet")
    assert {name for name in names if getattr(basis, name)} == properties


def test_bases_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        FITTING_BASES["new"] = FITTING_BASES["EVOL"]  # type: ignore[index]


def test_bases_and_sum_rules_need_no_numpy() -> None:
    program = "import sys, n3fit.theory.bases, n3fit.theory.sum_rules; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "False\n"
