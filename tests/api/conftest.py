"""A notebook for the tests of this folder."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from support.notebooks import Outputs, pretend_ipython


@pytest.fixture
def outputs(monkeypatch: pytest.MonkeyPatch) -> Outputs:
    """The outputs of the cells of a notebook."""
    return pretend_ipython(monkeypatch, SimpleNamespace(kernel=object()))
