"""Executed notebooks as pages of the site."""

from __future__ import annotations

import base64
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest


def cell(source: str, *outputs: Any, kind: str = "code", **metadata: Any) -> Any:
    return SimpleNamespace(cell_type=kind, source=source, outputs=list(outputs), metadata=metadata)


def data(metadata: Any = None, **content: str) -> Any:
    by_type = {name.replace("_", "/"): value for name, value in content.items()}
    return SimpleNamespace(output_type="display_data", data=by_type, metadata=metadata or {})


def page_of(tool: ModuleType, *cells: Any) -> Any:
    return tool.to_page(SimpleNamespace(cells=list(cells)), "name")


def test_links_follow_the_title(tool: ModuleType) -> None:
    page = page_of(tool, cell("# Title\n\nwords", kind="markdown"), cell("more", kind="markdown"), cell("x = 1"))
    assert page.markdown == (
        "# Title\n\nThis page is a notebook: [script](name.py), [with its outputs](name.ipynb).\n\n"
        "words\n\nmore\n\n```python\nx = 1\n```\n"
    )
    assert page.images == {}


def test_images_are_files_with_a_description(tool: ModuleType) -> None:
    image = base64.b64encode(b"pixels").decode()
    small = data({"image/png": {"width": 300}}, image_png=image, text_plain="<Figure>")
    page = page_of(tool, cell("draw()", small, alt="a gluon"), cell("draw()", data(image_png=image)))
    assert page.images == {"name_1.png": b"pixels", "name_2.png": b"pixels"}
    assert '![a gluon](name_1.png){loading="lazy" width="300"}' in page.markdown
    assert '](name_2.png){loading="lazy"}' in page.markdown
    assert "<Figure>" not in page.markdown


def test_html_is_kept_and_tables_have_the_style_of_the_site(tool: ModuleType) -> None:
    frame = '<style scoped>\n td {color: red}\n</style>\n<table border="1" class="dataframe"><tr></tr></table>'
    text = page_of(tool, cell("frame", data(text_html=frame, text_plain="plain"))).markdown
    assert '<div class="notebook-output" style="overflow-x:auto">\n<table><tr></tr></table>\n</div>' in text
    assert "plain" not in text


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("\x1b[31mred\x1b[0m\n", "```text\nred\n```"),
        ("a ```` b", "`````text\na ```` b\n`````"),
        ("\n", ""),
    ],
)
def test_text_is_a_code_block(tool: ModuleType, text: str, block: str) -> None:
    stream = SimpleNamespace(output_type="stream", text=text)
    assert page_of(tool, cell("x", stream)).markdown == f"```python\nx\n```\n{block and chr(10) + block + chr(10)}"
    assert page_of(tool, cell("x", data(text_plain=text))).markdown.endswith(f"\n{block}\n" if block else "```\n")
