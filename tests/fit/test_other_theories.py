"""Theories of the t0 predictions and of the data of a closure test, where they are not that of the fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support import problems

from n3fit.data import load_commondata
from n3fit.errors import TheoryError
from n3fit.fit.other_theories import open_other_theory, other_theories, with_other_theory
from n3fit.paths import SearchPaths
from n3fit.runcard import Runcard
from n3fit.theory.predictions import observable_of
from n3fit.theory.theories import open_theory

NAME = "HERA_CC_318GEV_EM-SIGMARED"
PATHS = SearchPaths.of(None, None)


def make_card(theory: dict[str, object], **changes: object) -> Runcard:
    entries = [{"dataset": NAME, "variant": "legacy"}]
    content = problems.make_runcard().model_dump() | {"dataset_inputs": entries, "theory": theory}
    return Runcard.model_validate(content | changes)


def test_only_theories_that_differ_are_named() -> None:
    assert other_theories(make_card({"theoryid": 400})) == {}
    assert other_theories(make_card({"theoryid": 400, "t0theoryid": 400})) == {}
    closure = {"fakedata": True, "fakepdf": "toy", "faketheoryid": 708}
    card = make_card({"theoryid": 400, "t0theoryid": "dis_nnlo"}, closuretest=closure)
    assert other_theories(card) == {"theory.t0theoryid": "dis_nnlo", "closuretest.faketheoryid": 708}


def test_a_theory_that_is_missing_is_named_by_its_key(tmp_path: Path) -> None:
    with pytest.raises(TheoryError, match=r"t0theoryid"):
        open_other_theory("theory.t0theoryid", 98765, SearchPaths.of(tmp_path, None))


def test_kept_points_are_read_in_the_other_theory() -> None:
    dataset = load_commondata(NAME, "legacy")
    kept = dataset.select(np.arange(5, 12))
    assert with_other_theory(make_card({"theoryid": "dis_nnlo"}), "dis_nnlo", [kept], PATHS) is None
    other = with_other_theory(make_card({"theoryid": 400}), "dis_nnlo", [kept], PATHS)
    assert other is not None
    expected = observable_of(open_theory("dis_nnlo"), dataset).tables[0]
    np.testing.assert_array_equal(other.observables[0].tables[0].values, expected.values[5:12])
    assert other.hashes() == {f"theory dis_nnlo: {expected.name}": expected.sha256}
