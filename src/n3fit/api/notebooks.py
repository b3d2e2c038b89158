"""Progress of the functions of the API in notebooks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from n3fit.api.notebook_reporter import Display
    from n3fit.progress import ProgressReporter

P = ParamSpec("P")
T = TypeVar("T")


def find_display() -> Display | None:
    """Return the ``display`` of IPython in a notebook or another client of an IPython kernel, else None.

    IPython is not imported: in a kernel it is there already.
    """
    get_shell = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = get_shell() if get_shell is not None else None
    if getattr(shell, "kernel", None) is None:  # no IPython, or IPython in a terminal
        return None
    display: Display = import_module("IPython.display").display
    return display


@contextmanager
def notebook_progress(
    title: str, progress: ProgressReporter | None, *, delay: float = 0.0
) -> Iterator[ProgressReporter | None]:
    """Yield a live progress bar in notebooks, elsewhere None; ``progress`` where it is not None.

    Parameters
    ----------
    title : str
        What the bar is called.
    progress : ProgressReporter or None
    delay : float
        Seconds before the bar is shown.
    """
    display = find_display() if progress is None else None
    if display is None:
        yield progress
        return
    from n3fit.api.notebook_reporter import NotebookReporter

    reporter = NotebookReporter(title, display, delay=delay)
    try:
        yield reporter
    except BaseException:
        reporter.finish("stopped")
        raise
    reporter.finish("done")


def shows_progress(function: Callable[P, T]) -> Callable[P, T]:
    """Return ``function`` with a live progress bar as its ``progress`` in notebooks, unless one is passed.

    Parameters
    ----------
    function : callable
        A function with the keyword ``progress``, a ``ProgressReporter`` or None.
    """

    @wraps(function)
    def in_notebooks_with_a_bar(*args: P.args, **kwargs: P.kwargs) -> T:
        passed: Any = kwargs.get("progress")
        with notebook_progress(function.__name__, passed) as reporter:
            options: dict[str, Any] = {**kwargs, "progress": reporter}
            return function(*args, **options)

    return in_notebooks_with_a_bar
