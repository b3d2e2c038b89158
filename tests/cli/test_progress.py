"""The choice of the progress reporter."""

import sys

import pytest

from n3fit.cli.live import LiveReporter
from n3fit.cli.progress import open_reporter
from n3fit.cli.reporters import JsonReporter, PlainReporter
from n3fit.cli.session import Session


def test_json_lines_plain_lines_or_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_reporter(Session(json=True)) as reporter:
        assert isinstance(reporter, JsonReporter)
    with open_reporter(Session()) as reporter:
        assert isinstance(reporter, PlainReporter)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with open_reporter(Session()) as reporter:
        assert isinstance(reporter, LiveReporter)
