"""Places and metadata of the data sets in the installed data library."""

from __future__ import annotations

import base64
import csv
from collections.abc import Sequence
from functools import cache
from importlib.metadata import Distribution, distribution, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from n3fit.errors import DataError, ResourceError, nearest
from n3fit.paths import is_plain_name
from n3fit.storage import sha256_of_file
from n3fit.storage.yaml_files import read_yaml

LIBRARY = "nnpdf-data"

VARIANT_SEPARATOR = "+"
"""Between the names of several variants of one data set, in the order in which they are applied."""


@cache  # the search takes half a millisecond, and it is needed several times for every data set
def package_folder() -> Path:
    """Return the folder of the data library, without importing it, which takes seconds.

    Raises
    ------
    ResourceError
        The library is not installed.
    """
    spec = find_spec("nnpdf_data")
    if spec is None or spec.origin is None:
        raise ResourceError("the data library nnpdf-data is not installed", hint="pip install nnpdf-data")
    return Path(spec.origin).parent


def library_folder() -> Path:
    """Return the folder of all data sets in the data library."""
    return package_folder() / "commondata"


@cache
def library_version() -> str:
    """Return the version of the installed data library."""
    return version(LIBRARY)


def check_installed(files: Sequence[Path], installed: Distribution | None = None) -> None:
    """Check files against the checksums that were recorded when the library was installed.

    Files that are not in the record, or without a checksum (editable installations), are accepted.

    Parameters
    ----------
    files : sequence of Path
        Files of the library.
    installed : Distribution, optional
        The installed package; default: the data library.

    Raises
    ------
    DataError
        A file was changed or truncated.
    """
    package = installed or distribution(LIBRARY)
    base = Path(str(package.locate_file(""))).resolve()
    # package.files makes a path of every line, which takes ten times longer
    lines = csv.reader((package.read_text("RECORD") or "").splitlines())
    recorded = {line[0]: line[1].partition("=") for line in lines if len(line) > 1}
    for path in files:
        real = path.resolve()
        name = real.relative_to(base).as_posix() if real.is_relative_to(base) else ""
        algorithm, _, checksum = recorded.get(name, ("", "", ""))
        if algorithm != "sha256":
            continue
        digest = base64.urlsafe_b64encode(bytes.fromhex(sha256_of_file(path))).rstrip(b"=").decode()
        if digest != checksum:
            raise DataError(f"{path} is not the file that was installed", hint=f"reinstall {LIBRARY}")


def metadata_file(dataset: str, root: Path) -> Path:
    """Return the metadata file of the set to which ``dataset`` (``<set>_<observable>``) belongs.

    Raises
    ------
    DataError
        There is no such set; the message names the nearest data set.
    """
    folder, _, observable = dataset.rpartition("_")
    path = root / folder / "metadata.yaml"
    plain = "/" not in dataset and "\\" not in dataset and not dataset.startswith(".")
    if not (plain and folder and observable and path.is_file()):
        raise unknown_dataset(dataset, dataset_names(root), str(root))
    return path


def current_name(dataset: str, variant: str | None, sys: int | None = None) -> tuple[str, str | None]:
    """Return the present name and variant for a name from before version 4.0.10 of the data library.

    Other names and their variants are returned unchanged.

    Parameters
    ----------
    dataset : str
    variant : str or None
        A variant that is given counts more than that of the old name, unless this is ``legacy_dw``.
    sys : int, optional
        Number of the systematics of an old name.

    Raises
    ------
    DataError
        An old name has no such systematics.
    """
    if (library_folder() / dataset.rpartition("_")[0] / "metadata.yaml").is_file():
        return dataset, variant
    from nnpdf_data.validphys_compatibility import legacy_to_new_mapping

    entry = legacy_to_new_mapping.get(dataset)
    if entry is None:
        return dataset, variant
    name, own = str(entry["dataset"]), entry.get("variant")
    if sys is not None and own is None:
        raise DataError(f"{dataset}: there are no systematics {sys} of {name}", hint="leave sys out")
    if sys is not None:
        return name, f"{own}_{sys}"
    return name, variant if variant is not None and own != "legacy_dw" else own


def former_names(dataset: str) -> tuple[str, ...]:
    """Return the names that a data set had before version 4.0.10 of the data library."""
    from nnpdf_data.validphys_compatibility import legacy_to_new_mapping

    return tuple(str(old) for old, entry in legacy_to_new_mapping.items() if entry["dataset"] == dataset)


def has_dataset(dataset: str, root: Path) -> bool:
    """Return whether there is a data set of this name below ``root``."""
    folder, _, observable = dataset.rpartition("_")
    path = root / folder / "metadata.yaml"
    if not is_plain_name(folder) or not path.is_file():
        return False
    return observable.upper() in (name.upper() for name in observable_names(read_yaml(path)))


def process_types() -> frozenset[str]:
    """Return the process types of the data library."""
    from nnpdf_data.process_options import PROCESSES

    return frozenset(PROCESSES)


def read_metadata(dataset: str, variant: str | None, root: Path) -> Any:
    """Read the metadata of a data set with the variant applied (an ``ObservableMetaData``).

    Raises
    ------
    DataError
        The set, its observable or its variant does not exist, or its metadata are malformed.
    """
    from nnpdf_data.commondataparser import parse_new_metadata
    from ruamel.yaml.error import YAMLError
    from validobj.errors import ValidationError

    path = metadata_file(dataset, root)
    content = read_yaml(path)
    observables = observable_names(content)
    observable = dataset.rpartition("_")[2]
    if observable.upper() not in (name.upper() for name in observables):
        raise unknown_dataset(dataset, dataset_names(root), str(root))
    try:
        plain = parse_new_metadata(path, observable)
    except (ValidationError, YAMLError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"{path}: not valid metadata: {error}") from error
    if variant is None:
        _check_variant(plain, dataset, None, path)
        return plain
    variants = tuple(variant.split(VARIANT_SEPARATOR))
    for name in variants:
        _check_variant(plain, dataset, name, path)
    return parse_new_metadata(path, observable, variants)


def dataset_names(root: Path | None = None) -> list[str]:
    """Return the names of all data sets below ``root`` (default: the installed library), sorted."""
    names = []
    for path in sorted((root or library_folder()).glob("*/metadata.yaml")):
        names += [f"{path.parent.name}_{observable}" for observable in observable_names(read_yaml(path))]
    return sorted(names)


def _check_variant(metadata: Any, dataset: str, variant: str | None, path: Path) -> None:
    known = sorted(metadata.variants or {})
    if variant is None:
        if not metadata.data_uncertainties and not metadata.is_nnpdf_special:
            raise DataError(
                f"{dataset}: expected a variant, as only variants of this data set have uncertainties; received none",
                hint=f"add `variant:` with one of {', '.join(known)}",
            )
        return
    if variant not in known:
        near = nearest(variant, known)
        guess = f"did you mean {near!r}? " if near else ""
        raise DataError(
            f"{dataset}: there is no variant {variant!r} in {path}",
            hint=f"{guess}variants: {', '.join(known) if known else 'none, leave the key out'}",
        )


def observable_names(content: Any) -> list[str]:
    """Return the names of the observables in the content of a metadata file."""
    if not isinstance(content, dict) or not isinstance(content.get("implemented_observables"), list):
        return []
    return [
        str(entry["observable_name"])
        for entry in content["implemented_observables"]
        if isinstance(entry, dict) and "observable_name" in entry
    ]


def unknown_dataset(dataset: str, known: Sequence[str], where: str) -> DataError:
    """Return the error for a data set that is not among the ``known`` ones, with the nearest name."""
    near = nearest(dataset, known)
    return DataError(
        f"there is no data set {dataset!r} in {where}",
        hint=(f"did you mean {near!r}? " if near else "choose a name from this folder; ")
        + "a folder of your own data sets is given with --data-path",
    )
