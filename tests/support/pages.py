"""The pages of the documentation and their blocks of code."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
NOTEBOOKS = DOCS / "notebooks"

FENCE = re.compile(
    r"(?:(?P<anew><!-- from the beginning -->)\n\n?)?"
    r"(?:<!-- not run(?: \((?P<commands>[^()]*)\))?: (?P<reason>[^>]*?) -->\n\n?)?"
    r"^(?P<indent> *)```(?P<language>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$",
    flags=re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """A block of code between two fences.

    Attributes
    ----------
    page : str
        Path in the repository.
    line : int
        Line of the first fence.
    language : str
        All that stands behind the first fence.
    text : str
        The lines between the fences.
    reason : str
        Why it is not run; empty if it is. It stands in a comment before the block, ``<!-- not run: REASON -->``.
    unrun : tuple of str
        Of ``<!-- not run (WORDS, WORDS): REASON -->``: what the commands contain that are not run; without these words
        no command of the block is run.
    anew : bool
        It does again what blocks before it did, and needs a working folder without their files.
    """

    page: str
    line: int
    language: str
    text: str
    reason: str = ""
    unrun: tuple[str, ...] = ()
    anew: bool = False

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def is_run(self) -> bool:
        """Whether it is run, or a part of it."""
        return not self.reason or bool(self.unrun)

    def commands(self) -> Iterator[Command]:
        """Yield the commands of a block of a shell, one of each line that is more than a comment."""
        for line in self.text.splitlines():
            words = shlex.split(line, comments=True)
            if words:
                skipped = bool(self.reason) and (not self.unrun or any(part in line for part in self.unrun))
                yield Command(line, words, is_run=not skipped)


class Command:
    """A line of a shell: settings of variables, words, and the file that the output goes to."""

    def __init__(self, line: str, words: list[str], *, is_run: bool = True) -> None:
        self.line, self.is_run = line, is_run
        while re.match(r"[A-Z_]+=", words[0]):
            words = words[1:]
        self.output = Path(words[words.index(">") + 1]) if ">" in words else None
        self.words = words[: words.index(">")] if ">" in words else words

    @property
    def arguments(self) -> list[str] | None:
        """What stands behind ``n3fit``; None for another program."""
        return self.words[1:] if self.words[0] == "n3fit" else None


def pages() -> list[Path]:
    """Return README and CONTRIBUTING, and the pages of the documentation without the notebooks."""
    inside = [path for path in sorted(DOCS.rglob("*.md")) if NOTEBOOKS not in path.parents]
    return [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *inside]


def name_of(page: Path) -> str:
    """Return the path of a page in the repository."""
    return page.relative_to(REPOSITORY).as_posix()


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of a page in their order."""
    return parse_blocks(page.read_text(encoding="utf-8"), name_of(page))


def parse_blocks(text: str, page: str = "page.md") -> list[Block]:
    """Return the blocks of the text of a page."""
    return [
        Block(
            page=page,
            line=text.count("\n", 0, found.start("language")) + 1,
            language=found["language"],
            text=found["text"],
            reason=found["reason"] or "",
            unrun=tuple(part.strip() for part in (found["commands"] or "").split(",") if part.strip()),
            anew=bool(found["anew"]),
        )
        for found in FENCE.finditer(text)
    ]


def all_blocks(language: str) -> list[Block]:
    """Return the blocks of one language of all pages."""
    return [block for page in pages() for block in blocks_of(page) if block.language == language]
