"""Import of the libraries of the training in a thread."""

import sys
import threading
from importlib import import_module

import pytest

from n3fit.fit.preloading import import_in_background


@pytest.fixture
def write_module(tmp_path, monkeypatch):
    """Return a function that writes a module that can be imported during the test."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name, text):
        (tmp_path / f"{name}.py").write_text(text)
        monkeypatch.delitem(sys.modules, name, raising=False)

    return write


def test_the_module_is_loaded_when_the_thread_has_ended(write_module):
    write_module("loaded_in_a_thread", "import threading\nTHREAD = threading.current_thread()\n")
    thread = import_in_background("loaded_in_a_thread")
    thread.join()
    assert sys.modules["loaded_in_a_thread"].THREAD is thread
    assert not thread.daemon


def test_a_failure_is_that_of_the_import_where_the_module_is_used(write_module, monkeypatch):
    reported = []
    monkeypatch.setattr(threading, "excepthook", reported.append)
    write_module("broken_in_a_thread", "raise RuntimeError('broken')\n")
    import_in_background("broken_in_a_thread").join()
    assert reported == []
    with pytest.raises(RuntimeError, match="broken"):
        import_module("broken_in_a_thread")
