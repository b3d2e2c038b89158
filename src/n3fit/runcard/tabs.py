"""Tabs in runcards: blanks where YAML lets them stand between tokens, and untouched elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BLOCK_TEXT = re.compile(r"(^|[:\-?]\s|:)\s*[|>][-+0-9]*\s*(#.*)?$")
"""End of a line that begins a block of text."""

_BEFORE_TOKEN = frozenset(":-,[{?")
"""Characters behind which a quoted text may begin."""


def replace_tabs(text: str) -> str:
    r"""Return a YAML text of the same length, with blanks for tabs between tokens.

    Tabs stay in quoted text, in blocks of text, in the indentation of a line and behind its dash, where they are an
    error of YAML. Some parsers take them for errors everywhere.

    >>> replace_tabs("a:\t3.5\t# text") == "a: 3.5 # text"
    True
    """
    return "".join(_replaced_lines(text)) if "\t" in text else text


def _replaced_lines(text: str) -> Iterator[str]:
    line_state = _State()
    block_indent: int | None = None
    for line in text.splitlines(keepends=True):
        content = line.strip()
        indent = len(line) - len(line.lstrip(" "))
        if block_indent is not None and (not content or indent > block_indent):
            yield line
            continue
        block_indent = None
        yield line_state.replace(line)
        if not line_state.inside and _BLOCK_TEXT.search(line.rstrip()):
            block_indent = indent


class _State:
    """What is open at the end of a line: brackets and a quoted text."""

    def __init__(self) -> None:
        self.depth = 0
        self.quote = ""

    @property
    def inside(self) -> bool:
        """Whether a bracket or a quoted text is open."""
        return self.depth > 0 or bool(self.quote)

    def replace(self, line: str) -> str:
        """Return a line with blanks for tabs between tokens."""
        result = list(line)
        last = ""  # the character before, apart from blanks
        position = 0
        while position < len(line):
            character = line[position]
            if self.quote:
                position += self._skip_quoted(line, position)
                last = '"'
                continue
            if character == "#" and (position == 0 or line[position - 1] in " \t"):
                break
            if character == "\t" and (self.depth or last.strip("-")):
                result[position] = " "
            elif character in "'\"" and (not last or last[-1] in _BEFORE_TOKEN):
                self.quote = character
            elif character in "[{" and (not last or last[-1] in _BEFORE_TOKEN):
                self.depth += 1
            elif character in "]}" and self.depth:
                self.depth -= 1
            if character not in " \t\r\n":
                last = last + character if character == "-" and not last.strip("-") else character
            position += 1
        return "".join(result)

    def _skip_quoted(self, line: str, position: int) -> int:
        """Return how many characters of a quoted text to skip at once, and note its end."""
        if self.quote == '"' and line[position] == "\\":
            return 2
        if line[position] == self.quote:
            if self.quote == "'" and line[position : position + 2] == "''":
                return 2
            self.quote = ""
        return 1
