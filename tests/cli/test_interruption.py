import signal
import threading

import pytest

from n3fit.cli.interruption import Terminated, catch_termination, exit_code_of


def test_sigterm_raises_and_the_handler_is_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Terminated), catch_termination():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before


def test_other_threads_leave_signals_alone() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen = []

    def work() -> None:
        with catch_termination():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_exit_codes() -> None:
    assert exit_code_of(Terminated()) == 143
    assert exit_code_of(KeyboardInterrupt()) == 130
    assert exit_code_of(None) == 130
