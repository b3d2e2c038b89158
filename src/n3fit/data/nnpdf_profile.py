"""The profile and the share folder of an installation of nnpdf: where its theories and fits are.

The profile is the file that ``$NNPDF_PROFILE_PATH`` names, else ``NNPDF/nnprofile.yaml`` (or ``.yml``) in
``$XDG_CONFIG_HOME``, by default ``~/.config``. Its entries replace the defaults: ``nnpdf_share`` is ``share/NNPDF``
below the folder of Python (``RELATIVE_TO_PYTHON``), ``theories_path`` and the others are relative to it.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from n3fit.errors import N3fitError
from n3fit.storage.yaml_files import read_yaml

logger = logging.getLogger(__name__)

PROFILE_VARIABLE = "NNPDF_PROFILE_PATH"
"""Environment variable with the path of the profile."""

BESIDE_PYTHON = "RELATIVE_TO_PYTHON"
"""Value of ``nnpdf_share`` that stands for the folder of Python."""

DEFAULTS: Mapping[str, str] = MappingProxyType(
    {
        "nnpdf_share": BESIDE_PYTHON,
        "theories_path": "theories",
        "results_path": "results",
        "validphys_cache_path": "vp-cache",
    }
)
"""Entries of the profile that n3fit uses, with their defaults."""


@dataclass(frozen=True)
class NnpdfProfile:
    """Folders of an installation of nnpdf; they may not exist.

    Parameters
    ----------
    shares : tuple of Path
        Share folders; several where the profile does not choose one.
    theories : tuple of Path
        Folders with ``theory_<id>`` folders.
    results : tuple of Path
        Folders with fits.
    caches : tuple of Path
        Folders of files that validphys fetched.
    """

    shares: tuple[Path, ...]
    theories: tuple[Path, ...]
    results: tuple[Path, ...]
    caches: tuple[Path, ...]


def read_profile() -> NnpdfProfile:
    """Read the profile of the user; one that cannot be used is named in a warning, and the defaults are used."""
    entries = dict(DEFAULTS) | _entries(profile_file())
    share = entries["nnpdf_share"]
    shares = beside_python("NNPDF") if share == BESIDE_PYTHON else (Path(share).expanduser(),)

    def inside(key: str) -> tuple[Path, ...]:
        return tuple(dict.fromkeys(folder / Path(entries[key]).expanduser() for folder in shares))

    return NnpdfProfile(
        shares=shares,
        theories=inside("theories_path"),
        results=inside("results_path"),
        caches=inside("validphys_cache_path"),
    )


def profile_file() -> Path | None:
    """Return the file of the profile, None if there is none."""
    named = os.environ.get(PROFILE_VARIABLE)
    if named:
        return Path(named).expanduser()
    home = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()
    candidates = (home / "NNPDF" / f"nnprofile{suffix}" for suffix in (".yaml", ".yml"))
    return next((path for path in candidates if path.is_file()), None)


def beside_python(name: str) -> tuple[Path, ...]:
    """Return ``share/<name>`` of the running Python and of the active conda environment."""
    prefixes = [sys.prefix, os.environ.get("CONDA_PREFIX", "")]
    return tuple(dict.fromkeys(Path(prefix) / "share" / name for prefix in prefixes if prefix))


def _entries(path: Path | None) -> dict[str, str]:
    """Return the entries of a profile that n3fit uses."""
    if path is None:
        return {}
    try:
        content = read_yaml(path)
    except N3fitError as error:
        logger.warning("the profile of nnpdf is not used: %s", error.message)
        return {}
    if not isinstance(content, dict):
        logger.warning("the profile of nnpdf is not used: %s: expected keys such as nnpdf_share", path)
        return {}
    if content.get("data_path"):
        logger.warning("%s: data_path: without effect, data sets are those of the package nnpdf-data", path)
    entries = {}
    for key in DEFAULTS:
        if isinstance(content.get(key), str):
            entries[key] = content[key]
        elif key in content:
            logger.warning("%s: %s: expected a folder, received %r; the default is used", path, key, content[key])
    return entries
