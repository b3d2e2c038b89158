"""Runcards as YAML documents: what their words mean, and how large they may be."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from n3fit.errors import RuncardError, n3fit_command
from n3fit.runcard.tabs import replace_tabs
from n3fit.storage import json_files, yaml_files
from n3fit.storage.yaml_builder import WORDS, Rules
from n3fit.storage.yaml_files import Document

RULES = Rules(
    words=MappingProxyType(
        {
            **WORDS,
            "none": None,
            **dict.fromkeys(("yes", "on"), True),
            **dict.fromkeys(("no", "off"), False),
        }
    ),
    size=1_000_000,
    nodes=20_000,
    depth=32,
    key_length=100,
    compiled=False,
)
"""``None``, ``on`` and ``no`` mean what they look like; errors are the same on every platform."""


def read_text(path: Path) -> str:
    """Return the text of a runcard.

    Raises
    ------
    RuncardError
        The file is missing, is not a plain file, cannot be read, is larger than 1 MB or is not UTF-8.
    """
    if not path.is_file():
        if path.exists():
            raise RuncardError(f"{path}: expected a runcard, is not a file", hint="give the path of a .yml file")
        write = n3fit_command("init", "-o", path)
        hint = f"give the path of a .yml file, or write a new one with `{write}`"
        raise RuncardError(f"{path}: expected a runcard, is not there", hint=hint)
    return json_files.read_text(path, limit=RULES.size, error=RuncardError)


def parse_yaml(text: str, name: str) -> Document:
    """Return the document of a YAML text whose root is a mapping.

    Raises
    ------
    RuncardError
        The text is not YAML, is empty, has tags, repeated keys, too many values or too deep a nesting.
    """
    document = yaml_files.parse_yaml(replace_tabs(text), name, rules=RULES, error=RuncardError)
    if document.data is None:
        hint = "print one with `n3fit init`"
        raise RuncardError(f"{name}: expected a runcard, received an empty file", hint=hint)
    if not isinstance(document.data, dict):
        received = "a list" if isinstance(document.data, list) else "text"
        raise RuncardError(
            f"{name}:1: expected lines such as 'epochs: 1000', received {received}", hint="print one with `n3fit init`"
        )
    return document
