"""Import of the libraries of the training in a thread, while data and theory are read."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from threading import Thread

TRAINING = "n3fit.fit.groups"
"""The module that trains: its imports load Keras and its backend."""


def import_in_background(name: str = TRAINING) -> Thread:
    """Start to import a module, and return the thread, which ends with the import.

    What goes wrong is not reported: the module is then imported again, and fails again, where it is used. The thread
    is no daemon, so that the interpreter does not end in the middle of loading a library.
    """
    thread = Thread(target=_import, args=(name,), name=f"import of {name}", daemon=False)
    thread.start()
    return thread


def _import(name: str) -> None:
    with suppress(Exception):
        import_module(name)
