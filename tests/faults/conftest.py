"""Fixtures of the tests of faults."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from n3fit.cli.main import run
from n3fit.cli.session import Session


@pytest.fixture
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of this test alone."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("N3FIT_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def refusal(capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Return a function that runs a command, which must end with one line and an exit code; it returns the line."""

    def call(*arguments: object, code: int) -> str:
        capfd.readouterr()
        received = run([str(argument) for argument in arguments], Session())
        output, errors = capfd.readouterr()
        assert (received, output) == (code, ""), errors
        (line,) = [line for line in errors.splitlines() if line.startswith("n3fit: error: ")]
        assert not any(word in errors for word in ("Traceback", "panicked"))
        return line

    return call
