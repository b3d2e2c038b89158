"""Progress bars on a terminal."""

import io

from rich.console import Console

from n3fit.cli.live import open_live_reporter
from n3fit.cli.session import Session


def test_the_terminal_shows_epoch_losses_replicas_and_messages() -> None:
    stream, session = io.StringIO(), Session()
    console = Console(file=stream, force_terminal=True, width=80, color_system=None)
    with open_live_reporter(session, console) as reporter:
        reporter.phase("reading [data]")
        reporter.step("sets", 2, 13)
        reporter.phase("training")
        reporter.epoch(100, 400, {"training": 1.234567, "validation": 1.5}, 20, 20)
        reporter.epoch(300, 400, {"training": 1.1, "validation": 1.4}, 18, 20)
        reporter.message("replica 3 stopped: [loss not finite]")
    text = stream.getvalue()
    assert "reading [data]" in text
    assert "2/13" in text
    assert "300/400" in text
    assert "training 1.1  validation 1.4  active 18/20" in text
    assert "s left" in text
    assert "replica 3 stopped: [loss not finite]" in text
    assert session.doing == "training, epoch 300 of 400"
    assert session.finished == ["reading [data]"]
