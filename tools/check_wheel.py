"""Build the sdist and the wheel, install the wheel into an environment of its own, and use it from another folder.

Run as ``python tools/check_wheel.py FOLDER [TESTS ...]``; FOLDER is replaced. Steps: the wheel of the sdist has the
files of the wheel of the tree; with nothing but the wheel and its dependencies the runcards are written, and a fit is
checked, done, evolved and drawn; the tests of the sdist, by default :data:`TESTS`, pass with the installed package. The
first failure ends it with exit code 1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent

TESTS = (
    "tests/test_conditions.py",
    "tests/test_defaults.py",
    "tests/test_launcher.py",
    "tests/cli/test_commands.py",
    "tests/runcard/test_json_schema.py",
    "tests/lhapdf",
    "tests/theory/test_theories.py",
    "tests/report/test_html.py",
)
"""Tests that read the files that come with the package, and call its commands."""

PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow")


class StepError(Exception):
    """A step that did not end as it should."""


def main(arguments: list[str]) -> int:
    """Run all steps in the folder that comes first, with the tests that follow; return the exit code."""
    if not arguments:
        print(__doc__)
        return 2
    folder, tests = Path(arguments[0]).resolve(), arguments[1:] or list(TESTS)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        wheel, source = build(folder)
        python = install(folder, wheel)
        use(folder / "empty", python, source / "tests" / "support" / "small_fit.yml")
        test(python, wheel, source, tests)
    except StepError as failure:
        print(f"check_wheel: {failure}", file=sys.stderr)
        return 1
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, all steps passed")
    return 0


def build(folder: Path) -> tuple[Path, Path]:
    """Build the sdist and both wheels; return the wheel of the sdist, and the folder of the unpacked sdist."""
    run(ROOT, sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder)
    run(ROOT, sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "of_tree")
    sdist = next(folder.glob("*.tar.gz"))
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "source", filter="data")
    source = next((folder / "source").iterdir())
    run(source, sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    wheel, of_tree = next(folder.glob("*.whl")), next((folder / "of_tree").glob("*.whl"))
    different = sorted(set(contents(wheel).items()) ^ set(contents(of_tree).items()))
    if different:
        raise StepError(f"the wheels of sdist and tree differ: {', '.join(sorted({name for name, _ in different}))}")
    return wheel, source


def contents(wheel: Path) -> dict[str, int]:
    """Return the checksum of each file of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {entry.filename: entry.CRC for entry in archive.infolist()}


def install(folder: Path, wheel: Path) -> Path:
    """Install the wheel and what it depends on into a new environment; return its Python."""
    environment = folder / "environment"
    run(folder, sys.executable, "-m", "venv", environment)
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip(folder, python, wheel)
    size = sum(file.stat().st_size for file in environment.rglob("*") if file.is_file() and not file.is_symlink())
    listed = run(folder, python, "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check", quiet=True)
    names = [line for line in listed.splitlines() if not line.startswith(("pip==", "setuptools=="))]
    print(f"environment: {len(names)} packages, {size / 1e6:.0f} MB with Python's own pip")
    return python


def use(folder: Path, python: Path, runcard: Path) -> None:
    """Run the commands of a first fit in a new folder: examples, check, fit, evolve and report."""
    folder.mkdir()
    card = folder / "small.yml"
    card.write_text(runcard.read_text(encoding="utf-8").replace("t0pdfset: toy", "t0pdfset: n3fit_dis_t0"), "utf-8")
    command = python.parent / "n3fit"
    version = run(folder, command, "--version", quiet=True).strip()
    code = "import importlib.metadata as m, n3fit; print(n3fit.__file__, m.version('n3fit'), n3fit.__version__)"
    place, installed, own = run(folder, python, "-c", code, quiet=True).split()
    if not (version.endswith(f" {own}") and own == installed and "site-packages" in place):
        raise StepError(f"{place}: the command has {version!r}, the metadata {installed}, the package {own}")
    run(folder, command, "examples")
    run(folder, command, "check", "runcards/dis.yml")
    run(folder, command, "check", card.name)
    run(folder, command, "fit", card.name, "--replicas", "1-3", "--output", "fit")
    run(folder, command, "evolve", "fit")
    run(folder, command, "report", "fit")
    for name in ("fit/report.html", "fit/postfit/fit/fit.info", "fit/postfit/fit/fit_0003.dat"):
        if not (folder / name).is_file():
            raise StepError(f"{folder / name}: missing")


def test(python: Path, wheel: Path, source: Path, tests: list[str]) -> None:
    """Run tests of the unpacked sdist with the installed package."""
    pip(source, python, f"n3fit[dev] @ {wheel.as_uri()}")
    run(source, python, *PYTEST, *tests)


def pip(folder: Path, python: Path, requirement: Path | str) -> None:
    """Install a requirement with the pip of an environment."""
    run(folder, python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement)


def run(folder: Path, *command: Path | str, quiet: bool = False) -> str:
    """Run a command in a folder and return its output, which is printed as well unless ``quiet``.

    Raises
    ------
    StepError
        The command failed.
    """
    words = [str(word) for word in command]
    if not quiet:
        print("$", *words, flush=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(words, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE if quiet else None)
    if done.returncode:
        raise StepError(f"{' '.join(words)}: exit code {done.returncode}")
    return done.stdout or ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
