"""The libraries that n3fit needs, and those of its extras, compared with what is installed."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from types import MappingProxyType

from n3fit import __version__
from n3fit.diagnosis.records import ERROR, WARNING, Extra, Finding, Library

DISTRIBUTION = "n3fit"

USES: Mapping[str, str] = MappingProxyType(
    {
        "tensorflow": "fits with KERAS_BACKEND=tensorflow",
        "torch": "fits with KERAS_BACKEND=torch",
        "theory": "n3fit theory build, n3fit theory check",
        "tensorboard": "the key tensorboard of runcards",
        "cluster": "--workers, --cluster",
        "hyperopt": "n3fit hyperopt",
    }
)
"""What needs each extra; extras for the development of n3fit are left out."""

_OTHER_NAMES = MappingProxyType({"tensorflow-cpu": ("tensorflow",)})
"""Distributions that contain the same library."""

_OTHERS = ("jaxlib", "tensorflow", "tensorflow-cpu", "torch")
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*([^;]*?)\s*(?:;\s*(.*))?")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")
_PLATFORM = re.compile(r"sys_platform\s*(==|!=)\s*['\"]([^'\"]+)['\"]")
_CONDITION = re.compile(r"\s*(>=|<=|==|!=|~=|>|<)\s*([0-9][0-9A-Za-z.*+!-]*)\s*")


def read_versions() -> dict[str, str]:
    """Return the versions of n3fit, Python and the system, and of the backends that are installed."""
    versions = {"n3fit": __version__, "python": platform.python_version(), "system": platform.platform()}
    return versions | {name: found for name in _OTHERS if (found := installed_version(name))}


def read_libraries(requirements: Sequence[str] | None = None) -> tuple[Library, ...]:
    """Return the libraries that every installation needs.

    Parameters
    ----------
    requirements : sequence of str, optional
        Requirements such as ``numpy<3,>=2.0``; by default those of the installed n3fit.
    """
    return tuple(library for library, extra in _read(requirements) if extra is None)


def read_extras(requirements: Sequence[str] | None = None) -> tuple[Extra, ...]:
    """Return the extras for users, with the libraries of each that are missing or of an unsuited version."""
    missing: dict[str, list[str]] = {}
    for library, extra in _read(requirements):
        if extra is not None and extra in USES:
            names = missing.setdefault(extra, [])
            if not library.suited:
                names.append(f"{library.name} {library.installed}".strip())
    return tuple(Extra(name, USES[name], tuple(missing[name])) for name in USES if name in missing)


def library_findings(libraries: Sequence[Library]) -> Iterator[Finding]:
    """Yield an error for each library that is missing or too old, and a warning for each that is too new."""
    for library in libraries:
        command = f"`pip install '{library.name}{library.needed}'`"
        if not library.installed:
            yield Finding(ERROR, f"{library.name} is not installed", command)
        elif not library.suited:
            newer = satisfies(library.installed, ",".join(_lower_limits(library.needed)))
            text = f"{library.name}: expected {library.needed}, received {library.installed}"
            yield Finding(WARNING if newer else ERROR, text, command)


def installed_version(name: str) -> str:
    """Return the version of an installed distribution, an empty text if it is missing or has no readable metadata."""
    for candidate in (name, *_OTHER_NAMES.get(name, ())):
        try:
            found = metadata.version(candidate)
        except (metadata.PackageNotFoundError, OSError, KeyError):
            continue
        if found:
            return found
    return ""


def satisfies(version: str, needed: str) -> bool:
    """Return whether a version meets conditions; parts that are no numbers, as in ``2.0rc1``, are left out.

    >>> satisfies("3.13.2", "<4,>=3.13.2"), satisfies("3.6", ">=3.13.2,<4"), satisfies("4.0", ">=3.13.2,<4")
    (True, False, False)
    """
    have = _numbers(version)
    for condition in filter(None, needed.split(",")):
        match = _CONDITION.fullmatch(condition)
        if match is None:
            continue
        sign, limit = match[1], _numbers(match[2])
        width = max(len(have), len(limit))
        mine, other = (value + (0,) * (width - len(value)) for value in (have, limit))
        compatible = mine[: len(limit) - 1] == other[: len(limit) - 1]
        if not {
            ">=": mine >= other, "<=": mine <= other, "==": mine == other, "!=": mine != other, ">": mine > other,
            "<": mine < other, "~=": mine >= other and compatible,
        }[sign]:  # fmt: skip
            return False
    return True


def _read(requirements: Sequence[str] | None) -> Iterator[tuple[Library, str | None]]:
    """Yield each library that is for this system with the extra that it belongs to."""
    if requirements is None:
        try:
            requirements = metadata.requires(DISTRIBUTION) or ()
        except metadata.PackageNotFoundError:  # the code runs without having been installed
            requirements = ()
    for text in requirements:
        match = _REQUIREMENT.fullmatch(text.strip())
        if match is None or not _for_this_system(match[3] or ""):
            continue
        extra = _EXTRA.search(match[3] or "")
        installed = installed_version(match[1])
        needed = match[2].strip("() ")
        suited = bool(installed) and satisfies(installed, needed)
        yield Library(match[1], installed, needed, suited), extra[1] if extra else None


def _for_this_system(marker: str) -> bool:
    found = _PLATFORM.search(marker)
    return found is None or (found[2] == sys.platform) is (found[1] == "==")


def _lower_limits(needed: str) -> list[str]:
    return [part for part in needed.split(",") if part.strip().startswith(">")]


def _numbers(version: str) -> tuple[int, ...]:
    release = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in release[0].split(".")) if release else ()
