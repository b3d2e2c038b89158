"""Interruptions and missing libraries, seen from outside: the command in a process of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SMALL_FIT = (Path(__file__).parents[1] / "support" / "small_fit.yml").read_text()
ENDLESS = SMALL_FIT.replace("t0pdfset: toy, ", "").replace("epochs: 120", "epochs: 50_000_000")


def start(folder: Path, **environment: str) -> subprocess.Popen[str]:
    """Start a fit without end in ``folder``, its output in one pipe."""
    (folder / "card.yml").write_text(ENDLESS)
    return subprocess.Popen(
        [sys.executable, "-m", "n3fit", "fit", "card.yml", "-r", "1-2", "-o", "fit"],
        cwd=folder,
        env=os.environ | {"N3FIT_CACHE_DIR": str(folder / "cache")} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_fault_57_an_interrupted_training_leaves_nothing_half_written(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    process = start(tmp_path)
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "epoch" in line:
            process.send_signal(number)
            break
    rest, _ = process.communicate(timeout=120)
    output = "".join(lines) + rest
    assert process.returncode == code, output
    assert "Traceback" not in output
    assert "interrupted" in rest or "terminated" in rest
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "card.yml", "fit.checkpoint"]
    assert "the same command with --resume continues" in rest


@pytest.mark.parametrize(
    ("backend", "message"),
    [("tensorflaw", "did you mean 'tensorflow'?"), ("theano", "must be one of jax, tensorflow, torch")],
)
def test_fault_66_a_backend_that_is_not_there_is_one_line(tmp_path: Path, backend: str, message: str) -> None:
    output, _ = start(tmp_path, KERAS_BACKEND=backend).communicate(timeout=120)
    (line,) = [line for line in output.splitlines() if "error" in line]
    assert message in line
    assert "KERAS_BACKEND" in line
    assert "Traceback" not in output
    assert not (tmp_path / "fit").exists()
