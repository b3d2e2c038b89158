"""A pretended notebook that keeps what its cells show."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest


class Outputs:
    """The outputs of a cell: the last content of each."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def display(self, content: Any, *, raw: bool, display_id: bool) -> Any:
        place = len(self.texts)
        self.texts.append(content["text/plain"])

        def update(content: Any, *, raw: bool) -> None:
            self.texts[place] = content["text/plain"]

        return SimpleNamespace(update=update)


def pretend_ipython(monkeypatch: pytest.MonkeyPatch, shell: Any) -> Outputs:
    outputs = Outputs()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=outputs.display))
    return outputs
