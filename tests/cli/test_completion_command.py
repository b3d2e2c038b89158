"""Completion, run by the shells that are installed."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.shell_completion import BashComplete

from n3fit.cli.commands import cli
from n3fit.cli.completion_command import PROGRAM, VARIABLE

Run = Callable[..., Any]
CASES = [
    ("n3fit expl", ["explain"]),
    ("n3fit explain parameters.epo", ["parameters.epochs"]),
    ("n3fit explain stopping_pa", ["stopping_patience"]),
    ("n3fit theory check dis_", ["dis_nnlo"]),
    ("n3fit pdf describe n3f", ["n3fit_dis_t0"]),
    ("n3fit init --like ", ["small", "dis", "dis_nnpdf40"]),
    ("n3fit init --t0 n3fit_d", ["n3fit_dis_t0"]),
    ("n3fit cache clear --kind comp", ["compiled"]),
    ("n3fit fit --rep", ["--replicas", "--report"]),
]
"""Lines, and their completions."""

SHELL_CASES = [CASES[0], CASES[1], CASES[5]]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment whose command n3fit is that of this Python."""
    if sys.platform == "win32":
        pytest.skip("these shells run elsewhere")
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "n3fit"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m n3fit "$@"\n')
    program.chmod(0o755)
    return os.environ | {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "N3FIT_CACHE_DIR": str(folder),
        "HOME": str(folder),
    }


def run_shell(shell: str, script: str, environment: dict[str, str]) -> list[str]:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    without_settings = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    done = subprocess.run(
        [program, *without_settings, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_bash(environment: dict[str, str]) -> None:
    calls = []
    for line, _ in SHELL_CASES:
        words = line.split(" ")
        quoted = " ".join(shlex.quote(word) for word in words)
        calls.append(f"COMPREPLY=(); COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _n3fit_completion n3fit")
        calls.append('echo "${COMPREPLY[@]}"')
    if run_shell("bash", "echo ${BASH_VERSINFO[0]}", environment) < ["4"]:
        pytest.skip("this bash is older than completion needs")
    script = "\n".join(['eval "$(n3fit completion bash)"', *calls])
    assert run_shell("bash", script, environment) == [word for _, found in SHELL_CASES for word in found]


def test_zsh(environment: dict[str, str]) -> None:
    """The function of the script passes names of arrays to compadd and _describe; here these print the arrays."""
    calls = []
    for line, _ in SHELL_CASES:
        words = line.split(" ")
        quoted = " ".join(shlex.quote(word) for word in words)
        calls.append(f"words=({quoted}); CURRENT={len(words)}; _n3fit_completion")
    stubs = [
        "compdef() { : }",
        "compadd() { local name=$@[-1]; print -l -- ${(P)name} }",
        "_describe() { local name=$3; print -l -- ${${(P)name}%%:*} }",
    ]
    script = "\n".join([*stubs, 'eval "$(n3fit completion zsh)"', *calls])
    assert run_shell("zsh", script, environment) == [word for _, found in SHELL_CASES for word in found]


def test_fish(environment: dict[str, str]) -> None:
    calls = [f"complete -C {shlex.quote(line)} | cut -f1; echo end" for line, _ in SHELL_CASES]
    found = run_shell("fish", "\n".join(["n3fit completion fish | source", *calls]), environment)
    groups = " ".join(found).split("end")
    assert [set(group.split()) for group in groups[:-1]] == [set(words) for _, words in SHELL_CASES]


@pytest.mark.parametrize(("line", "found"), CASES)
def test_completions(line: str, found: list[str]) -> None:
    *words, incomplete = line.split(" ")[1:]
    items = BashComplete(cli, {}, PROGRAM, VARIABLE).get_completions(words, incomplete)
    assert [item.value for item in items] == found


@pytest.mark.parametrize("line", ["n3fit explain parameters.epo", "n3fit pdf describe n3f"])
def test_completing_loads_neither_keras_nor_data(line: str) -> None:
    """Sets and theories are found by the names of their folders."""
    program = (
        "import atexit, sys; from n3fit_launcher import main;"
        "heavy = {'keras', 'jax', 'scipy', 'pineappl', 'nnpdf_data'};"
        "atexit.register(lambda: print(*sorted(heavy & set(sys.modules)), 'loaded')); main()"
    )
    variables = {"_N3FIT_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | variables, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1].split() == ["loaded"]


def test_folders_are_completed_for_fits() -> None:
    for command, kind in (("report", "dir"), ("postfit", "dir"), ("check", "file"), ("fit", "file")):
        items = BashComplete(cli, {}, PROGRAM, VARIABLE).get_completions([command], "")
        assert [item.type for item in items] == [kind]


def test_a_broken_search_path_completes_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    profile = tmp_path / "nnprofile.yaml"
    profile.write_text("{broken")
    variables = {
        **{"_N3FIT_COMPLETE": "bash_complete", "COMP_CWORD": "3", "COMP_WORDS": "n3fit theory check zz"},
        **{"NNPDF_PROFILE_PATH": str(profile), "N3FIT_THEORY_PATH": "/dev/null"},
    }
    done = subprocess.run(
        [sys.executable, "-m", "n3fit"], env=environment | variables, capture_output=True, text=True, check=True
    )
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_other_shells_are_refused(command: Run) -> None:
    outcome = command("completion", "csh")
    assert outcome.code == 2
    assert "'csh' is not one of 'bash', 'zsh', 'fish'" in outcome.err
