"""The tables of the page ``docs/runcard.md``, generated from the schema.

``python -m n3fit.runcard.documentation docs/runcard.md`` writes them into the page.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from n3fit.html_tables import stack_on_phones
from n3fit.runcard.old_keys import OLD_KINDS, OLD_PLACES, RENAMED, Pattern
from n3fit.runcard.reference import ReferenceRow, reference_rows

BEGIN = "<!-- begin of the generated tables: python -m n3fit.runcard.documentation docs/runcard.md -->"
END = "<!-- end of the generated tables -->"


def update_page(page: str) -> str:
    """Return the page with the tables between its two marks replaced.

    Raises
    ------
    ValueError
        The page has not each mark once, in this order.
    """
    before, found_begin, rest = page.partition(BEGIN)
    _, found_end, after = rest.partition(END)
    if not found_begin or not found_end or BEGIN in after or END in after:
        raise ValueError(f"expected a page with the marks {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{reference_tables()}\n{old_keys_table()}\n{END}{after}"


def reference_tables() -> str:
    """Return the keys as Markdown: a table of the top level, and one of each key with keys below it."""
    rows = reference_rows()
    top = {row.key.partition(".")[0]: None for row in rows}
    nested = [name for name in top if any(row.key.startswith(f"{name}.") for row in rows)]
    text = _table("Top level", [row for row in rows if "." not in row.key])
    for name in nested:
        text += "\n" + _table(f"`{name}`", [row for row in rows if row.key.startswith(f"{name}.")])
    return text


def _table(title: str, rows: Sequence[ReferenceRow]) -> str:
    lines = [f"| `{row.key}` | {row.type} | {row.default} | {row.allowed} | {row.meaning} |" for row in rows]
    head = ["| key | type | default | allowed values | meaning |", "|---|---|---|---|---|"]
    table = "\n".join([*head, *lines])
    return f"## {title}\n\n{stack_on_phones(table)}\n"


def old_keys_table() -> str:
    """Return the old keys as Markdown: those without effect by their reason, and those with another name today."""
    lines = [f"| {', '.join(f'`{_shown(key)}`' for key in kind.keys)} | {kind.reason} |" for kind in OLD_KINDS]
    renamed = [f"| `{_shown(old)}` | `{_shown(new)}` |" for old, new in RENAMED.items()]
    moved = [f"| `fitting.{name}` | `{name}` |" for name in sorted(OLD_PLACES)]
    head = ["## Keys without effect", "", "| key | reason |", "|---|---|"]
    names = ["", "## Old names and places", "", "| key | today |", "|---|---|"]
    return "\n".join([*head, *lines, *names, *renamed, *moved]) + "\n"


def _shown(key: Pattern) -> str:
    return ".".join(part for part in key if part != "*")


def main(arguments: Sequence[str]) -> None:
    """Write the tables into the page whose path is the only argument."""
    (path,) = map(Path, arguments)
    path.write_text(update_page(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
