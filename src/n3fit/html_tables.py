"""HTML tables with which notebooks show results, all text escaped, and the frame of tables of the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

_LEFT, _RIGHT = "text-align:left", "text-align:right"


def facts_to_html(facts: Mapping[str, str]) -> str:
    """Return names and values as a table of two columns.

    >>> facts_to_html({"theory": "a<b"})
    "<table><tr><th style='text-align:left'>theory</th><td style='text-align:left'>a&lt;b</td></tr></table>"
    """
    rows = "".join(
        f"<tr><th style='{_LEFT}'>{escape(name)}</th><td style='{_LEFT}'>{escape(value)}</td></tr>"
        for name, value in facts.items()
    )
    return f"<table>{rows}</table>"


def rows_to_html(header: Sequence[str], rows: Iterable[Sequence[str]], sides: str, *, caption: str = "") -> str:
    """Return a table; ``sides`` has ``<`` or ``>`` for each column.

    Raises
    ------
    ValueError
        A row does not have as many cells as there are columns.
    """
    styles = [_LEFT if side == "<" else _RIGHT for side in sides]

    def line(cells: Sequence[str], tag: str) -> str:
        pairs = zip(cells, styles, strict=True)
        return "<tr>" + "".join(f"<{tag} style='{style}'>{escape(cell)}</{tag}>" for cell, style in pairs) + "</tr>"

    body = "".join(line(row, "td") for row in rows)
    title = f"<caption style='{_LEFT};caption-side:bottom;padding:.4em'>{escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead>{line(header, 'th')}</thead><tbody>{body}</tbody></table>"


def stack_on_phones(table: str) -> str:
    """Return a Markdown table of keys or options in a division, which shows each row as a block on a phone.

    The rules for it are those of ``docs/stylesheets/extra.css``.

    >>> stack_on_phones("| key |").splitlines()
    ['<div class="n3fit-keys" markdown>', '', '| key |', '', '</div>']
    """
    return f'<div class="n3fit-keys" markdown>\n\n{table}\n\n</div>'
