"""The profile and the share folder of an installation of nnpdf: where its theories and fits are, and come from.

The profile is the file that ``$NNPDF_PROFILE_PATH`` names, else ``NNPDF/nnprofile.yaml`` (or ``.yml``) in
``$XDG_CONFIG_HOME``, by default ``~/.config``. Its entries replace the defaults: ``nnpdf_share`` is ``share/NNPDF``
below the folder of Python (``RELATIVE_TO_PYTHON``), ``theories_path`` and the others are relative to it. The addresses
of servers are those of ``theory_urls``, ``lhapdf_urls`` and ``nnpdf_pdfs_urls``, lists in the order of the search.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

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
        "hyperscan_path": "hyperscan",
        "validphys_cache_path": "vp-cache",
    }
)
"""Entries of the profile that n3fit uses, with their defaults."""

ADDRESSES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "theory_urls": (
            "https://nnpdf.nikhef.nl/nnpdf/theories/",
            "https://nnpdf.web.cern.ch/nnpdf/tables/",
            "https://nnpdf.web.cern.ch/nnpdf/tables_box/",
        ),
        "lhapdf_urls": ("https://lhapdfsets.web.cern.ch/lhapdfsets/current/",),
        "nnpdf_pdfs_urls": ("https://data.nnpdf.science/pdfs/",),
    }
)
"""Entries with addresses from which n3fit fetches, with their defaults: those of nnpdf 4.1.5, by https."""

INDICES: Mapping[str, str] = MappingProxyType({"theory_index": "theorydata.json", "nnpdf_pdfs_index": "pdfdata.json"})
"""Entries with the names of the lists of files at these addresses; the sets of LHAPDF have none in this format."""


@dataclass(frozen=True)
class NnpdfServers:
    """Addresses of folders on servers, each list in the order of the search, and the names of their indices.

    Parameters
    ----------
    theory_urls, lhapdf_urls, nnpdf_pdfs_urls : tuple of str
        As in the profile.
    theory_index, nnpdf_pdfs_index : str
        Names of the files that list what an address of ``theory_urls`` and ``nnpdf_pdfs_urls`` has.
    """

    theory_urls: tuple[str, ...]
    lhapdf_urls: tuple[str, ...]
    nnpdf_pdfs_urls: tuple[str, ...]
    theory_index: str
    nnpdf_pdfs_index: str


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
    hyperscans : tuple of Path
        Folders with hyperparameter scans.
    caches : tuple of Path
        Folders of files that validphys fetched.
    data : tuple of Path
        Folders of data sets of the user.
    servers : NnpdfServers
        Addresses from which theories and PDF sets are fetched.
    """

    shares: tuple[Path, ...]
    theories: tuple[Path, ...]
    results: tuple[Path, ...]
    hyperscans: tuple[Path, ...]
    caches: tuple[Path, ...]
    data: tuple[Path, ...]
    servers: NnpdfServers


def read_profile() -> NnpdfProfile:
    """Read the profile of the user; one that cannot be used is named in a warning, and the defaults are used."""
    path = profile_file()
    content = {} if path is None else _content(path)
    entries = {**DEFAULTS, **_texts(content, DEFAULTS, f"{path}", "a folder")}
    share = entries["nnpdf_share"]
    shares = beside_python("NNPDF") if share == BESIDE_PYTHON else (Path(share).expanduser(),)

    def inside(key: str) -> tuple[Path, ...]:
        return tuple(dict.fromkeys(folder / Path(entries[key]).expanduser() for folder in shares))

    return NnpdfProfile(
        shares=shares,
        theories=inside("theories_path"),
        results=inside("results_path"),
        hyperscans=inside("hyperscan_path"),
        caches=inside("validphys_cache_path"),
        data=_data_folders(content, f"{path}"),
        servers=_servers(content, f"{path}"),
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


def _content(path: Path) -> dict[str, Any]:
    """Return the content of a profile, nothing where it cannot be used."""
    try:
        content = read_yaml(path)
    except N3fitError as error:
        logger.warning("the profile of nnpdf is not used: %s", error.message)
        return {}
    if not isinstance(content, dict):
        logger.warning("the profile of nnpdf is not used: %s: expected keys such as nnpdf_share", path)
        return {}
    return content


def _data_folders(content: Mapping[str, Any], name: str) -> tuple[Path, ...]:
    """Return the folders of ``data_path``: one or a list of them; relative ones are not used."""
    value = content.get("data_path")
    listed = [] if value is None else value if isinstance(value, list) else [value]
    folders = [Path(entry).expanduser() for entry in listed if isinstance(entry, str)]
    if len(folders) < len(listed) or not all(folder.is_absolute() for folder in folders):
        _warn(name, "data_path", "a list of absolute paths", value)
    return tuple(folder for folder in folders if folder.is_absolute())


def _servers(content: Mapping[str, Any], name: str) -> NnpdfServers:
    """Return the servers of a profile; ``name`` is that of the profile."""
    addresses = {**ADDRESSES, **_addresses(content, name)}
    indices = {**INDICES, **_texts(content, INDICES, name, "a file name")}
    return NnpdfServers(
        theory_urls=addresses["theory_urls"],
        lhapdf_urls=addresses["lhapdf_urls"],
        nnpdf_pdfs_urls=addresses["nnpdf_pdfs_urls"],
        theory_index=indices["theory_index"],
        nnpdf_pdfs_index=indices["nnpdf_pdfs_index"],
    )


def _texts(content: Mapping[str, Any], keys: Iterable[str], name: str, expected: str) -> dict[str, str]:
    """Return the entries of a profile that are text; ``name`` is that of the profile."""
    entries = {}
    for key in keys:
        if isinstance(content.get(key), str):
            entries[key] = content[key]
        elif key in content:
            _warn(name, key, expected, content[key])
    return entries


def _addresses(content: Mapping[str, Any], name: str) -> dict[str, tuple[str, ...]]:
    """Return the entries of a profile with addresses; one that is not in a list is accepted."""
    entries = {}
    for key in ADDRESSES.keys() & content.keys():
        value = content[key]
        listed = [value] if isinstance(value, str) else value
        if isinstance(listed, list) and all(isinstance(address, str) for address in listed):
            entries[key] = tuple(listed)
        else:
            _warn(name, key, "a list of addresses", value)
    return entries


def _warn(name: str, key: str, expected: str, received: object) -> None:
    logger.warning("%s: %s: expected %s, received %r; the default is used", name, key, expected, received)
