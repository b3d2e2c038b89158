"""Errors, exit codes, interruptions, warnings and bugs."""

import json
import signal
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from n3fit import api as real_api
from n3fit import errors
from n3fit.cli.interruption import Terminated
from n3fit.cli.main import main
from n3fit.runcard import RuncardWarning

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.RuncardError("card.yml:3: epochs: expected an integer"), 2),
        (errors.DataError("no data"), 3),
        (errors.TheoryError("no theory"), 3),
        (errors.ResourceError("no disk"), 4),
        (errors.OutputExistsError("fits/a: is there"), 4),
        (errors.FitError("too few"), 5),
        (MemoryError("17 GB"), 4),
        (PermissionError(13, "Permission denied", "fits/a"), 4),
    ],
)
def test_errors_are_one_line_and_an_exit_code(api: Any, command: Run, error: Exception, code: int) -> None:
    api.raises = error
    outcome = command("postfit", "fits/a")
    assert outcome.code == code
    assert len(outcome.err.splitlines()) == 1
    assert outcome.err.startswith("n3fit: error: ")
    assert "Traceback" not in outcome.err
    assert outcome.out == ""


def test_hint_follows_the_message(api: Any, command: Run) -> None:
    api.raises = errors.OutputExistsError("fits/a: is there", hint="use --force")
    assert command("postfit", "fits/a").err == "n3fit: error: fits/a: is there (use --force)\n"


def test_several_violations_of_a_runcard_are_a_line_each(api: Any, command: Run) -> None:
    api.raises = errors.RuncardError("card:1: a\ncard:2: b")
    assert command("check", "card.yml").err.splitlines()[-2:] == ["n3fit: error: card:1: a", "n3fit: error: card:2: b"]


def test_missing_inputs_are_a_line_each(api: Any, command: Run) -> None:
    api.raises = errors.MissingInputsError("A: no table\nB: no table", hint="find them")
    assert command("check", "card.yml").err.splitlines()[-2:] == [
        "n3fit: error: A: no table", "n3fit: error: B: no table (find them)",
    ]  # fmt: skip


def test_tracebacks_in_debug_mode(api: Any, command: Run) -> None:
    api.raises = errors.FitError("too few")
    assert "Traceback" in command("report", "fits/a", "--debug").err


def test_errors_as_json(api: Any, command: Run) -> None:
    api.raises = errors.DataError("no data", hint="get some")
    outcome = command("fit", "card.yml", "--json")
    assert json.loads(outcome.out.splitlines()[-1]) == {
        "event": "error",
        "exit_code": 3,
        "message": "no data",
        "hint": "get some",
    }
    assert outcome.err == "n3fit: error: no data (get some)\n"


@pytest.mark.parametrize(("interruption", "code"), [(KeyboardInterrupt(), 130), (Terminated(), 143)])
def test_interruptions_name_the_finished_phases(api: Any, command: Run, interruption: BaseException, code: int) -> None:
    api.raises = interruption
    outcome = command("fit", "card.yml")
    assert outcome.code == code
    assert outcome.err.splitlines()[-2:] == [
        "n3fit: interrupted while training, epoch 100 of 200; finished before: reading data;"
        " files written so far are complete",
        "n3fit: try: n3fit fit card.yml --resume",
    ]
    outcome = command("fit", "card.yml", "--json")
    assert json.loads(outcome.out.splitlines()[-1])["exit_code"] == code


def test_warnings_are_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def warn(*args: object, **kwargs: object) -> str:
        warnings.simplefilter("always")
        warnings.warn("card.yml:3: ngen: an old key", RuncardWarning, stacklevel=1)
        return "page"

    monkeypatch.setattr(real_api, "report", warn)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    assert main(["report", "fits/a"]) == 0
    assert capsys.readouterr().err == "n3fit: warning: card.yml:3: ngen: an old key\n"


def test_command_line_errors_as_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    assert main(["fit", "--json"]) == 2
    event = json.loads(capsys.readouterr().out)
    assert (event["event"], event["exit_code"]) == ("error", 2)
    assert "RUNCARD" in event["message"]


PROGRAM = """
    import sys
    from n3fit import api
    def fit(*args, progress, **kwargs):
        {body}
    api.fit = fit
    from n3fit.cli.main import main
    sys.exit(main(["fit", "card.yml"{options}]))
"""


def _start(body: str, options: str = "") -> subprocess.Popen[str]:
    program = textwrap.dedent(PROGRAM).format(body=body, options=options)
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signals(number: signal.Signals, code: int) -> None:
    body = "progress.phase('training'); print('ready', flush=True); import signal; signal.pause()"
    with _start(body) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert err.splitlines() == [
        "training",
        "n3fit: interrupted while training; nothing was finished before; files written so far are complete",
        "n3fit: try: n3fit fit card.yml --resume",
    ]


def test_a_bug_is_a_short_line_and_exit_code_1() -> None:
    with _start("raise ZeroDivisionError('x / 0')") as process:
        _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err.splitlines()[0] == "n3fit: this is a bug of n3fit: ZeroDivisionError: x / 0"
    assert "N3FIT_DEBUG=1" in err
    assert "Traceback" not in err


def test_a_bug_with_its_traceback_and_as_json() -> None:
    with _start("raise ZeroDivisionError('x / 0')", ', "--debug", "--json"') as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Traceback" in err
    assert json.loads(out)["exit_code"] == 1


def test_a_warning_of_many_parts_is_printed_once() -> None:
    body = "import logging; [logging.getLogger('n3fit.part').warning('%s', text) for text in 'aba']"
    with _start(body) as process:
        _, err = process.communicate(timeout=30)
    assert err.splitlines()[:2] == ["n3fit: a", "n3fit: b"]
    assert err.count("n3fit: a\n") == 1


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    program = """
        import sys
        from n3fit_launcher import main
        sys.argv = ["n3fit", "--help"]
        assert main() == 0
        heavy = {"numpy", "pandas", "pydantic", "keras", "jax", "rich", "matplotlib", "scipy", "ruamel"}
        print(sorted(heavy & set(sys.modules)))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("words", [("pdf", "list"), ("pdf", "describe", "n3fit_dis_t0"), ("theory", "list")])
def test_commands_run_in_a_process_of_their_own(words: tuple[str, ...]) -> None:
    """Their modules are the first ones to be imported there."""
    done = subprocess.run(
        [sys.executable, "-m", "n3fit", *words, "--json"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    assert done.returncode == 0
    assert json.loads(done.stdout)["event"] == "result"
