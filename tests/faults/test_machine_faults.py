"""Faults 63, 67 and 68: the clock, forked processes, and the limits that a batch system gives to a job."""

from __future__ import annotations

import ast
import datetime
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from support.runcards import SMALL_FIT

import n3fit
from n3fit import api
from n3fit.cli.reporters import PlainReporter
from n3fit.cli.session import Session
from n3fit.errors import ResourceError
from n3fit.fit import resources
from n3fit.machine import core_quota, memory_limit_mb, usable_cores
from n3fit.storage.cache import ArrayStore

SOURCES = Path(n3fit.__file__).parent


def calls(*names: str) -> Iterator[str]:
    """Yield ``file: call`` for each call of a function with one of these names in the package."""
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
                yield f"{path.relative_to(SOURCES).as_posix()}: {ast.unparse(node.func)}"


# ----------------------------------------------------------------------------------------------------------- clock


class JumpingClock:
    """The clock of the system while it is set: each look at it is days before or after the one before."""

    def __init__(self) -> None:
        self.random = random.Random(63)
        self.looks = 0

    def time(self) -> float:
        self.looks += 1
        return 1.8e9 + self.random.uniform(-1e6, 1e6)

    def time_ns(self) -> int:
        return int(self.time() * 1e9)


@pytest.fixture
def jumping(monkeypatch: pytest.MonkeyPatch) -> JumpingClock:
    clock = JumpingClock()
    monkeypatch.setattr(time, "time", clock.time)
    monkeypatch.setattr(time, "time_ns", clock.time_ns)
    return clock


def test_fault_63_durations_do_not_follow_a_clock_that_jumps(
    place: Path, jumping: JumpingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "card.yml").write_text(SMALL_FIT)
    began = time.perf_counter()
    reporter = PlainReporter(Session(), interval=0.0)
    fit = api.fit(place / "card.yml", replicas=[1, 2], output=place / "clock", progress=reporter)
    passed = time.perf_counter() - began
    timing = fit.manifest.timing
    assert set(timing) >= {"reading data and theory", "training", "evaluating the replicas"}
    assert all(0 <= seconds <= passed for seconds in timing.values())
    assert sum(timing.values()) > 0.2 * passed
    left = [line.split()[-2] for line in capsys.readouterr().err.splitlines() if line.endswith(" left")]
    assert all("-" not in text and float(text.rstrip("smh:")) < 600 for text in left)


def test_fault_63_no_duration_comes_from_the_clock_of_the_system() -> None:
    """The stamps of manifests and of trials, and the age of files in the cache, are the only looks at it."""
    modules = ("results/manifest.py", "results/merging.py", "hyperopt/study_folder.py", "hyperopt/tries.py")
    stamps = {f"{module}: datetime.now" for module in modules} | {"storage/cache_contents.py: time.time"}
    assert set(calls("time.time", "time.time_ns", "datetime.now", "datetime.datetime.now")) == stamps
    assert not set(calls("datetime.utcnow", "datetime.today", "date.today", "time.localtime", "time.gmtime"))


def test_fault_63_files_from_the_future_and_from_long_ago_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the cache holds was written before the clock was set."""
    monkeypatch.setenv("N3FIT_CACHE_DIR", str(tmp_path))
    store = ArrayStore("clock", 1)
    for number, year in enumerate((1971, 2001, 2090)):
        store.save(f"{number:064d}", {"x": np.full(1000, float(number))})
        stamp = datetime.datetime(year, 1, 1, tzinfo=datetime.UTC).timestamp()
        os.utime(store.path(f"{number:064d}"), (stamp, stamp))
    for number in range(3):
        entry = store.load(f"{number:064d}")
        assert entry is not None
        assert entry.arrays["x"][0] == number


# ------------------------------------------------------------------------------------------------------------ fork

FORK = """
import multiprocessing, os, sys, warnings
warnings.simplefilter("ignore")  # JAX itself warns when it is forked
import numpy as np
from n3fit import api
from n3fit.backends import MetaModel, operations as op, set_initial_state
from n3fit.errors import MissingExtraError

def compute(value):
    set_initial_state()
    x = op.numpy_to_input(np.full((3, 1), value))
    return float(MetaModel({"x": x}, op.op_log(x)).predict().sum())

def compute_with_a_model_of_the_parent(value):
    return float(MODEL.predict().sum())

def fail(value):
    raise MissingExtraError("optuna", "hyperopt")

def attempt(function, value):
    # a process of its own, of which nothing else is waited for
    with multiprocessing.get_context("fork").Pool(1) as pool:
        try:
            print(function.__name__, "gives", pool.apply_async(function, (value,)).get(60), flush=True)
        except multiprocessing.TimeoutError:
            print(function.__name__, "never ends", flush=True)
        except Exception as error:
            print(function.__name__, "raises", type(error).__name__, error, flush=True)

attempt(compute, 1.0)
attempt(fail, 1.0)
x = op.numpy_to_input(np.full((3, 1), 1.0))
MODEL = MetaModel({"x": x}, op.op_log(x))
MODEL.predict()
attempt(compute, 1.0)
attempt(compute_with_a_model_of_the_parent, 1.0)
print(compute(1.0))
"""


def test_fault_67_a_fork_works_before_the_backend_starts_and_is_refused_afterwards(own_cache: Path) -> None:
    """Without the refusal the processes of a pool wait for each other without end."""
    done = subprocess.run([sys.executable, "-c", FORK], capture_output=True, text=True, timeout=300, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    refusal = "raises ResourceError this process was forked from one in which"
    advice = 'start it with multiprocessing.get_context("spawn")'
    starts = [
        "compute gives 0.0",
        "fail raises MissingExtraError optuna is not installed (pip install 'n3fit[hyperopt]')",
        f"compute {refusal}",
        f"compute_with_a_model_of_the_parent {refusal}",
        "0.0",
    ]
    assert [line.startswith(start) for line, start in zip(lines, starts, strict=True)] == [True] * 5, done.stdout
    assert all(advice in line for line in lines if refusal in line)


FORKED_FIT = """
import multiprocessing, sys, warnings
warnings.simplefilter("ignore")
from n3fit import api

def fit(folder):
    return api.fit("card.yml", replicas=[3], output=folder)

def read(folder):
    return [int(number) for number in api.open_fit(folder).replicas]

api.fit("card.yml", replicas=[1, 2], output="first")
with multiprocessing.get_context("fork").Pool(1) as pool:
    print(pool.apply_async(read, ("first",)).get(60))
    try:
        pool.apply_async(fit, ("second",)).get(60)
    except Exception as error:
        print(type(error).__name__, error.exit_code)
"""


def test_fault_67_a_pool_after_a_fit_reads_fits_and_makes_none(tmp_path: Path, own_cache: Path) -> None:
    """What a notebook does: a fit, then a pool."""
    (tmp_path / "card.yml").write_text(SMALL_FIT)
    done = subprocess.run(
        [sys.executable, "-c", FORKED_FIT], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stdout.splitlines() == ["[1, 2]", "ResourceError 4"], done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["card.yml", "first"]


# --------------------------------------------------------------------------------------------- limits of batch systems

Tree = Callable[..., tuple[Path, Path]]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Write control groups, and the file that says which of them are those of this process."""

    def write(membership: str, **limits: str) -> tuple[Path, Path]:
        root = tmp_path / "cgroup"
        root.mkdir()
        for name, text in limits.items():
            path = root / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{text}\n")
        (tmp_path / "membership").write_text(membership)
        return root, tmp_path / "membership"

    return write


SLURM_2 = "0::/system.slice/slurmstepd.scope/job_7/step_0/user/task_0\n"
SLURM_1 = "9:name=systemd:/\n4:memory:/slurm/uid_1/job_7/step_0\n3:cpuacct,cpu:/slurm/uid_1/job_7\n0::/\n"


def test_fault_68_limits_of_a_job_count_though_its_group_is_below_that_of_the_machine(tree: Tree) -> None:
    job = "system.slice__slurmstepd.scope__job_7"
    files = {f"{job}__cpu.max": "250000 100000", f"{job}__step_0__cpu.max": "max 100000"}
    files |= {f"{job}__memory.max": "3000000", f"{job}__step_0__memory.max": "max", "cpu.max": "max 100000"}
    files |= {
        f"{job}__step_0__user__task_0__memory.max": "5000000",
        "other__memory.max": "1000",
        "other__cpu.max": "1 9",
    }
    groups, membership = tree(SLURM_2, **files)
    assert core_quota(groups, membership) == 2.5
    assert memory_limit_mb(groups, membership) == 3.0
    assert usable_cores(groups, membership) == min(3, usable_cores(groups / "none", membership))


def test_fault_68_limits_of_control_groups_of_version_one(tree: Tree) -> None:
    files = {
        "cpu__slurm__uid_1__job_7__cpu.cfs_quota_us": "100000",
        "cpu__slurm__uid_1__job_7__cpu.cfs_period_us": "100000",
        "cpu__cpu.cfs_quota_us": "-1",
        "cpu__cpu.cfs_period_us": "100000",
        "memory__slurm__uid_1__memory.limit_in_bytes": "4000000",
        "memory__slurm__uid_1__job_7__memory.limit_in_bytes": "9223372036854771712",
    }
    groups, membership = tree(SLURM_1, **files)
    assert core_quota(groups, membership) == 1.0
    assert usable_cores(groups, membership) == 1
    assert memory_limit_mb(groups, membership) == 4.0


def test_fault_68_a_group_outside_of_what_a_container_sees(tree: Tree) -> None:
    groups, membership = tree("0::/../../elsewhere\n", **{"memory.max": "6000000", "cpu.max": "50000 100000"})
    assert memory_limit_mb(groups, membership) == 6.0
    assert usable_cores(groups, membership) == 1


def test_fault_68_a_fit_that_needs_more_than_its_job_has_is_refused(
    tree: Tree, tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = partial(memory_limit_mb, *tree(SLURM_2, **{"system.slice__memory.max": "300000000"}))
    monkeypatch.setattr(resources, "memory_limit_mb", limit)
    (tmp_path / "card.yml").write_text(SMALL_FIT)
    with pytest.raises(ResourceError, match=r"one replica needs about .* GB of memory, there are 0\.3 GB"):
        api.fit(tmp_path / "card.yml", replicas=[1], output=tmp_path / "fit")
    assert not (tmp_path / "fit").exists()


AFFINITY = """
import os
from n3fit.backends import set_initial_state, operations as op
from n3fit.machine import usable_cores
os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
set_initial_state()
print(usable_cores(), os.environ.get("NPROC"))
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity of processes")
def test_fault_68_a_process_bound_to_one_core_uses_one_thread(own_cache: Path) -> None:
    command = [sys.executable, "-c", AFFINITY]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=True, env=os.environ | {"KERAS_BACKEND": "jax"}
    )
    assert done.stdout.split() == ["1", "1"]


IN_TIME = """
import os
from n3fit import api
from n3fit.backends.keras_backend.keras_private import jax_has_started
from n3fit.compression.compressor import TheoryCompressor
from n3fit.fit import groups, problem

start, fold_all = groups.set_initial_state, TheoryCompressor.fold_all

def set_initial_state(**settings):
    print("started:", jax_has_started(), settings["max_cores"])
    start(**settings)

def note(self, *arguments, workers, **options):
    print("threads:", workers)
    return fold_all(self, *arguments, workers=workers, **options)

groups.set_initial_state, TheoryCompressor.fold_all = set_initial_state, note
problem.usable_cores, os.cpu_count = lambda: 3, lambda: 64
api.fit("card.yml", replicas=[1], output="fit")
"""


def test_fault_68_a_fit_has_as_many_threads_as_cores_are_usable(tmp_path: Path, own_cache: Path) -> None:
    """In the compression of tables, and in the backend, whose threads are limited before it makes them."""
    (tmp_path / "card.yml").write_text(SMALL_FIT.replace("epochs: 120", "epochs: 2") + "maxcores: 4\n")
    done = subprocess.run(
        [sys.executable, "-c", IN_TIME],
        env=os.environ | {"KERAS_BACKEND": "jax"}, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["started: False 4", "threads: 3"], done.stdout + done.stderr
    assert "has no effect" not in done.stderr


def test_fault_68_one_module_counts_cores() -> None:
    found = set(calls("os.cpu_count", "psutil.cpu_count", "multiprocessing.cpu_count", "cpu_count"))
    assert found == {"machine.py: os.cpu_count", "machine.py: psutil.cpu_count"}
