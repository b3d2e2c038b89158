"""The manifest of a fit folder: made, and compared with what is on disk."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from typing import Any

from n3fit import __version__
from n3fit.errors import DataError, ResourceError
from n3fit.results.naming import MANIFEST
from n3fit.results.outcome import FitOutcome
from n3fit.results.records import FOLDER_FORMAT, FileRecord, Manifest, Status
from n3fit.storage import sha256_of_file

_PACKAGES = (
    "keras", "jax", "jaxlib", "tensorflow", "tensorflow-cpu", "torch", "numpy", "scipy", "pandas", "h5py", "pineappl",
    "nnpdf-data", "neopdf-hep", "eko", "yadism",
)  # fmt: skip
_HINT = "the fit folder is damaged; restore it or fit again"


def package_versions() -> dict[str, str]:
    """Give the versions of n3fit, Python and the installed libraries that a fit depends on."""
    versions = {"n3fit": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


def make_manifest(
    root: Path, outcome: FitOutcome, *, runcard: str, status: Status, environment: Mapping[str, Any]
) -> Manifest:
    """Describe the finished folder ``root``: every file in it, and where the fit comes from."""
    return Manifest(
        format=FOLDER_FORMAT,
        name=outcome.name,
        status=status,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        runcard=runcard,
        versions=package_versions(),
        platform={"system": platform.platform(), "machine": platform.machine(), "byteorder": sys.byteorder},
        environment=dict(environment),
        replicas=tuple(int(replica) for replica in outcome.replicas),
        seeds={key: int(value) for key, value in outcome.seeds.items()},
        timing={key: float(value) for key, value in outcome.timing.items()},
        inputs=dict(outcome.inputs),
        files=describe_files(root),
    )


def describe_files(root: Path) -> dict[str, FileRecord]:
    """Give size and checksum of every file in the folder ``root``, by its path there."""
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
            raise DataError(f"{path}: changed since the fit was written, its checksum is another one", hint=_HINT)


def changed_files(root: Path, manifest: Manifest) -> Sequence[str]:
    """Give the names of the files whose content is not that of the manifest."""
    return [name for name, record in manifest.files.items() if sha256_of_file(root / name) != record.sha256]
