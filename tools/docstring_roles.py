"""Cross references of the site from the roles in docstrings, such as ``:func:`n3fit.api.fit```.

mkdocs.yml names this extension of griffe. A name is looked up from the place of the docstring; one that no page
documents is plain code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from griffe import Extension, GriffeLoader, NameResolutionError, Object

ROLE = re.compile(r":(?:attr|class|data|exc|func|meth|mod):`(~?)([\w.]+)`")


def link_roles(text: str, resolve: Callable[[str], str]) -> str:
    """Return the text with each role as code that refers to the object that ``resolve`` finds.

    A name that begins with ``~`` is shown without its modules.
    """

    def link(found: re.Match[str]) -> str:
        name = found[2]
        shown = name.rpartition(".")[2] if found[1] else name
        return f'<autoref identifier="{resolve(name)}" optional><code>{shown}</code></autoref>'

    return ROLE.sub(link, text)


class DocstringRoles(Extension):
    """The extension that griffe loads."""

    def on_object(self, *, obj: Object, loader: GriffeLoader, **settings: Any) -> None:
        """Replace the roles in the docstring of an object."""
        if obj.docstring is not None and ROLE.search(obj.docstring.value):
            obj.docstring.value = link_roles(obj.docstring.value, lambda name: _path(obj, name))


def _path(obj: Object, name: str) -> str:
    try:
        return name if name.startswith("n3fit.") else obj.resolve(name)
    except NameResolutionError:
        return name
