"""A local server, a cache of its own for each test, and little patience."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.http_server import Server, open_server

from n3fit.fetching.connection import Patience


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    monkeypatch.setenv("N3FIT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("N3FIT_DATA_DIR", str(tmp_path_factory.mktemp("data")))
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("N3FIT_THEORY_URLS", "N3FIT_PDF_URLS", "N3FIT_THEORY_PATH", "N3FIT_PDF_PATH"):
        monkeypatch.delenv(variable, raising=False)
    with open_server() as running:
        yield running


@pytest.fixture
def patience() -> Patience:
    return Patience(stall=0.15, pauses=(0.0, 0.0))


@pytest.fixture
def cache(server: Server) -> Path:
    """The folder of files that came in part."""
    from n3fit.storage import cache_directory

    return cache_directory() / "downloads"
