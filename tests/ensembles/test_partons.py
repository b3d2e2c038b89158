import numpy as np
import pytest

from n3fit.ensembles.partons import find_parton, known_partons, partons_of
from n3fit.errors import CommandLineError
from n3fit.theory.flavours import EXPORT_PIDS

VALUES = dict(zip(EXPORT_PIDS, np.sqrt(np.arange(2.0, 16.0)), strict=True))  # no two combinations agree


def value_of(name: str) -> float:
    return float(find_parton(name).of(np.array(list(VALUES.values()))))


def test_combinations_of_the_names() -> None:
    f = VALUES
    plus = {pid: f[pid] + f[-pid] for pid in range(1, 7)}
    minus = {pid: f[pid] - f[-pid] for pid in range(1, 7)}
    expected = {
        "g": f[21], "photon": f[22], "u": f[2], "ubar": f[-2], "d": f[1], "dbar": f[-1], "sbar": f[-3], "s+": plus[3],
        "c+": plus[4], "s-": minus[3], "u_v": minus[2], "d_v": minus[1], "b+": plus[5], "tbar": f[-6],
        "Sigma": sum(plus.values()), "V": sum(minus.values()), "T3": plus[2] - plus[1], "V3": minus[2] - minus[1],
        "T8": plus[2] + plus[1] - 2 * plus[3], "V8": minus[2] + minus[1] - 2 * minus[3],
        "T15": plus[2] + plus[1] + plus[3] - 3 * plus[4], "V15": minus[2] + minus[1] + minus[3] - 3 * minus[4],
    }  # fmt: skip
    assert {name: value_of(name) for name in expected} == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(("typed", "name"), [("GLUON", "g"), ("sigma", "Sigma"), ("t8", "T8"), ("uv", "u_v")])
def test_case_and_other_names(typed: str, name: str) -> None:
    assert find_parton(typed).name == name


def test_error_for_an_unknown_name_lists_known_ones() -> None:
    with pytest.raises(CommandLineError, match=r"expected one of g, photon, u, .*received 'ubr'") as caught:
        find_parton("ubr")
    assert caught.value.hint == "did you mean 'ubar'?"
    with pytest.raises(CommandLineError, match="received 21"):
        find_parton(21)  # type: ignore[arg-type]


def test_bases_have_known_partons_once() -> None:
    for basis, count in (("flavour", 10), ("evolution", 9)):
        names = [parton.name for parton in partons_of(basis)]
        assert len(set(names)) == len(names) == count
        assert set(names) <= set(known_partons())
