"""The blocks of each page run one after another, with short fits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.page_runner import CUT_CARD, PageRunner, Place, write_library
from support.pages import Block, blocks_of, name_of, pages, parse_blocks

QUICK = {"docs/cuts.md", "docs/cluster.md"}
"""Pages whose commands train nothing."""

ELSEWHERE = {"docs/python.md"}
"""Pages that have a test of their own: tests/api/test_python_docs.py."""

BACKENDS = """
import keras
import numpy as np
from n3fit.backends import MetaModel, operations as op
grid = op.numpy_to_input(np.array([[0.1], [0.5]]), name="xgrid")
model = MetaModel({"xgrid": grid}, keras.layers.Dense(1)(grid))
"""
BEFORE = {"docs/backends.md": BACKENDS}
"""What the Python of a page takes for granted."""

CODE = {name_of(page): blocks for page in pages() if (blocks := [b for b in blocks_of(page) if b.is_run])}
RUN = sorted(page for page, blocks in CODE.items() if {"bash", "python"} & {block.language for block in blocks})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A folder for the page, a cache of operators for all of them, and PDF sets that stand for those of others."""
    folder = tmp_path_factory.mktemp("pages")
    library = write_library(folder / "library")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("N3FIT_CACHE_DIR", str(folder / "cache"))
        patch.setenv("N3FIT_DATA_DIR", str(folder / "data"))
        patch.setenv("N3FIT_PDF_PATH", str(library))
        yield Place(folder / "work", library)
    from n3fit.backends import set_initial_state

    set_initial_state()


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=() if page in QUICK else pytest.mark.slow) for page in RUN if page not in ELSEWHERE],
)
def test_blocks_run(page: str, place: Place) -> None:
    names: dict[str, object] = {}
    exec(BEFORE.get(page, ""), names)
    runner = PageRunner(place, names)
    place.cards = {"card.yml": CUT_CARD} if page == "docs/cuts.md" else {}
    assert runner.run(CODE[page]) > 0


def test_a_block_that_fails_is_noticed(place: Place) -> None:
    def blocks(text: str) -> list[Block]:
        return parse_blocks(text)

    runner = PageRunner(place, {})
    with pytest.raises(AssertionError, match="ended with 2"):
        runner.run(blocks("```bash\nn3fit check no_such_card.yml\n```\n"))
    with pytest.raises(AssertionError, match="another program"):
        runner.run(blocks("```bash\nmake fit\n```\n"))
    with pytest.raises(NameError):
        runner.run(blocks("```python\nno_such_name\n```\n"))


def test_output_goes_to_its_file(place: Place) -> None:
    runner = PageRunner(place, {})
    assert runner.run(parse_blocks("```bash\nn3fit cluster template slurm > slurm.yml\n```\n")) == 1
    assert "class: SLURMCluster" in (place.folder / "slurm.yml").read_text()


def test_pages_that_are_not_run_have_a_test_of_their_own() -> None:
    assert set(RUN) >= ELSEWHERE
    assert (Path(__file__).parents[1] / "api" / "test_python_docs.py").is_file()
