"""A hook of mkdocs: the files of the repository about the project itself become pages of the site.

They stay where people and programs look for them, beside README.md; links among them lead to their pages.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

PAGES = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "CODE_OF_CONDUCT.md": "conduct.md",
    "SECURITY.md": "security.md",
}
"""The page of each file."""

_LINK = re.compile(r"\]\(([\w/.]+\.md)(#[^)]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages to the files of the site."""
    root = Path(config.docs_dir).parent
    for name, page in PAGES.items():
        content = to_page((root / name).read_text(encoding="utf-8"))
        files.append(File.generated(config, page, content=content))
    return files


def to_page(text: str) -> str:
    """Return the text with its links to files of the repository as links between pages.

    >>> to_page("[safe](SECURITY.md#reporting), [first](docs/first_fit.md), [other](https://x.org/a.md)")
    '[safe](security.md#reporting), [first](first_fit.md), [other](https://x.org/a.md)'
    """

    def link(found: re.Match[str]) -> str:
        target = PAGES.get(found[1], found[1].removeprefix("docs/"))
        return f"]({target}{found[2] or ''})"

    return _LINK.sub(link, text)
