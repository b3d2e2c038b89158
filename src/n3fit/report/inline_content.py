"""Style sheet and scripts within the page, and the policy by which a browser runs these and nothing else."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from markupsafe import Markup

from n3fit.report.style import FIT_COLOURS

SCRIPTS = ("elements.js", "panels.js", "pointers.js", "figures.js", "tables.js", "permalinks.js")
"""Parts of the script of the page, in this order: each uses what is defined before it."""
_STYLE = "report.css"


@dataclass(frozen=True)
class InlineContent:
    """Style sheet and script, which go into the page as they are, and the content security policy.

    The policy forbids everything from outside, and within the page all scripts and style sheets but these, which it
    names by their hashes.
    """

    style: Markup
    script: Markup
    policy: str


@cache
def inline_content() -> InlineContent:
    """Return what is the same on all pages."""
    style = _template(_STYLE) + "".join(f"\n.c{n} {{ background: {colour}; }}" for n, colour in enumerate(FIT_COLOURS))
    script = "\n".join(("(() => {", '"use strict";', *(_template(name) for name in SCRIPTS), "})();"))
    policy = "; ".join(
        (
            "default-src 'none'",
            "img-src data:",
            f"style-src {_source(style)}",
            f"script-src {_source(script)}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    return InlineContent(Markup(style), Markup(script), policy)


def attribute_text(text: str) -> Markup:
    """Return a text for an attribute between double quotes.

    Other characters may stay, which makes images a fifth shorter.
    """
    return Markup(text.replace("&", "&amp;").replace('"', "&quot;"))


def script_text(text: str) -> Markup:
    """Return JSON for a script element, which no text in it can end."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _template(name: str) -> str:
    return (files("n3fit.report") / "templates" / name).read_text(encoding="utf-8").rstrip()


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
