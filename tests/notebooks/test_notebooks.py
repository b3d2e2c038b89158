"""The notebooks of the documentation run from the first cell to the last."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "notebooks"
NOTEBOOKS = [pytest.param(path, id=path.stem, marks=pytest.mark.slow) for path in sorted(FOLDER.glob("*.py"))]
"""The site's build executes them too."""


def outputs_of(notebook: Path) -> list[list[dict[str, Any]]]:
    """Return the outputs of each code cell."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell["outputs"] for cell in cells if cell["cell_type"] == "code"]


def plain(output: dict[str, Any]) -> str:
    return "".join(output["data"]["text/plain"])


@pytest.mark.parametrize("script", NOTEBOOKS)
def test_a_notebook_runs(
    script: Path, execute: Callable[[Path], subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    done = execute(script)
    assert done.returncode == 0, done.stderr
    outputs = [output for cell in outputs_of(tmp_path / "executed" / f"{script.stem}.ipynb") for output in cell]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 2


def test_every_notebook_has_a_title_and_describes_its_figures() -> None:
    assert NOTEBOOKS
    for script in sorted(FOLDER.glob("*.py")):
        text = script.read_text(encoding="utf-8")
        assert text.startswith("# %% [markdown]\n# # "), script
        cells = [cell.strip("\n") for cell in text.split("# %%")[1:]]
        drawn = [cell for cell in cells if "plt.show()" in cell or "plot" in cell.splitlines()[-1].partition("(")[0]]
        assert [cell for cell in drawn if ' alt="' not in cell.splitlines()[0]] == [], script


def test_a_kernel_shows_a_fit_in_one_output_that_remains(
    execute: Callable[[Path], subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    small = Path(__file__).parents[1] / "support" / "small_fit.yml"
    card = tmp_path / "small.yml"
    card.write_text(small.read_text(encoding="utf-8").replace("t0pdfset: toy", "t0pdfset: n3fit_dis_t0"))
    script = tmp_path / "fit.py"
    script.write_text(
        "# %%\nfrom n3fit import api\nfrom n3fit.progress import NullReporter\n"
        f"fit = api.fit({str(card)!r}, replicas=[1, 2], output='one')\n"
        f"# %%\ncheck = api.check({str(card)!r}, progress=NullReporter())\n"
        "# %%\nfit.chi2['datasets']\n"
    )
    done = execute(script)
    assert done.returncode == 0, done.stderr
    first, silent, table = outputs_of(tmp_path / "executed" / "fit.ipynb")
    (shown,) = first
    assert plain(shown).startswith("fit done in ")
    assert "120 of 120 epochs  training loss" in plain(shown)
    assert "<progress" not in "".join(shown["data"]["text/html"])
    assert silent == []
    assert "HERA_CC_318GEV_EM-SIGMARED</td>" in "".join(table[0]["data"]["text/html"])


def test_a_cell_that_fails_is_an_error(
    execute: Callable[[Path], subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    script = tmp_path / "broken.py"
    script.write_text("# %%\nfrom n3fit import api\napi.open_fit('no_such_fit')\n")
    done = execute(script)
    assert done.returncode == 1
    assert str(script) in done.stderr
    assert "no_such_fit" in done.stderr
    assert not (tmp_path / "executed" / "broken.ipynb").exists()
