"""Functions and values for another process."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from support import cluster_tasks

from n3fit.cluster.serialisation import reference_of, serialise
from n3fit.errors import ResourceError


def test_only_functions_of_modules_are_sent() -> None:
    assert reference_of(cluster_tasks.square) == "support.cluster_tasks:square"
    for function in (lambda: 1, Path("a").exists):
        with pytest.raises(ResourceError, match="not a function on the top level of a module"):
            reference_of(function)


def test_what_cannot_be_sent_is_named() -> None:
    with pytest.raises(ResourceError, match="a block: the arguments: cannot be sent between processes"):
        serialise((1, threading.Lock()), "a block: the arguments")
