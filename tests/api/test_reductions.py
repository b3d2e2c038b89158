"""``hessian`` and ``compress`` as functions: what they accept, and where the sets go."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support import set_library

from n3fit import api
from n3fit.errors import DataError, OutputExistsError
from n3fit.lhapdf.pdf_sets import PDFSet, load_pdf_set
from n3fit.reduction import choice


@pytest.fixture(autouse=True)
def short_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "_PATIENCE", 5)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("N3FIT_DATA_DIR", str(tmp_path / "data"))
    set_library.write_replicas(tmp_path, np.random.default_rng(5).normal(scale=0.1, size=(8, 4)))
    return tmp_path


def test_sets_go_to_the_folder_of_the_user_and_are_found_by_name(library: Path) -> None:
    hessian = api.hessian("replicas", directions=3, pdf_path=library)
    chosen = api.compress("replicas", replicas=5, pdf_path=library)
    home = (library / "data" / "pdf_sets").resolve()
    assert (hessian.folder, chosen.folder) == (home / "replicas_hessian_3", home / "replicas_compressed_5")
    assert load_pdf_set("replicas_hessian_3").members == 4
    again = api.hessian("replicas_compressed_5", directions=2)
    assert (again.folder, again.replicas) == (home / "replicas_compressed_5_hessian_2", 5)


def test_a_set_may_be_given_as_name_folder_or_object(library: Path) -> None:
    folder = library / "replicas"
    found = [
        api.hessian(source, directions=2, name="h", force=True, pdf_path=library).rows
        for source in ("replicas", folder, str(folder), PDFSet(folder))
    ]
    assert found[0] == found[1] == found[2] == found[3]


def test_unscaled_directions_are_others(library: Path) -> None:
    scaled, unscaled = (
        api.hessian("replicas", directions=2, scaled=choice, name="h", force=True, pdf_path=library)
        for choice in (True, False)
    )
    assert (scaled.scaled, unscaled.scaled) == (True, False)
    assert scaled.retained != pytest.approx(unscaled.retained, rel=1e-3)


def test_errors(library: Path) -> None:
    api.hessian("replicas", directions=2, name="h", pdf_path=library)
    with pytest.raises(OutputExistsError, match="h: the PDF set exists already"):
        api.compress("replicas", replicas=5, name="h", pdf_path=library)
    with pytest.raises(DataError, match="'nothing' is not in any of"):
        api.compress("nothing", replicas=5)
