"""The hook of mkdocs that makes pages of notebooks."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

HOOK = Path(__file__).parents[2] / "tools" / "mkdocs_notebooks.py"


@pytest.fixture
def site(tmp_path: Path) -> Any:
    """The configuration with the hook, the hook, and the files of a site with one notebook and another script."""
    for name in ("mkdocs", "nbclient", "nbformat"):
        pytest.importorskip(name, reason="the extras docs and notebooks are not installed")
    from mkdocs.config.base import load_config
    from mkdocs.structure.files import get_files

    (tmp_path / "docs" / "notebooks").mkdir(parents=True)
    (tmp_path / "docs" / "index.md").write_text("# Site\n")
    (tmp_path / "docs" / "other.py").write_text("1 / 0\n")
    (tmp_path / "docs" / "notebooks" / "one.py").write_text("# %%\n1\n")
    (tmp_path / "mkdocs.yml").write_text(f"site_name: site\nhooks: ['{HOOK}']\n")
    config = load_config(str(tmp_path / "mkdocs.yml"))
    (hook,) = config.hooks.values()
    return SimpleNamespace(config=config, hook=hook, files=get_files(config))


def test_a_notebook_becomes_a_page(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbformat

    executed: list[str] = []

    def instead_of_a_kernel(script: str) -> Any:
        executed.append(script)
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
        content = {"image/png": "AAAA"}
        notebook.cells[0].outputs = [nbformat.v4.new_output("display_data", content)]
        return notebook

    monkeypatch.setattr(site.hook, "execute", instead_of_a_kernel)
    files = site.config.plugins.on_files(site.files, config=site.config)
    assert executed == ["# %%\n1\n"]
    page = files.get_file_from_path("notebooks/one.md")
    assert page.is_documentation_page()
    assert "(one_1.png)" in page.content_string
    assert files.get_file_from_path("notebooks/one_1.png").content_bytes == b"\0\0\0"
    assert '"nbformat"' in files.get_file_from_path("notebooks/one.ipynb").content_string
    assert files.get_file_from_path("notebooks/one.py") is not None


def test_a_cell_that_fails_stops_the_build(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from mkdocs.exceptions import PluginError
    from nbclient.exceptions import CellExecutionError

    def fail(script: str) -> Any:
        raise CellExecutionError("traceback", "NameError", "x")

    monkeypatch.setattr(site.hook, "execute", fail)
    with pytest.raises(PluginError, match=r"notebooks/one.py: traceback"):
        site.config.plugins.on_files(site.files, config=site.config)


def test_links_to_scripts_lead_to_their_pages(site: Any) -> None:
    others = "[other](other.py), [script](one.py), `notebooks/one.py`"
    changed = site.config.plugins.on_page_markdown(
        f"[one](notebooks/one.py), [part](../notebooks/one.py#part), {others}",
        page=None,
        config=site.config,
        files=site.files,
    )
    assert changed == f"[one](notebooks/one.md), [part](../notebooks/one.md#part), {others}"
