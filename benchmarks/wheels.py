"""Wheels of what a project depends on, for a machine without network that has some of the packages already."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Collection, Iterable, Sequence
from email.parser import Parser
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename


class WheelError(RuntimeError):
    """A package is not to be had as a wheel."""


def download_wheels(
    requirements: Iterable[str],
    folder: Path,
    *,
    leave_out: Collection[str],
    python_version: str | None = None,
    platforms: Sequence[str] = (),
) -> list[str]:
    """Download wheels of the requirements and of what they depend on, except of what is left out.

    Parameters
    ----------
    leave_out : collection of str
        Names of packages that are neither downloaded nor followed.
    python_version : str, optional
        Such as ``3.12``; by default that of this interpreter.
    platforms : sequence of str
        Such as ``manylinux_2_28_x86_64``; by default those of this machine.

    Returns
    -------
    list of str
        Names of the wheels.

    Raises
    ------
    WheelError
        pip finds no wheel for a requirement.
    """
    folder.mkdir(parents=True, exist_ok=True)
    environment = dict(default_environment())
    if python_version is not None:
        environment |= {"python_version": python_version, "python_full_version": f"{python_version}.0"}
    excluded = {canonicalize_name(name) for name in leave_out}
    waiting = [Requirement(text) for text in requirements]
    demanded: dict[str, list[Requirement]] = {}
    while waiting:
        fresh: dict[str, None] = {}
        for requirement in waiting:
            name = canonicalize_name(requirement.name)
            known = demanded.setdefault(name, [])
            if name not in excluded and str(requirement) not in map(str, known):
                known.append(requirement)
                fresh[name] = None
        waiting = []
        for name in fresh:
            wheel = _download(demanded[name], folder, python_version, platforms)
            extras = {extra for requirement in demanded[name] for extra in requirement.extras}
            waiting += read_requirements(wheel, extras, environment)
    return sorted(path.name for path in folder.glob("*.whl"))


def read_requirements(wheel: Path, extras: Collection[str], environment: dict[str, str]) -> list[Requirement]:
    """Return what a wheel requires with some extras in an environment of markers."""
    with zipfile.ZipFile(wheel) as archive:
        names = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        text = archive.read(min(names, key=len)).decode("utf-8")
    found = [Requirement(line) for line in Parser().parsestr(text).get_all("Requires-Dist") or []]
    possible = [environment | {"extra": extra} for extra in ("", *extras)]
    return [
        requirement
        for requirement in found
        if requirement.marker is None or any(requirement.marker.evaluate(markers) for markers in possible)
    ]


def _download(
    requirements: Sequence[Requirement], folder: Path, python_version: str | None, platforms: Sequence[str]
) -> Path:
    """Download the newest wheel that meets all requirements of one package, in place of an earlier one."""
    first = canonicalize_name(requirements[0].name)
    text = first + ",".join(str(requirement.specifier) for requirement in requirements if requirement.specifier)
    for path in folder.glob("*.whl"):
        if parse_wheel_filename(path.name)[0] == first:
            path.unlink()
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--disable-pip-version-check", "-d", str(folder), text]
    if python_version is not None:
        command += ["--implementation", "cp", "--python-version", python_version]
    for platform in platforms:
        command += ["--platform", platform]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise WheelError(f"no wheel for {text}: {done.stderr.strip().splitlines()[-1]}")
    return next(path for path in folder.glob("*.whl") if parse_wheel_filename(path.name)[0] == first)
