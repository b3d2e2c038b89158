"""The choice of the progress reporter of a command."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from n3fit.cli.reporters import JsonReporter, PlainReporter
from n3fit.cli.session import Session
from n3fit.progress import ProgressReporter


@contextmanager
def open_reporter(session: Session) -> Iterator[ProgressReporter]:
    """Yield a reporter: JSON lines with ``--json``, bars on a terminal, plain lines otherwise."""
    if session.json:
        yield JsonReporter(session)
    elif sys.stderr.isatty():
        from n3fit.cli.live import open_live_reporter  # rich is loaded for terminals only

        with open_live_reporter(session) as reporter:
            yield reporter
    else:
        yield PlainReporter(session)
