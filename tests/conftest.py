"""Fixtures for every package."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

pytest_plugins = ["support.fixtures"]

REPOSITORY = Path(__file__).parent.parent

# a busy machine is no failure
# the same examples in every run, so that a run can be repeated; `make test-all` takes others each time
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("random", deadline=None)
settings.load_profile("repeatable")


def pytest_collection_finish() -> None:
    """Leave what was imported and collected out of every later search for garbage, of which each fit starts several."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> Iterator[None]:
    """The usual handler of Ctrl-C, also where the tests were started in the background: children would ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session", autouse=True)
def without_profile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests find neither the profile of nnpdf of the user nor the theories and sets of an installation."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("configuration")))
        patch.setenv("N3FIT_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        for variable in ("NNPDF_PROFILE_PATH", "CONDA_PREFIX", "N3FIT_THEORY_PATH"):
            patch.delenv(variable, raising=False)
        yield


@pytest.fixture(scope="session")
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep compiled programs on disk for the session: many tests build the same model."""
    from n3fit.backends import set_compilation_cache

    set_compilation_cache(tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="session")
def shared_theories() -> Path:
    """The folder with theory 400, beside the repository on some machines."""
    folder = REPOSITORY.parent / "shared" / "theories"
    if not (folder / "theory_400" / "fastkernel").is_dir():
        pytest.skip("theory 400 is not beside the repository")
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for fits, with a cache of its own; at the end the state is given back that fits change."""
    folder = tmp_path_factory.mktemp("place")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("N3FIT_CACHE_DIR", str(folder / "cache"))
        yield folder
    from n3fit.backends import set_initial_state

    set_initial_state()


@pytest.fixture
def double_precision() -> Iterator[None]:
    """Compute in float64, and give single precision back."""
    from n3fit.backends import set_initial_state

    set_initial_state(double_precision=True)
    yield
    set_initial_state()


@pytest.fixture(scope="session")
def toy_pdf_sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the PDF set ``toy``: the Les Houches toy PDF, the same at every scale."""
    from n3fit.theory.flavours import EXPORT_PIDS
    from n3fit.theory.toy_pdf import les_houches_toy

    folder = tmp_path_factory.mktemp("pdf-sets")
    home = folder / "toy"
    home.mkdir()
    x = np.concatenate([np.geomspace(1e-9, 0.1, 60), np.linspace(0.12, 1, 40)])
    scales = np.array([1.6, 2.0, 10.0, 100.0])
    values = np.repeat(les_houches_toy(EXPORT_PIDS, x).T, len(scales), axis=0)
    text = ["PdfType: central", "Format: lhagrid1", "---"]
    text += [" ".join(f"{value:.10e}" for value in knots) for knots in (x, scales)]
    text += [" ".join(map(str, EXPORT_PIDS)), *(" ".join(f"{value:.10e}" for value in row) for row in values), "---"]
    (home / "toy_0000.dat").write_text("\n".join(text) + "\n")
    (home / "toy.info").write_text(
        f"SetDesc: toy\nNumMembers: 1\nFlavors: {list(EXPORT_PIDS)}\nXMin: 1e-9\nXMax: 1\nQMin: 1.6\nQMax: 100\n"
        "AlphaS_Qs: [1.6, 100]\nAlphaS_Vals: [0.3, 0.1]\n"
    )
    return folder
