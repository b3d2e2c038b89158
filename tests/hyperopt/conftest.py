"""Fixtures of the tests of scans."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from n3fit.paths import SearchPaths


@pytest.fixture(scope="module")
def paths(toy_pdf_sets: Path, compiled_once: object) -> Iterator[SearchPaths]:
    """Return where evaluators find PDF sets, with a cache; compiled programs are shared between tests."""
    from n3fit.backends import set_initial_state

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("N3FIT_CACHE_DIR", str(toy_pdf_sets.parent / "cache"))
        yield SearchPaths(pdf_sets=toy_pdf_sets)
    set_initial_state()
