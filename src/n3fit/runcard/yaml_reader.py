"""YAML 1.2 into plain dictionaries, lists and scalars, with line numbers and bounded effort.

Tags, repeated keys and oversized files are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from n3fit.errors import RuncardError
from n3fit.runcard.key_path import KeyPath, format_key
from n3fit.runcard.yaml_builder import DocumentBuilder

MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Document:
    """A YAML file.

    Attributes
    ----------
    name : str
        The file, for messages.
    text : str
        The file as it is.
    data : dict
        Its content: dictionaries with text keys, lists, text, numbers, truth values and None.
    lines : mapping of key path to int
        Line, counted from 1, of each key and list entry.
    """

    name: str
    text: str
    data: dict[str, Any]
    lines: Mapping[KeyPath, int]

    def line_of(self, key: KeyPath) -> int:
        """Give the line of a key, or of the nearest mapping around it that is in the file."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key, 1)

    def where(self, key: KeyPath) -> str:
        """Give ``file:line: key``, the start of a message."""
        return f"{self.name}:{self.line_of(key)}: {format_key(key)}" if key else f"{self.name}"


def read_text(path: Path) -> str:
    """Give the text of a small UTF-8 file.

    Raises
    ------
    RuncardError
        The file is missing, is not a plain file, cannot be read, is too large or is not UTF-8.
    """
    if not path.is_file():
        problem = "is not a file" if path.exists() else "is not there"
        raise RuncardError(f"{path}: expected a runcard, {problem}", hint="give the path of a .yml file")
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise RuncardError(f"{path}: cannot be read ({error.strerror})", hint="check the permissions") from error
    if len(raw) > MAX_BYTES:
        raise RuncardError(
            f"{path}: expected at most {MAX_BYTES // 1000} kB, received more", hint="is this really a runcard?"
        )
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise RuncardError(
            f"{path}:1: expected plain UTF-8, received a byte-order mark", hint="save as UTF-8 without BOM"
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise RuncardError(
            f"{path}:{line}: expected UTF-8, received the byte 0x{raw[error.start]:02x}", hint="save the file as UTF-8"
        ) from error


def parse_yaml(text: str, name: str) -> Document:
    """Give the content of a YAML text whose root is a mapping.

    Raises
    ------
    RuncardError
        The text is no YAML, is empty, has tags, repeated keys, too many values or too deep a nesting.
    """
    yaml = YAML(typ="safe", pure=True)
    try:
        builder = DocumentBuilder(iter(yaml.parse(text)), name)
        data = builder.build()
    except MarkedYAMLError as error:
        raise _explain(error, text, name) from error
    except YAMLError as error:
        problem = str(error).splitlines()[0]
        raise RuncardError(f"{name}: not valid YAML: {problem}", hint="save the file as plain text") from error
    if data is None:
        raise RuncardError(f"{name}: expected a runcard, received an empty file", hint="start from runcards/dis.yml")
    if not isinstance(data, dict):
        received = "a list" if isinstance(data, list) else "text"
        raise RuncardError(
            f"{name}:1: expected lines such as 'epochs: 1000', received {received}", hint="start from runcards/dis.yml"
        )
    if builder.mistakes:
        raise RuncardError("\n".join(builder.mistakes))
    return Document(name=name, text=text, data=data, lines=builder.lines)


def _explain(error: MarkedYAMLError, text: str, name: str) -> RuncardError:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark is not None else 1
    lines = text.splitlines()
    source = lines[line - 1] if line <= len(lines) else ""
    hint = "indent with spaces, not tabs" if "\t" in source else "check the indentation, colons and quotes there"
    problem = " ".join(str(error.problem or error.context or "unexpected text").split())
    return RuncardError(f"{name}:{line}: not valid YAML: {problem}", hint=hint)
