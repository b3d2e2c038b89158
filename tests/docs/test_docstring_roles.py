"""Roles in docstrings become cross references of the site."""

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
