"""Scripts of job arrays: every line is in the documented format of its batch system."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from n3fit.cluster.job_arrays import SYSTEMS, ArrayFit, array_script, quote_arguments
from n3fit.errors import CommandLineError

COMMANDS = {
    *("batch_name", "universe", "executable", "arguments", "initialdir", "getenv", "should_transfer_files"),
    *("request_cpus", "request_memory", "request_disk", "output", "error", "log"),
    *("kill_sig", "job_max_vacate_time", "max_retries"),
}
"""Commands of submit descriptions in the manual of condor_submit."""

MACROS = {"Part", "ClusterId", "Process"}


def array(folder: str = "/fits/dis", card: str = "/cards/my dis.yml", jobs: int = 3) -> ArrayFit:
    return ArrayFit(Path(card), Path(folder), range(1, 11), jobs, ["--checkpoint", "5"])


def test_every_line_for_htcondor_is_a_command_of_the_manual() -> None:
    seen: dict[str, str] = {}
    *lines, last = array_script(array(), "htcondor").splitlines()
    for line in lines:
        if line.startswith("#"):
            continue
        found = re.fullmatch(r"([a-z_]+) = (\S.*)", line)
        assert found, line
        assert found[1] in COMMANDS, line
        assert found[1] not in seen, line
        assert set(re.findall(r"\$\((\w+)\)", line)) <= MACROS, line
        seen[found[1]] = found[2]
    assert last == "queue Part in (1, 2, 3)"
    assert set(seen) == COMMANDS
    assert seen["universe"] == "vanilla"
    assert re.fullmatch(r"\d+[KMGT]B", seen["request_memory"])
    assert split_arguments(seen["arguments"]) == [
        *("-m", "n3fit", "fit", "/cards/my dis.yml", "-o", "/fits/dis", "-r", "1-10", "--part", "$(Part)/3"),
        *("--checkpoint", "5"),
    ]


def split_arguments(text: str) -> list[str]:
    """Read arguments as the manual of condor_submit says: between double quotes, single quotes around spaces."""
    assert text[0] == text[-1] == '"'
    inner = text[1:-1]
    assert '"' not in inner.replace('""', "")
    inner = inner.replace('""', '"')
    words = re.findall(r"(?:[^\s']|'(?:[^']|'')*')+", inner)
    return [re.sub(r"'((?:[^']|'')*)'", lambda found: found[1].replace("''", "'"), word) for word in words]


@pytest.mark.parametrize("words", [["a b", "c"], ["it's"], ['say "x"'], ["", "a"], ["tab\there"]])
def test_quoted_arguments_are_read_back(words: list[str]) -> None:
    assert split_arguments(f'"{quote_arguments(words)}"') == words


def test_the_script_for_slurm(tmp_path: Path) -> None:
    text = array_script(array(), "slurm")
    lines = text.splitlines()
    assert lines[0] == "#!/bin/bash"
    directives = [line.split()[1:] for line in lines if line.startswith("#SBATCH")]
    assert all(len(words) == 1 and words[0].startswith("--") for words in directives)
    options = {words[0].partition("=")[0]: words[0].partition("=")[2] for words in directives}
    assert options["--array"] == "1-3"
    assert options["--signal"] == "B:TERM@60"
    assert "--requeue" in options
    first_command = next(line for line in lines if not line.startswith("#"))
    assert lines.index(first_command) > max(n for n, line in enumerate(lines) if line.startswith("#SBATCH"))
    script = tmp_path / "job.sh"
    script.write_text(text)
    subprocess.run(["bash", "-n", str(script)], check=True)
    (command,) = [line for line in lines if "-m n3fit" in line]
    words = shlex.split(command.removesuffix(" &"))
    assert words[1:9] == ["-m", "n3fit", "fit", "/cards/my dis.yml", "-o", "/fits/dis", "-r", "1-10"]
    assert words[9:] == ["--part", "$SLURM_ARRAY_TASK_ID/3", "--checkpoint", "5"]


@pytest.mark.parametrize(("code", "requeued"), [(0, False), (143, True), (5, False)])
def test_a_job_for_slurm_is_submitted_again_after_its_checkpoint_only(
    tmp_path: Path, code: int, requeued: bool
) -> None:
    """The fit is replaced by a program that ends at SIGTERM, or at once."""
    waits = f"trap 'exit {code}' TERM; touch started; while :; do sleep 0.05; done" if requeued else f"exit {code}"
    job = start_job(tmp_path, waits)
    if requeued:
        while not (tmp_path / "started").exists():
            assert job.poll() is None
        job.terminate()
    assert job.wait(timeout=60) == code
    assert (tmp_path / "requeued").exists() == requeued
    if requeued:
        assert (tmp_path / "requeued").read_text() == "requeue 12\n"


def test_a_job_that_is_stopped_before_its_fit_begins_is_submitted_again(tmp_path: Path) -> None:
    job = start_job(tmp_path, "while :; do sleep 0.05; done", before="kill -TERM $$; ")
    assert job.wait(timeout=60) == 143
    assert (tmp_path / "requeued").read_text() == "requeue 12\n"


def start_job(folder: Path, program: str, before: str = "") -> subprocess.Popen[bytes]:
    """Start a job for Slurm with a program of the shell in place of the fit, and a command ``before`` it."""
    (folder / "fit.sh").write_text(program)
    (folder / "scontrol").write_text('#!/bin/sh\necho "$@" > requeued\n')
    (folder / "scontrol").chmod(0o700)
    text = array_script(array(), "slurm")
    text = re.sub(r".*-m n3fit.*", f"{before}bash fit.sh &", text).replace(f"cd {Path.cwd()}", f"cd {folder}")
    (folder / "job.sh").write_text(text)
    environment = {"PATH": f"{folder}:/usr/bin:/bin", "SLURM_JOB_ID": "12"}
    return subprocess.Popen(["bash", "job.sh"], cwd=folder, env=environment)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("jobs", [0, 11])
def test_a_job_has_one_replica_at_least(system: str, jobs: int) -> None:
    with pytest.raises(CommandLineError, match=f"expected 1 to 10 jobs, one replica each at least, received {jobs}"):
        array_script(array(jobs=jobs), system)
