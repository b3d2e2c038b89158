"""The site is built without a warning, loads nothing from elsewhere, and documents what is public."""

from __future__ import annotations

import html
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from n3fit import api

ROOT = Path(__file__).parents[2]
LOADED = re.compile(r"<(?:script|img|iframe|source|link)\b[^>]*?\b(?:src|href)=\"?(https?:)?//", flags=re.IGNORECASE)
IN_STYLES = re.compile(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", flags=re.IGNORECASE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    for module in ("material", "mkdocstrings_handlers.python"):
        pytest.importorskip(module)
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, check=False
    )
    assert result.returncode == 0, result.stderr
    return folder


@pytest.mark.slow
def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 40
    assert [page for page in pages if LOADED.search(page.read_text(encoding="utf-8"))] == []
    styles = list(site.rglob("*.css"))
    assert styles
    assert [style for style in styles if IN_STYLES.search(style.read_text(encoding="utf-8"))] == []


@pytest.mark.slow
def test_every_function_and_class_of_the_api_is_documented(site: Path) -> None:
    page = (site / "api" / "functions" / "index.html").read_text(encoding="utf-8")
    modules = {"data_cuts": "data_cuts.data_cuts"}  # a module has the name of its function
    assert [name for name in api.__all__ if f'id="n3fit.api.{modules.get(name, name)}"' not in page] == []


@pytest.mark.slow
def test_the_reference_says_what_each_function_does(site: Path) -> None:
    page = (site / "api" / "functions" / "index.html").read_text(encoding="utf-8")
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())
    summaries = {name: (inspect.getdoc(getattr(api, name)) or "").split("\n\n")[0] for name in api.__all__}
    plain = {name: " ".join(summary.split()) for name, summary in summaries.items() if "`" not in summary}
    assert len(plain) > 60
    assert [name for name, summary in plain.items() if summary not in text] == []


@pytest.mark.slow
def test_roles_of_docstrings_are_no_text(site: Path) -> None:
    for page in (site / "api").rglob("*.html"):
        assert not re.search(r":(?:class|func|meth|mod|data|attr):", page.read_text(encoding="utf-8")), page


def test_what_would_be_loaded_is_found() -> None:
    assert LOADED.search('<link rel="stylesheet" href="https://fonts.example/css">')
    assert LOADED.search("<script src=//cdn.example/x.js></script>")
    assert not LOADED.search('<a href="https://arxiv.org/abs/2109.02653">')
    assert IN_STYLES.search("@import 'https://x'")
    assert not IN_STYLES.search("a{background:url(data:image/svg+xml,x)}")
