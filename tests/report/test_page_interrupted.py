"""Ctrl-C while processes draw the figures of a page, seen from outside."""

import os
import signal
import subprocess
import sys

import psutil

PROGRAM = """
import sys
from n3fit.cli.main import main
from n3fit.report import figure_rendering
figure_rendering.usable_cores = lambda: 2
sys.exit(main(["report", sys.argv[1], "-o", "page"]))
"""


def test_fault_57_an_interrupted_report_leaves_neither_files_nor_processes(fit, tmp_path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(fit.path)],
        cwd=tmp_path,
        env=os.environ | {"N3FIT_CACHE_DIR": str(tmp_path / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    lines, children = [], []
    for line in process.stdout:
        lines.append(line)
        if "figures 1/" in line:
            children = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGINT)
            break
    rest, _ = process.communicate(timeout=120)
    output = "".join(lines) + rest
    assert process.returncode == 130, output
    assert "Traceback" not in output
    assert "interrupted" in output
    assert len(children) >= 2  # besides them, one that counts shared resources
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == []
    assert [path for path in tmp_path.rglob("*") if path.is_file() and "cache" not in path.parts] == []
