"""Tables of results in notebooks."""

import pytest

from n3fit.html_tables import facts_to_html, rows_to_html


def test_facts_are_escaped() -> None:
    html = facts_to_html({"<i>": "a & b"})
    assert "<th style='text-align:left'>&lt;i&gt;</th><td style='text-align:left'>a &amp; b</td>" in html


def test_rows_have_sides_and_a_caption() -> None:
    html = rows_to_html(("set", "n"), [("<b>", "12"), ("c", "3")], "<>", caption="a < b")
    assert html.count("<tr>") == 3
    assert "<th style='text-align:right'>n</th>" in html
    assert "<td style='text-align:left'>&lt;b&gt;</td><td style='text-align:right'>12</td>" in html
    assert ">a &lt; b</caption>" in html
    assert "caption" not in rows_to_html(("set",), [], "<")


def test_every_row_has_all_cells() -> None:
    with pytest.raises(ValueError, match="argument 2 is longer"):
        rows_to_html(("set", "n"), [("a",)], "<>")
