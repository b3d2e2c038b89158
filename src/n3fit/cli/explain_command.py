"""The command ``explain``: the keys of runcards."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from n3fit.cli.completion import complete_keys
from n3fit.cli.options import debug_option, json_option
from n3fit.cli.session import Session, emit_json

if TYPE_CHECKING:
    from n3fit.api import Explanation

_WIDTH = 100
_MARGIN = 2


@click.command()
@click.argument("key", required=False, shell_complete=complete_keys)
@json_option
@debug_option
@click.pass_obj
def explain(session: Session, /, key: str | None, as_json: bool, debug: bool) -> None:
    """Explain a KEY of runcards: meaning, type, default, allowed values, effect and an example.

    KEY is a path such as parameters.epochs, or its end: epochs. Without KEY the keys of the top level are listed.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    entries = api.explain(key)
    if session.json:
        emit_json("result", {"keys": entries})
    elif key is None:
        click.echo("\n".join(describe_sections(entries)))
    else:
        click.echo("\n\n".join("\n".join(describe_key(entry)) for entry in entries))


def describe_sections(entries: Sequence[Explanation]) -> list[str]:
    """Return a line for each key of the top level: the mappings first, then the single values."""
    mappings = [entry for entry in entries if entry.keys]
    values = [entry for entry in entries if not entry.keys]
    return [
        "mappings (`n3fit explain NAME` lists their keys)",
        *_table([(entry.key, entry.meaning) for entry in mappings]),
        "",
        "single values",
        *_table([(entry.key, entry.meaning) for entry in values]),
    ]


def describe_key(entry: Explanation) -> list[str]:
    """Return the explanation of one key as lines of text."""
    if not entry.type:
        return [entry.key, *_fields([("meaning", f"{entry.status}: {entry.meaning}")])]
    fields = [
        ("meaning", entry.meaning),
        ("type", entry.type),
        ("default", entry.default),
        ("allowed", entry.allowed),
        ("units", entry.units),
        ("effect", entry.effect_meaning),
        ("also in", ", ".join(place or "the top level" for place in entry.elsewhere)),
    ]
    lines = [entry.key, *_fields(fields), "", *(f"{' ' * _MARGIN}{line}" for line in entry.example.splitlines())]
    if entry.keys:
        lines += ["", "keys", *_table([(key.rpartition(".")[2], meaning) for key, meaning in entry.keys])]
    return lines


def _fields(fields: Sequence[tuple[str, str]]) -> list[str]:
    return _table([(name, text) for name, text in fields if text])


def _table(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Return two columns, of which the second is wrapped."""
    width = max((len(name) for name, _ in rows), default=0)
    lines = []
    for name, text in rows:
        first, *rest = wrap(text, max(30, _WIDTH - width - 2 * _MARGIN), break_long_words=False) or [""]
        lines.append(f"{' ' * _MARGIN}{name:<{width}}  {first}".rstrip())
        lines += [f"{' ' * (width + 2 * _MARGIN)}{line}" for line in rest]
    return lines
