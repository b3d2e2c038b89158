"""The files of the repository about the project itself are pages of the site."""

from __future__ import annotations

import runpy
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HOOK = ROOT / "tools" / "mkdocs_project_pages.py"


@pytest.fixture(scope="module")
def hook() -> dict[str, Any]:
    pytest.importorskip("mkdocs")
    return runpy.run_path(str(HOOK))


def test_links_lead_to_the_pages(hook: dict[str, Any]) -> None:
    text = "[safe](SECURITY.md#reporting), [first](docs/first_fit.md#x), [other](https://x.org/a.md), `docs/a.md`"
    expected = "[safe](security.md#reporting), [first](first_fit.md#x), [other](https://x.org/a.md), `docs/a.md`"
    assert hook["to_page"](text) == expected


def test_each_file_becomes_a_page_of_the_navigation(hook: dict[str, Any], tmp_path: Path) -> None:
    from mkdocs.config.base import load_config
    from mkdocs.structure.files import Files

    (tmp_path / "docs").mkdir()
    for name in hook["PAGES"]:
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "mkdocs.yml").write_text(f"site_name: site\nhooks: ['{HOOK}']\n")
    config = load_config(str(tmp_path / "mkdocs.yml"))
    files = config.plugins.on_files(Files([]), config=config)
    assert {file.src_uri for file in files} == set(hook["PAGES"].values())
    assert files.get_file_from_path("changelog.md").content_string.startswith("# Changelog\n")
    navigation = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    (project,) = [entry["Project"] for entry in navigation if "Project" in entry]
    assert {page for entry in project for page in entry.values()} == {"citing.md", *hook["PAGES"].values()}


def test_the_licence_and_the_reference_are_those_of_the_project() -> None:
    page = (ROOT / "docs" / "citing.md").read_text(encoding="utf-8")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert citation["license"] == project["license"] == "GPL-3.0-or-later"
    assert "General Public License, version 3 or later" in page
    (reference,) = citation["references"]
    assert f"*{reference['title']}*" in page
    assert f"{reference['volume']} ({reference['year']}) {reference['start']}" in page
