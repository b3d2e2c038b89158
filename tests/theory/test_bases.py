"""The fitting bases."""

import subprocess
import sys

import pytest

from n3fit.theory.bases import FITTING_BASES


def test_every_basis_has_eight_different_flavours() -> None:
    for name, flavours in FITTING_BASES.items():
        assert len(flavours) == len(set(flavours)) == 8, name


def test_bases_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        FITTING_BASES["new"] = ()  # type: ignore[index]


def test_bases_and_sum_rules_need_no_numpy() -> None:
    program = "import sys, n3fit.theory.bases, n3fit.theory.sum_rules; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "False\n"
