"""Data sets of the user beside those of the data library: where they are, and which of two of one name counts.

A name stands for one content: where a data set of the user has the name of another one, both must have the same files.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from n3fit.data.commondata import CommonData
from n3fit.data.library import current_name, dataset_names, has_dataset, library_folder, read_metadata, unknown_dataset
from n3fit.data.nnpdf_profile import read_profile
from n3fit.data.reader import source_files
from n3fit.errors import DataError
from n3fit.storage import sha256_of_file

DATA_PATH_VARIABLE = "N3FIT_DATA_PATH"
"""Environment variable with folders that hold data sets of the user, separated as in PATH."""

METADATA = "metadata.yaml"


def own_folders(path: Path | None = None) -> list[Path]:
    """Return the folders of data sets of the user, each with a folder for every set.

    They are ``path``, those of $N3FIT_DATA_PATH, and those of ``data_path`` in the profile of nnpdf that exist.

    Raises
    ------
    DataError
        ``path`` or a folder of $N3FIT_DATA_PATH is missing or has no data sets.
    """
    folders = [] if path is None else [_checked(path, "--data-path")]
    variable = os.environ.get(DATA_PATH_VARIABLE, "").split(os.pathsep)
    folders += [_checked(Path(entry), f"${DATA_PATH_VARIABLE}") for entry in variable if entry]
    folders += [folder for folder in read_profile().data if folder.is_dir()]
    distinct = dict.fromkeys(folder.expanduser().resolve() for folder in folders)
    return [folder for folder in distinct if folder != library_folder().resolve()]


def _checked(folder: Path, origin: str) -> Path:
    folder = folder.expanduser()
    if any(folder.glob(f"*/{METADATA}")):
        return folder
    received = "nothing there" if not folder.is_dir() else "none of them"
    inside = folder.is_dir() and (folder / METADATA).is_file()
    raise DataError(
        f"{origin}: expected a folder with data sets (SET/{METADATA}) at {folder}, received {received}",
        hint=f"this is the folder of one set: give the one around it, {folder.resolve().parent}"
        if inside
        else "make a first data set there with `n3fit data new`",
    )


def all_names(path: Path | None = None) -> list[str]:
    """Return the names of all data sets, those of the user and of the data library, sorted."""
    return sorted({name for root in (*own_folders(path), library_folder()) for name in dataset_names(root)})


def find_root(dataset: str, variant: str | None = None, path: Path | None = None) -> Path:
    """Return the folder of data sets that has this one; of the same files in several folders those of the library.

    Parameters
    ----------
    dataset, variant : str, str or None
        As in the runcard, with today's name.
    path : Path, optional
        Folder of data sets of the user, besides those that are always searched.

    Raises
    ------
    DataError
        There is no such data set (the message names the nearest), or several of different content.
    """
    roots = [*own_folders(path), library_folder()]
    if len(roots) == 1:
        return roots[0]
    found = [root for root in roots if has_dataset(dataset, root)]
    if not found:
        raise unknown_dataset(dataset, all_names(path), ", ".join(map(str, roots)))
    for other in found[:-1]:
        different = _different_files(dataset, variant, found[-1], other)
        if different:
            raise DataError(
                f"{dataset}: two different data sets have this name, in {other} and in {found[-1]} "
                f"(different: {', '.join(different)})",
                hint=f"give yours another name: its folder, and `setname` in its {METADATA}",
            )
    return found[-1]


def check_name(dataset: str, path: Path | None = None) -> None:
    """Check that a name in a runcard is not that of a data set of the user and an old name of the library at once.

    Raises
    ------
    DataError
    """
    owners = [root for root in own_folders(path) if has_dataset(dataset, root)]
    today = current_name(dataset, None)[0] if owners else dataset
    if today != dataset:
        raise DataError(
            f"{dataset}: expected a name of one data set, received that of one in {owners[0]} which is also the old "
            f"name of {today} in the data library",
            hint=f"give yours another name: its folder, and `setname` in its {METADATA}",
        )


def is_dataset(dataset: str, path: Path | None = None) -> bool:
    """Return whether there is a data set of this name."""
    return any(has_dataset(dataset, root) for root in (*own_folders(path), library_folder()))


def own_hashes(datasets: Iterable[CommonData], path: Path | None = None) -> dict[str, str]:
    """Return the SHA-256 of each file of those data sets that are of the user, by a name for the manifest."""
    hashes: dict[str, str] = {}
    if not own_folders(path):
        return hashes
    for dataset in datasets:
        root = find_root(dataset.name, dataset.variant, path)
        if root != library_folder():
            for name, checksum in _files(dataset.name, dataset.variant, root).items():
                hashes[f"own data {dataset.name}: {name}"] = checksum
    return hashes


def describe_own(datasets: Iterable[CommonData], path: Path | None = None) -> list[str]:
    """Return a line for each folder of data of the user with the names of its data sets."""
    by_folder: dict[Path, list[str]] = {}
    if own_folders(path):
        for dataset in datasets:
            by_folder.setdefault(find_root(dataset.name, dataset.variant, path), []).append(dataset.name)
    by_folder.pop(library_folder(), None)
    return [f"own data of {root}: {', '.join(dict.fromkeys(names))}" for root, names in by_folder.items()]


def _files(dataset: str, variant: str | None, root: Path) -> dict[str, str]:
    """Return the SHA-256 of the files of a data set by their paths below ``root``."""
    paths = source_files(read_metadata(dataset, variant, root), root)
    absent = [str(path) for path in paths if not path.is_file()]
    if absent:
        raise DataError(f"{dataset}: expected the files of its metadata, missing: {', '.join(absent)}")
    return {path.relative_to(root).as_posix(): sha256_of_file(path) for path in paths}


def _different_files(dataset: str, variant: str | None, first: Path, second: Path) -> list[str]:
    """Return the names of the files in which two data sets of one name differ."""
    ours, theirs = (_files(dataset, variant, root) for root in (first, second))
    return sorted(name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name))
