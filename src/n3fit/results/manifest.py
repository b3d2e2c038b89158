"""The manifest of a fit folder: building it, and comparing it with the files."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from typing import Any

from n3fit import __version__
from n3fit.errors import DataError, ResourceError, nearest
from n3fit.results.layout import MANIFEST
from n3fit.results.records import FOLDER_FORMAT, FileRecord, Manifest, Status, parse_record
from n3fit.storage import sha256_of_file
from n3fit.storage.json_files import read_json
from n3fit.storage.staged_files import StagedFiles

_PACKAGES = (
    "keras", "jax", "jaxlib", "tensorflow", "tensorflow-cpu", "torch", "numpy", "scipy", "h5py", "pineappl",
    "nnpdf-data", "neopdf-hep", "eko", "yadism",
)  # fmt: skip
_HINT = "the fit folder is damaged; restore it or fit again"


def package_versions() -> dict[str, str]:
    """Return the versions of n3fit, Python and the installed libraries that a fit depends on."""
    versions = {"n3fit": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


@dataclass(frozen=True)
class Provenance:
    """The origin of a fit.

    Parameters
    ----------
    runcard_text, runcard_name : str
        The runcard as the user wrote it, and the name of its file.
    seeds : mapping of str to int
    inputs : mapping of str to str
        SHA-256 of each input by its name (runcard, data sets, tables, PDF sets).
    timing : mapping of str to float
        Seconds by phase.
    environment : mapping
        Backend, device, precision and the like.
    status : str
        ``interrupted`` when replicas are missing.
    """

    runcard_text: str
    runcard_name: str
    seeds: Mapping[str, int]
    inputs: Mapping[str, str]
    timing: Mapping[str, float] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    status: Status = "complete"


def make_manifest(files: StagedFiles, name: str, replicas: Iterable[int], provenance: Provenance) -> Manifest:
    """Return the manifest of a finished folder: the origin of the fit, and every file in it."""
    return Manifest(
        format=FOLDER_FORMAT,
        name=name,
        status=provenance.status,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        runcard=provenance.runcard_name,
        versions=package_versions(),
        platform={"system": platform.platform(), "machine": platform.machine(), "byteorder": sys.byteorder},
        environment=dict(provenance.environment),
        replicas=tuple(int(replica) for replica in replicas),
        seeds={key: int(value) for key, value in provenance.seeds.items()},
        timing={key: float(value) for key, value in provenance.timing.items()},
        inputs=dict(provenance.inputs),
        files=_sorted_records(files),
    )


def _sorted_records(files: StagedFiles) -> dict[str, FileRecord]:
    """Return size and checksum of the files of a folder in the order of their paths."""
    names = sorted(files.written, key=lambda name: name.split("/"))
    return {name: FileRecord(bytes=files.written[name].size, sha256=files.written[name].sha256) for name in names}


def describe_files(root: Path) -> dict[str, FileRecord]:
    """Return size and checksum of every file in the folder ``root``, by its path there."""
    return {
        path.relative_to(root).as_posix(): FileRecord(bytes=path.stat().st_size, sha256=sha256_of_file(path))
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def check_present(root: Path, files: Mapping[str, FileRecord], *, checksums: bool = False) -> None:
    """Check that files of a manifest are there with their size, and with their content if ``checksums``.

    Raises
    ------
    DataError
        A file has another size or content, or its name leads out of the folder.
    ResourceError
        A file is missing.
    """
    for name, record in files.items():
        relative = PurePosixPath(name)
        if relative.is_absolute() or ".." in relative.parts:
            raise DataError(f"{root / MANIFEST}: files: {name!r} leads out of the folder", hint=_HINT)
        path = root / relative
        if not path.is_file():
            raise ResourceError(f"{path}: missing", hint=_HINT)
        size = path.stat().st_size
        if size != record.bytes:
            raise DataError(f"{path}: expected {record.bytes} bytes, received {size}", hint=_HINT)
        if checksums and sha256_of_file(path) != record.sha256:
            raise DataError(f"{path}: changed since the fit was written, its checksum differs", hint=_HINT)


def missing_folder(path: Path) -> ResourceError:
    """Return the error for a fit folder that is not there, with the most similar name of a fit beside it."""
    fits = [folder.parent.name for folder in path.parent.glob(f"*/{MANIFEST}")]
    near = nearest(path.name, fits)
    expected = "expected the folder that `n3fit fit` wrote"
    return ResourceError(
        f"{path}: no such folder", hint=f"did you mean {str(path.with_name(near))!r}?" if near else expected
    )


def read_manifest(path: Path) -> Manifest:
    """Read the manifest of the fit in ``path``.

    Raises
    ------
    DataError
        The manifest is damaged, or of a format that this version cannot read.
    ResourceError
        There is no fit.
    """
    if not path.is_dir():
        raise missing_folder(path)
    file = path / MANIFEST
    if not file.is_file():
        around = next((parent for parent in list(path.parents)[:2] if (parent / MANIFEST).is_file()), None)
        hint = f"the fit is {around}" if around is not None else "expected the folder of a fit"
        raise ResourceError(f"{path}: contains no fit ({MANIFEST} is missing)", hint=hint)
    content = read_json(file)
    if content.get("format") not in range(1, FOLDER_FORMAT + 1):
        raise DataError(
            f"{file}: format: expected 1 to {FOLDER_FORMAT}, received {content.get('format')!r}",
            hint="the fit comes from a newer version of n3fit; update n3fit",
        )
    return parse_record(content, Manifest, file)
