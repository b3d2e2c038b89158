"""The PDF sets of t0 and of the truth of closure tests, by the keys that name them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import problems

from n3fit.defaults import DEFAULT_T0_SET
from n3fit.errors import DataError
from n3fit.fit.named_sets import is_polarised, open_t0_set, open_true_set
from n3fit.paths import SearchPaths
from n3fit.runcard import Runcard

LEVEL_0 = {"level": 0, "fakepdf": "toy"}


@pytest.fixture
def paths(toy_pdf_sets: Path) -> SearchPaths:
    return SearchPaths(pdf_sets=toy_pdf_sets)


def card_of(**changes: Any) -> Runcard:
    return Runcard.model_validate(problems.make_runcard().model_dump() | changes)


def test_t0_set_is_the_named_one_or_the_default(paths: SearchPaths) -> None:
    assert open_t0_set(card_of(datacuts={"t0pdfset": "toy"}), paths).name == "toy"
    assert open_t0_set(card_of(datacuts={}), SearchPaths()).name == DEFAULT_T0_SET


def test_measured_data_have_no_true_set(paths: SearchPaths) -> None:
    assert open_true_set(card_of(closuretest=None), paths) is None
    assert open_true_set(card_of(closuretest={"fakepdf": "toy", "fakedata": False}), paths) is None
    found = open_true_set(card_of(closuretest=LEVEL_0), paths)
    assert found is not None
    assert found.name == "toy"


def test_a_missing_set_is_named_with_its_key(paths: SearchPaths) -> None:
    with pytest.raises(DataError, match=r"^closuretest\.fakepdf: the PDF set 'toi' is not in any of") as caught:
        open_true_set(card_of(closuretest=LEVEL_0 | {"fakepdf": "toi"}), paths)
    assert "did you mean 'toy'?" in caught.value.hint


@pytest.mark.parametrize(
    ("particle", "words"), [("Particle: 211", "of the particle 211"), ("Polarized: true", "polarised PDFs")]
)
def test_sets_of_something_else_are_refused(tmp_path: Path, particle: str, words: str) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "other.info").write_text(f"NumMembers: 1\n{particle}\n")
    paths = SearchPaths(pdf_sets=tmp_path)
    for key, changes in (
        ("datacuts.t0pdfset", {"datacuts": {"t0pdfset": "other"}}),
        ("closuretest.fakepdf", {"closuretest": LEVEL_0 | {"fakepdf": "other"}}),
    ):
        opened = open_t0_set if key == "datacuts.t0pdfset" else open_true_set
        with pytest.raises(DataError, match=rf"^{key}: expected PDFs of the proton, received .*{words}"):
            opened(card_of(**changes), paths)


def test_the_basis_decides_whether_a_fit_is_polarised() -> None:
    assert not is_polarised(card_of())
