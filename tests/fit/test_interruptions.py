"""Interruptions that wait."""

import signal
import threading

import pytest

from n3fit.fit.interruptions import Interruptions


class Terminated(KeyboardInterrupt):
    """What some handler raises."""


def handler(signum, frame):
    raise Terminated if signum == signal.SIGTERM else KeyboardInterrupt


@pytest.fixture(autouse=True)
def handlers():
    """Handlers as the command installs them."""
    before = [signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)]
    yield
    for number, old in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
        signal.signal(number, old)


def test_one_waits_and_the_second_does_not():
    with Interruptions() as interruptions:
        interruptions.hold()
        signal.raise_signal(signal.SIGTERM)
        assert isinstance(interruptions.pending, Terminated)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is handler


def test_nothing_waits_before_and_after():
    with Interruptions() as interruptions:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert interruptions.pending is None
    with Interruptions() as interruptions:
        interruptions.hold()
        interruptions.let_through()
        with pytest.raises(Terminated):
            signal.raise_signal(signal.SIGTERM)
        assert interruptions.pending is None


def test_after_an_interruption_of_the_training_the_next_does_not_wait():
    with Interruptions() as interruptions:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        interruptions.hold()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_what_is_ignored_stays_ignored_and_defaults_stay():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with Interruptions():
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_other_threads_leave_signals_alone():
    found = []

    def work():
        with Interruptions() as interruptions:
            interruptions.hold()
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [handler]


def test_a_request_is_pending_like_a_signal() -> None:
    requests = [False]
    with Interruptions(lambda: requests[0]) as interruptions:
        assert interruptions.pending is None
        requests[0] = True
        assert isinstance(interruptions.pending, KeyboardInterrupt)
        requests[0] = False
        assert isinstance(interruptions.pending, KeyboardInterrupt)
