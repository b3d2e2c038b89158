"""Execute the notebooks of the documentation, scripts in the percent format of jupytext, and write them as pages.

Run as ``python tools/notebooks.py FOLDER [NOTEBOOK ...]``: of each notebook, by default all of ``docs/notebooks``, the
folder gets ``NAME.ipynb`` with its outputs. A cell that fails ends the run with exit code 1. The site has them as
pages, see ``tools/mkdocs_notebooks.py``.
"""

from __future__ import annotations

import base64
import re
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).parent.parent / "docs" / "notebooks"
SECONDS_PER_CELL = 600
_KERNEL_OPTIONS = ["--InlineBackend.figure_format=retina", "--log-level=ERROR"]
_PANDAS_STYLE = re.compile(r"<style scoped>.*?</style>", re.DOTALL)  # tables get the style of the site
_TERMINAL_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Page:
    """A notebook as Markdown, and the images in it: their bytes by file name."""

    markdown: str
    images: dict[str, bytes] = field(default_factory=dict)


@cache
def execute(script: str) -> Any:
    """Return the notebook of a script with the outputs of its cells, executed in an empty folder.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        A cell failed; the message has its code and traceback.
    """
    import jupytext
    from nbclient import NotebookClient

    notebook = jupytext.reads(script, fmt="py:percent")
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=SECONDS_PER_CELL,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            extra_arguments=_KERNEL_OPTIONS,
        )
        client.execute()
    return notebook


def to_page(notebook: Any, name: str) -> Page:
    """Return an executed notebook as a page of the site, with links to the script and the notebook below its title."""
    page = Page("")
    blocks: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            title, _, rest = cell.source.partition("\n") if not blocks else ("", "", cell.source)
            links = f"This page is a notebook: [script]({name}.py), [with its outputs]({name}.ipynb)."
            blocks += [title, links, rest.strip()] if title else [rest]
        elif cell.cell_type == "code" and cell.source:
            blocks.append(_fence(cell.source, "python"))
            for output in cell.outputs:
                blocks.append(_output(output, cell.metadata, page, name))
    page.markdown = "\n\n".join(block for block in blocks if block) + "\n"
    return page


def _output(output: Any, metadata: Mapping[str, Any], page: Page, name: str) -> str:
    """Return an output as Markdown (with ``attr_list``); images go to the page, described by ``alt`` of their cell."""
    if output.output_type == "stream":
        return _text(output.text)
    content = output.data
    if "image/png" in content:
        file = f"{name}_{len(page.images) + 1}.png"
        page.images[file] = base64.b64decode(content["image/png"])
        width = output.metadata.get("image/png", {}).get("width")
        size = f' width="{width}"' if width else ""
        return f'![{metadata.get("alt", "Figure of the code above")}]({file}){{loading="lazy"{size}}}'
    if "text/html" in content:
        html = _PANDAS_STYLE.sub("", content["text/html"]).replace('<table border="1" class="dataframe">', "<table>")
        return f'<div class="notebook-output" style="overflow-x:auto">\n{html.strip()}\n</div>'
    return _text(content.get("text/plain", ""))


def _text(text: str) -> str:
    plain = _TERMINAL_COLOURS.sub("", text).strip("\n")
    return _fence(plain, "text") if plain else ""


def _fence(text: str, language: str) -> str:
    """Return a code block, with a fence longer than those inside it."""
    ticks = "`" * max(3, 1 + max(map(len, re.findall(r"`+", text)), default=0))
    return f"{ticks}{language}\n{text}\n{ticks}"


def main(arguments: list[str]) -> int:
    """Execute notebooks and write them with their outputs; return the exit code."""
    import nbformat
    from nbclient.exceptions import CellExecutionError

    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    folder, *names = map(Path, arguments)
    folder.mkdir(parents=True, exist_ok=True)
    for path in names or sorted(SOURCES.glob("*.py")):
        try:
            notebook = execute(path.read_text(encoding="utf-8"))
        except CellExecutionError as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 1
        nbformat.write(notebook, folder / f"{path.stem}.ipynb")
        print(folder / f"{path.stem}.ipynb")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
