"""YAML files as plain dictionaries, lists, text, numbers, booleans and None.

Documents are built from the events of ruamel.yaml's parsers: its loaders take ten times longer for commondata, which
have up to a million scalars, resolve tags, and put no limit on the effort that a file may cost.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import Node

from n3fit.errors import DataError, N3fitError
from n3fit.storage.json_files import read_text
from n3fit.storage.key_path import KeyPath, format_key
from n3fit.storage.yaml_builder import DocumentBuilder, Lines, Rules, split_line

DATA = Rules()

_SMALL = 2**20
"""Letters of a text that the parser in Python reads in a few seconds."""


@dataclass(frozen=True)
class Document:
    """A YAML document.

    Attributes
    ----------
    name : str
        Name of the file, for messages.
    data : dict, list, str, int, float, bool or None
        Its content; keys of mappings are text.
    lines : dict
        Lines of keys and entries, counted from 1; see :data:`n3fit.storage.yaml_builder.Lines`.
    aliased : frozenset
        Paths of values that an alias repeats elsewhere.
    """

    name: str
    data: Any
    lines: Lines
    aliased: frozenset[KeyPath] = frozenset()

    def line_of(self, key: KeyPath) -> int:
        """Return the line of a key, or of the nearest mapping around it that is in the file."""
        line, inside = 1, self.lines
        for part in key:
            if part not in inside:
                break
            line, inside = split_line(inside[part])
        return line

    def where(self, key: KeyPath) -> str:
        """Return ``file:line: key``, the start of a message."""
        return f"{self.name}:{self.line_of(key)}: {format_key(key)}" if key else self.name


def read_yaml(path: Path, *, error: type[N3fitError] = DataError) -> Any:
    """Return the content of a YAML file.

    Raises
    ------
    N3fitError
        Of the class ``error``: the file is missing, cannot be read, is not UTF-8, or as in :func:`parse_yaml`.
    """
    return parse_yaml(read_text(path, limit=DATA.size, error=error), str(path), error=error).data


def parse_yaml(text: str, name: str, *, rules: Rules = DATA, error: type[N3fitError] = DataError) -> Document:
    """Return the document of a YAML text.

    Parameters
    ----------
    text : str
    name : str
        Name of the file, for messages.
    rules : Rules
    error : type
        Class of the errors.

    Raises
    ------
    N3fitError
        The text is not YAML, goes beyond a limit, or has tags, repeated keys or several documents; all tags and
        repeated keys are reported at once.
    """
    # libyaml of ruamel.yaml refuses some valid text, such as {a: b:c}; the parser in Python takes seconds for 1 MB
    parsers = (False, True) if len(text) < _SMALL else (False,)
    problem: YAMLError | None = None
    for pure in parsers if rules.compiled else (True,):
        builder = DocumentBuilder(iter(YAML(typ="safe", pure=pure).parse(text)), name, rules, error)
        try:
            data, lines = builder.build()
        except YAMLError as failure:
            problem = failure
            continue
        if builder.problems:
            raise error("\n".join(builder.problems))
        return Document(name, data, lines, frozenset(builder.aliased))
    raise _explain(problem, text, name, error) from problem


def compose_yaml(text: str) -> Node:
    """Return the root node of a document that :func:`parse_yaml` accepts; nodes have their place in the text."""
    return YAML(typ="safe", pure=True).compose(text)


def to_yaml(content: Mapping[str, Any]) -> str:
    """Return a mapping as YAML text in block style, keys sorted."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    stream = io.StringIO()
    yaml.dump(dict(content), stream)
    return stream.getvalue()


def _explain(problem: YAMLError | None, text: str, name: str, error: type[N3fitError]) -> N3fitError:
    if not isinstance(problem, MarkedYAMLError):
        first = str(problem).partition("\n")[0]
        return error(f"{name}: not valid YAML: {first}", hint="save the file as plain text")
    mark = problem.problem_mark or problem.context_mark
    line = mark.line + 1 if mark is not None else 1
    lines = text.splitlines()
    source = lines[line - 1] if line <= len(lines) else ""
    hint = "indent with spaces, not tabs" if "\t" in source else "check the indentation, colons and quotes there"
    what = " ".join(str(problem.problem or problem.context or "unexpected text").split())
    return error(f"{name}:{line}: not valid YAML: {what}", hint=hint)
