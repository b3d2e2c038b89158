"""Roles in docstrings become cross references of the site, and parameters have the types of the signature."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "docstring_roles.py"


def test_roles_become_references() -> None:
    pytest.importorskip("griffe")
    link_roles = runpy.run_path(str(TOOL))["link_roles"]
    text = "See :func:`fit`, :class:`~n3fit.api.Fit` and ``:none:`x```."
    assert link_roles(text, lambda name: name if "." in name else f"n3fit.api.{name}") == (
        'See <autoref identifier="n3fit.api.fit" optional><code>fit</code></autoref>, '
        '<autoref identifier="n3fit.api.Fit" optional><code>Fit</code></autoref> and ``:none:`x```.'
    )


MODULE = '''
def total(low: int, high: float = 2.5, *others: bytes, name: str = "", kind="x") -> float:
    """Return a number.

    Parameters
    ----------
    low, high, others
        Of the signature.
    name : text
        Of the docstring.
    kind
        Of neither.
    """
'''


def test_parameters_of_one_entry_have_their_own_types_and_defaults() -> None:
    griffe = pytest.importorskip("griffe")
    extension = runpy.run_path(str(TOOL))["DocstringRoles"]()
    with griffe.temporary_visited_package(
        "package", {"__init__.py": MODULE}, docstring_parser="numpy", extensions=griffe.load_extensions(extension)
    ) as package:
        _, parameters = package["total"].docstring.parsed
    shown = {each.name: (each.annotation and str(each.annotation), each.value) for each in parameters.value}
    assert shown == {
        "low": ("int", None),
        "high": ("float", "2.5"),
        "others": ("bytes", "()"),
        "name": ("text", "''"),
        "kind": (None, "'x'"),
    }
