"""Where a theory or a PDF set may be: addresses of folders in the order of the search, and their lists of files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from n3fit.data.nnpdf_profile import NnpdfServers, profile_file, read_profile
from n3fit.fetching.checksums import ALGORITHMS, Checksum, parse_checksum
from n3fit.fetching.connection import Patience, check_address, read_small
from n3fit.fetching.failures import AddressError, TemporaryError
from n3fit.paths import is_plain_name
from n3fit.storage.json_files import parse_json

THEORY_URLS_VARIABLE = "N3FIT_THEORY_URLS"
"""Environment variable with the addresses of theories, separated by spaces; they replace those of the profile."""

PDF_URLS_VARIABLE = "N3FIT_PDF_URLS"
"""Environment variable with the addresses of PDF sets, separated by spaces; they replace those of the profile."""

SUFFIXES = (".tar.gz", ".tgz")
"""Endings of archives."""

_LARGEST_INDEX = 2**24


@dataclass(frozen=True)
class Place:
    """An address of a folder of archives, or of one archive.

    Parameters
    ----------
    url : str
    index : str
        Name of the list of files there; empty where there is none.
    """

    url: str
    index: str = ""

    @property
    def is_archive(self) -> bool:
        """Whether the address is that of an archive."""
        return urlsplit(self.url).path.endswith(SUFFIXES)

    def address_of(self, name: str) -> str:
        """Return the address of a file of the folder."""
        return f"{self.url.rstrip('/')}/{quote(name)}"


@dataclass(frozen=True)
class IndexEntry:
    """What an index has about an archive: its file and, where they are published, its size and checksums."""

    file: str
    size: int | None = None
    checksums: tuple[Checksum, ...] = ()


def theory_places(urls: Sequence[str] = ()) -> list[Place]:
    """Return where theories are: at ``urls``, else those of $N3FIT_THEORY_URLS, else those of the profile of nnpdf.

    Raises
    ------
    CommandLineError
        An address is not one of HTTP or HTTPS.
    """
    servers = read_profile().servers
    chosen = _chosen(urls, THEORY_URLS_VARIABLE, servers.theory_index)
    return chosen or _checked(_places(servers.theory_urls, servers.theory_index), _name_of_profile("theory_urls"))


def pdf_places(urls: Sequence[str] = ()) -> list[Place]:
    """Return where PDF sets are: at ``urls``, else those of $N3FIT_PDF_URLS, else those of the profile of nnpdf.

    Of the profile, the sets of LHAPDF come before those of NNPDF.

    Raises
    ------
    CommandLineError
        An address is not one of HTTP or HTTPS.
    """
    servers = read_profile().servers
    chosen = _chosen(urls, PDF_URLS_VARIABLE, servers.nnpdf_pdfs_index)
    return chosen or _profile_pdf_places(servers)


def read_index(place: Place, patience: Patience) -> dict[str, IndexEntry] | None:
    """Read the list of files of a place; None if it has none that can be read.

    The list is the entry ``files`` of a JSON object: names of archives, or objects with ``name`` and perhaps ``size``,
    ``sha512``, ``sha256`` and ``md5``.

    Returns
    -------
    dict of str to IndexEntry
        By the name of the archive without its ending.

    Raises
    ------
    TemporaryError
        The server cannot be reached.
    """
    if not place.index or place.is_archive:
        return None
    address = place.address_of(place.index)
    try:
        content = parse_json(read_small(address, patience, limit=_LARGEST_INDEX).decode())
    except TemporaryError:
        raise
    except (AddressError, ValueError):
        return None
    files = content.get("files") if isinstance(content, dict) else None
    return dict(_entries(files, address)) if isinstance(files, list) else None


def _entries(files: Sequence[Any], address: str) -> Iterator[tuple[str, IndexEntry]]:
    """Yield the archives of an index; other files, and names of no single file, are left out."""
    for entry in files:
        content: Mapping[str, Any] = entry if isinstance(entry, dict) else {"name": entry}
        file, size = str(content.get("name", "")), content.get("size")
        suffix = next((suffix for suffix in SUFFIXES if file.endswith(suffix)), "")
        if not suffix or not is_plain_name(file):
            continue
        found = [parse_checksum(algorithm, content.get(algorithm), address) for algorithm in ALGORITHMS]
        checksums = tuple(checksum for checksum in found if checksum is not None)
        whole = isinstance(size, int) and not isinstance(size, bool)
        yield file.removesuffix(suffix), IndexEntry(file, size if whole else None, checksums)


def _chosen(urls: Sequence[str], variable: str, index: str) -> list[Place]:
    """Return the places that an argument or else an environment variable names."""
    if urls:
        return _checked(_places(urls, index), "--url")
    return _checked(_places(os.environ.get(variable, "").split(), index), f"${variable}")


def _profile_pdf_places(servers: NnpdfServers) -> list[Place]:
    lhapdf = _checked(_places(servers.lhapdf_urls, ""), _name_of_profile("lhapdf_urls"))
    nnpdf = _places(servers.nnpdf_pdfs_urls, servers.nnpdf_pdfs_index)
    return [*lhapdf, *_checked(nnpdf, _name_of_profile("nnpdf_pdfs_urls"))]


def _places(urls: Sequence[str], index: str) -> list[Place]:
    return [Place(url, index) for url in urls]


def _checked(places: list[Place], source: str) -> list[Place]:
    for place in places:
        check_address(place.url, source)
    return places


def _name_of_profile(key: str) -> str:
    path = profile_file()
    return key if path is None else f"{path}: {key}"
