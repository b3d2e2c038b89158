"""Interruptions and missing libraries, seen from outside: the command in a process of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CARD = """\
description: a fit that is interrupted
dataset_inputs:
- {dataset: HERA_CC_318GEV_EM-SIGMARED, variant: legacy}
theory: {theoryid: dis_nnlo}
trvlseed: 1
nnseed: 2
mcseed: 3
parameters:
  nodes_per_layer: [4, 8]
  activation_per_layer: [tanh, linear]
  optimizer: {optimizer_name: Nadam}
  epochs: 50_000_000
  stopping_patience: 1.0
fitting:
  fitbasis: EVOL
  basis:
  - {fl: sng, trainable: false, smallx: [1.05, 1.19], largex: [1.47, 2.70]}
  - {fl: g, trainable: false, smallx: [0.94, 1.25], largex: [0.11, 5.87]}
  - {fl: v, trainable: false, smallx: [0.54, 0.75], largex: [1.15, 2.76]}
  - {fl: v3, trainable: false, smallx: [0.21, 0.57], largex: [1.35, 3.08]}
  - {fl: v8, trainable: false, smallx: [0.52, 0.76], largex: [0.77, 3.56]}
  - {fl: t3, trainable: false, smallx: [-0.37, 1.52], largex: [1.74, 3.39]}
  - {fl: t8, trainable: false, smallx: [0.56, 1.29], largex: [1.45, 3.03]}
  - {fl: t15, trainable: false, smallx: [1.07, 1.19], largex: [1.47, 2.70]}
"""


def start(folder: Path, **environment: str) -> subprocess.Popen[str]:
    """Start a fit of the card in ``folder``, its output in one pipe."""
    (folder / "card.yml").write_text(CARD)
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
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "card.yml"]


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
