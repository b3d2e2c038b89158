"""Fits divided over workers: what is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.fits_in_parts import block_settings, write_card
from support.progress import RecordedSteps

from n3fit import api
from n3fit.cluster import fit_block as block_module
from n3fit.cluster.fit_block import fit_block
from n3fit.errors import CommandLineError, MissingExtraError, OutputExistsError, ResourceError


@pytest.fixture(scope="module")
def card(place: Path) -> Path:
    return write_card(place)


def test_a_worker_that_does_not_see_the_folder(
    place: Path, card: Path, toy_pdf_sets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(block_module, "_PATIENCE", 0)
    settings = block_settings(place, card, toy_pdf_sets)
    settings["token"] = str(place / "elsewhere" / "token")
    with pytest.raises(ResourceError, match=r"worker \d+ on .*: does not see .*elsewhere, where the client writes"):
        fit_block(str(card), [1], str(place / "part"), settings)


def test_options_that_do_not_go_together(place: Path, card: Path, toy_pdf_sets: Path) -> None:
    for options, text in (
        ({"block": 2}, "block: has a meaning only with workers or a cluster"),
        ({"workers": 1, "block": 0}, "block: expected at least 1 replica, received 0"),
        ({"workers": 1, "cluster": "tcp://a:1"}, "received both --workers and --cluster"),
    ):
        with pytest.raises(CommandLineError, match=text):
            api.fit(card, replicas=[1], output=place / "no", pdf_path=toy_pdf_sets, **options)  # type: ignore[arg-type]


def test_parts_that_do_not_match_the_replicas_are_named(place: Path, card: Path, toy_pdf_sets: Path) -> None:
    (place / "other.parts" / "replicas-3-6").mkdir(parents=True)
    with pytest.raises(CommandLineError, match=r"has replicas 3-6, of which only some belong to 1-4"):
        api.fit(card, replicas=range(1, 5), output=place / "other", pdf_path=toy_pdf_sets, workers=1)


def test_the_checkpoint_of_one_process_is_not_lost(place: Path, card: Path, toy_pdf_sets: Path) -> None:
    checkpoints = place / "single.checkpoint"
    checkpoints.mkdir()
    (checkpoints / "replicas-1-2-of-2.1.safetensors").touch()
    with pytest.raises(OutputExistsError, match="has the checkpoints of a fit in one process"):
        api.fit(card, replicas=range(1, 3), output=place / "single", pdf_path=toy_pdf_sets, workers=1)


def test_without_dask_nothing_is_read(place: Path, card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("n3fit.cluster.connections")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "distributed", None)
    progress = RecordedSteps()
    with pytest.raises(MissingExtraError, match="distributed") as caught:
        api.fit(card, replicas=[1], output=place / "without", workers=1, progress=progress)
    assert "n3fit[cluster]" in str(caught.value)
    assert progress.steps == []
    assert not list(place.glob("without*"))
