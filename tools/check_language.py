"""Check the words of docstrings, comments, messages and documentation; see CONTRIBUTING.md, "Language".

Run as ``python tools/check_language.py [FOLDER OR FILE ...]``. Every finding is printed as ``file:line: message``, and
the exit code is 1 if there is any.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

PLACES = ("src", "tests", "benchmarks", "tools", "docs", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")

OPENINGS = {
    "Give": "Return",
    "Gives": "Return",
    "Tell": "Return, Report or Check",
    "Say": "Describe or Report",
    "Refuse": "Check",
    "Hand": "Pass or Return",
    "Let": "a verb of what happens",
    "Ask": "Request or Read",
}
"""First words of a docstring that are not used, and what to write instead."""

WORDS = {
    "nobody|somebody|everybody|anybody|whoever": "name the caller, user, function or process",
    "wants?|hears?|knows|tells?|told": "the code requires, receives, has, reports",
    "asks?|asked|asking": "request, expect",
    "baton": "state",
    "living|alive": "active",
    "(?:is|are|be) whole": "complete",
    "at hand": "available",
}
"""Patterns of words that are not used for code, and what to write instead."""

_PATTERNS = {re.compile(rf"\b(?:{words})\b", re.IGNORECASE): advice for words, advice in WORDS.items()}


def main(arguments: list[str]) -> int:
    """Check the files below ``arguments``, by default :data:`PLACES`; return the exit code."""
    paths = [path for place in arguments or PLACES for path in _files(Path(place))]
    findings = [finding for path in paths for finding in check_file(path)]
    print(*findings, sep="\n", end="\n" if findings else "")
    return 1 if findings else 0


def check_file(path: Path) -> list[str]:
    """Return the findings in a file, as ``file:line: message``."""
    text = path.read_text(encoding="utf-8")
    prose = _python_prose(text) if path.suffix == ".py" else _markdown_prose(text)
    found = []
    for line, words in prose:
        found += [
            f"{path}:{line}: {match.group()!r}: {advice}"
            for pattern, advice in _PATTERNS.items()
            for match in pattern.finditer(words)
        ]
    if path.suffix == ".py":
        for line, words in _docstrings(text):
            first = re.match(r"\w*", words)
            if first and first.group() in OPENINGS:
                found.append(f"{path}:{line}: docstring begins with {first.group()!r}: {OPENINGS[first.group()]}")
    return found


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
        return
    for suffix in ("*.py", "*.md"):
        yield from (path for path in sorted(place.rglob(suffix)) if path.resolve() != Path(__file__).resolve())


def _python_prose(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of comments and strings, without code in backticks; strings of one word are keys."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", -1)):
            for offset, line in enumerate(token.string.splitlines()):
                if " " in line.strip():
                    yield token.start[0] + offset, re.sub(r"``.*?``|`.*?`", "", line)


def _markdown_prose(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number and the text of every line outside of code."""
    code = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("```"):
            code = not code
        elif not code:
            yield number, re.sub(r"`.*?`", "", line)


def _docstrings(text: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node)
            if docstring:
                yield getattr(node, "lineno", 1), docstring


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
