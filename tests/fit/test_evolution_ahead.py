"""The process that computes operators beside a fit: the right ones, and it ends with the fit."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from n3fit.defaults import HIGH_SCALE
from n3fit.evolution.grids import lhapdf_qgrid
from n3fit.evolution.operator_cache import OperatorCache
from n3fit.fit import evolution_ahead as module
from n3fit.fit.evolution_ahead import compute_ahead, evolution_ahead, needed_segments
from n3fit.progress import ProgressReporter
from n3fit.theory.theories import open_theory
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.xgrids import export_xgrid

ROOT = Path(__file__).parents[2]
CARD = ROOT / "runcards" / "dis.yml"


def test_the_operators_are_those_of_the_set_and_of_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    class Recorded(OperatorCache):
        def load(self, segments: object, *, progress: ProgressReporter) -> list[object]:
            loaded.extend(str(self.path(q, segment.nf)) for segment in segments for q in segment.q.tolist())
            return []

    monkeypatch.setattr(module, "OperatorCache", Recorded)
    compute_ahead(CARD, None)
    theory = TheoryCard.from_mapping(open_theory("dis_nnlo").card)
    cache = OperatorCache(theory, export_xgrid())
    expected = [cache.path(q, segment.nf) for segment in lhapdf_qgrid(theory) for q in segment.q.tolist()]
    assert loaded == [str(path) for path in (*expected, cache.path(HIGH_SCALE, 5))]


def test_fewest_flavours_at_the_scale_of_the_report() -> None:
    last = needed_segments(TheoryCard(MaxNfPdf=4))[-1]
    assert (last.nf, last.q.tolist()) == (4, [HIGH_SCALE])


def test_a_runcard_that_cannot_be_read_is_left_to_the_fit(tmp_path: Path) -> None:
    with evolution_ahead(tmp_path / "missing.yml") as ahead:
        ahead.wait()
        assert ahead.process is not None
        assert ahead.process.returncode == 0


def test_the_process_ends_with_the_block() -> None:
    with evolution_ahead(CARD) as ahead:
        assert ahead.process is not None
        assert ahead.process.poll() is None
    assert ahead.process.returncode is not None
    assert not psutil.pid_exists(ahead.process.pid)


def test_the_process_ends_when_the_fit_is_killed() -> None:
    script = (
        "import os, time\n"
        "from pathlib import Path\n"
        "from n3fit.fit.evolution_ahead import evolution_ahead\n"
        f"with evolution_ahead(Path({str(CARD)!r})) as ahead:\n"
        "    print(ahead.process.pid, flush=True)\n"
        "    os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120)
    number = int(done.stdout)
    deadline = time.monotonic() + 60
    while psutil.pid_exists(number) and psutil.Process(number).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the process outlives the fit"
        time.sleep(0.05)


def test_without_a_process_the_fit_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with evolution_ahead(CARD) as ahead:
        ahead.wait()
        assert ahead.process is None
