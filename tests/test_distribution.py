"""The sdist has every file of the repository, its wheel is that of the tree, and there is one version."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.parser import BytesParser
from pathlib import Path

import pytest

import n3fit

ROOT = Path(__file__).parent.parent
VERSION = n3fit.__version__
WRITTEN_BY_THE_BUILD = {"PKG-INFO"}

pytest.importorskip("hatchling", reason="the tool that builds distributions is not installed")


def build(folder: Path, target: str, output: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(output)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return next(output.iterdir())


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the unpacked sdist."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(build(ROOT, "sdist", folder / "built")) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    return next((folder / "unpacked").iterdir())


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the content of the files of the wheel that is built from the sdist."""
    return files_of(build(sdist, "wheel", tmp_path_factory.mktemp("wheel")))


def files_of(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def names_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def listed_by_git(*options: str) -> set[str]:
    command = ["git", "ls-files", "-z", *options]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8")
    return set(filter(None, done.stdout.split("\0")))


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git repository")
def test_the_sdist_has_the_files_of_the_repository(sdist: Path) -> None:
    tracked = {name for name in listed_by_git() if (ROOT / name).is_file()}
    found = names_below(sdist) - WRITTEN_BY_THE_BUILD
    assert tracked - found == set()
    assert found - tracked - listed_by_git("--others", "--exclude-standard") == set()


def test_the_wheel_of_the_sdist_is_that_of_the_tree(wheel: dict[str, bytes], tmp_path: Path) -> None:
    assert files_of(build(ROOT, "wheel", tmp_path)) == wheel


def test_the_wheel_has_every_file_of_the_packages_and_the_runcards(wheel: dict[str, bytes], sdist: Path) -> None:
    packages = {name for name in wheel if not name.startswith(f"n3fit-{VERSION}.dist-info/")}
    examples = {f"n3fit/resources/runcards/{name}" for name in names_below(sdist / "runcards")}
    assert packages == names_below(sdist / "src") | examples
    assert wheel["n3fit/resources/runcards/dis.yml"] == (ROOT / "runcards" / "dis.yml").read_bytes()


def test_metadata_of_the_wheel(wheel: dict[str, bytes]) -> None:
    metadata = BytesParser().parsebytes(wheel[f"n3fit-{VERSION}.dist-info/METADATA"])
    assert metadata["Version"] == VERSION
    assert metadata["License-Expression"] == "GPL-3.0-or-later"
    assert b"n3fit = n3fit_launcher:main" in wheel[f"n3fit-{VERSION}.dist-info/entry_points.txt"]


def test_the_version_is_written_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["dynamic"] == ["version"]
    assert "version" not in project


def test_citation_and_changelog_name_the_version() -> None:
    assert re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.M)[1] == VERSION
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert VERSION in headings or headings[0] == "Unreleased"
