import numpy as np
import pytest
from support import ensembles as ensemble_examples

from n3fit.ensembles.partons import find_parton
from n3fit.errors import CommandLineError
from n3fit.results import FitFolder
from n3fit.results.ensembles import open_ensemble
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.toy_pdf import les_houches_toy

X = np.array([0.0123, 0.3])


def test_values_by_name_at_any_point() -> None:
    shot = ensemble_examples.toy_snapshot(3)
    gluon = les_houches_toy([21], X)[0]
    np.testing.assert_allclose(shot.members_of("gluon", X), np.outer([0.9, 1.0, 1.1], gluon), rtol=1e-6)
    np.testing.assert_allclose(shot.central_of(find_parton("g"), X), gluon, rtol=1e-6)
    band = shot.band("g", X)
    np.testing.assert_allclose([band.low, band.high, band.deviation], np.outer([0.932, 1.068, 0.1], gluon), rtol=1e-6)


def test_table_has_a_line_for_each_distribution_and_point() -> None:
    shot = ensemble_examples.toy_snapshot()
    table = shot.table(["g", "T3"], X)
    assert list(table) == ["flavour", "x", "central", "low", "high", "deviation"]
    assert table["flavour"].tolist() == ["g", "g", "T3", "T3"]
    np.testing.assert_allclose(table["central"][2:], shot.central_of("T3", X))
    assert len(shot.table(["g"])["x"]) == len(shot.x)


def test_distributions_that_vanish_are_not_shown(small_fit: FitFolder) -> None:
    shot = open_ensemble(small_fit).at()
    assert [parton.name for parton in shot.shown_partons("flavour")] == [
        "g", "u", "ubar", "d", "dbar", "s", "sbar", "c+",
    ]  # fmt: skip
    toy = ensemble_examples.toy_snapshot()
    dust = ensemble_examples.toy_snapshot(members=toy.members + 1e-8)
    assert [parton.name for parton in dust.shown_partons("flavour")][-1] == "sbar"


def test_charm_asymmetry_is_shown_where_it_is_fitted() -> None:
    toy = ensemble_examples.toy_snapshot()
    charm, anticharm = (EXPORT_PIDS.index(pid) for pid in (4, -4))

    def shown(asymmetry: float) -> list[str]:
        members = toy.members.copy()
        members[..., charm] = (1 + asymmetry) * members[..., EXPORT_PIDS.index(3)]
        members[..., anticharm] = members[..., EXPORT_PIDS.index(3)]
        changed = ensemble_examples.toy_snapshot(members=members)
        return [parton.name for parton in changed.shown_partons("flavour")][7:]

    assert shown(0.1) == ["c+", "c-"]
    assert shown(1e-3) == ["c+"]


def test_wrong_names_and_points() -> None:
    shot = ensemble_examples.toy_snapshot()
    with pytest.raises(CommandLineError, match="flavour: expected one of"):
        shot.band("gloun")
    for x in (1e-10, 1.5, np.nan):
        with pytest.raises(CommandLineError, match="toy: x: expected 1e-09 to 1, received"):
            shot.members_of("g", np.array([x]))
