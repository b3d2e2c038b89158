"""The results of the examination of an installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Finding:
    """Something that is wrong.

    Parameters
    ----------
    level : str
        ``error`` if no fit can run, else ``warning``.
    text : str
    hint : str
        The next step; empty if the text has it.
    """

    level: str
    text: str
    hint: str = ""


@dataclass(frozen=True)
class Library:
    """A library that n3fit needs: its installed version, empty if it is missing, and the versions that can be used."""

    name: str
    installed: str
    needed: str
    suited: bool


@dataclass(frozen=True)
class Extra:
    """Optional libraries: the name of the extra, its use, and the libraries of it that are missing or do not suit."""

    name: str
    use: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """A folder that is searched, and the names found there.

    Parameters
    ----------
    kind : str
        ``theories``, ``PDF sets``, ``data``, ``fits`` or ``profile``.
    path : Path
    exists : bool
    found : tuple of str
        Names of theories or sets; of data sets the number as text.
    """

    kind: str
    path: Path
    exists: bool
    found: tuple[str, ...] = ()


@dataclass(frozen=True)
class Diagnosis:
    """The state of an installation.

    Parameters
    ----------
    versions : mapping of str to str
        Of n3fit, Python, the system and the libraries.
    libraries : tuple of Library
    extras : tuple of Extra
    backend : mapping of str to str
        ``backend``, ``backend_version``, ``device`` and ``source``: who chose the backend.
    cores : int or None
        Cores that may be used.
    memory_mb : float or None
        Memory that may be used.
    cache_folder : Path or None
    cache : mapping of str to int
        Bytes of each kind of cached files.
    places : tuple of Place
    findings : tuple of Finding
        The errors first.
    """

    versions: Mapping[str, str] = field(default_factory=dict)
    libraries: tuple[Library, ...] = ()
    extras: tuple[Extra, ...] = ()
    backend: Mapping[str, str] = field(default_factory=dict)
    cores: int | None = None
    memory_mb: float | None = None
    cache_folder: Path | None = None
    cache: Mapping[str, int] = field(default_factory=dict)
    places: tuple[Place, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def can_fit(self) -> bool:
        """Whether nothing was found that stops a fit."""
        return all(finding.level != ERROR for finding in self.findings)
