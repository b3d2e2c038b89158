"""Docstrings on the site: cross references from roles such as ``:func:`n3fit.api.fit```, and types from signatures.

mkdocs.yml names this extension of griffe. A name is looked up from the place of the docstring; one that no page
documents is plain code. Of parameters that share an entry (``low, high``) each has its own type and default of the
signature; griffe alone takes those of the first for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from griffe import DocstringSectionParameters, Extension, Function, GriffeLoader, NameResolutionError, Object

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
        """Replace the roles in the docstring of an object, and complete the types of its parameters."""
        if obj.docstring is None:
            return
        if ROLE.search(obj.docstring.value):
            obj.docstring.value = link_roles(obj.docstring.value, lambda name: _path(obj, name))
        if isinstance(obj, Function):
            set_types(obj)


def set_types(function: Function) -> None:
    """Set types and defaults of the documented parameters that are of the signature to those of their own names."""
    signature = {parameter.name.lstrip("*"): parameter for parameter in function.parameters}
    sections = [] if function.docstring is None else function.docstring.parsed
    for section in sections:
        if isinstance(section, DocstringSectionParameters):
            for parameter in section.value:
                own = signature.get(parameter.name.lstrip("*"))
                if any(parameter.annotation is each.annotation for each in signature.values()):
                    parameter.annotation = own and own.annotation
                if any(parameter.value is each.default for each in signature.values()):
                    parameter.value = own and own.default


def _path(obj: Object, name: str) -> str:
    try:
        return name if name.startswith("n3fit.") else obj.resolve(name)
    except NameResolutionError:
        return name
