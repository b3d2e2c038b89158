"""Ctrl-C and SIGTERM."""

import signal
import threading

import pytest

from n3fit.cli.interruption import Terminated, catch_interruptions, exit_code_of


@pytest.mark.parametrize(("number", "raised"), [(signal.SIGTERM, Terminated), (signal.SIGINT, KeyboardInterrupt)])
def test_signals_are_noted_and_raised_and_handlers_put_back(
    number: signal.Signals, raised: type[BaseException]
) -> None:
    before = signal.getsignal(number)
    noted: list[int] = []
    with pytest.raises(raised), catch_interruptions(lambda: noted.append(1)):
        signal.raise_signal(number)
    assert noted == [1]
    assert signal.getsignal(number) == before


def test_an_ignored_sigint_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with catch_interruptions(lambda: None):
            assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) != signal.SIG_DFL
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_leave_signals_alone() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen = []

    def work() -> None:
        with catch_interruptions(lambda: None):
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_exit_codes() -> None:
    assert exit_code_of(Terminated()) == 143
    assert exit_code_of(KeyboardInterrupt()) == 130
    assert exit_code_of(None) == 130
