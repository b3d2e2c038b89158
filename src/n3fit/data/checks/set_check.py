"""The check of a set: its metadata, and the files of every observable and variant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from n3fit.data.checks.covariance import CovarianceNumbers, check_covariance_of
from n3fit.data.checks.findings import Finding, Findings, Place
from n3fit.data.checks.kinematics import check_kinematics
from n3fit.data.checks.metadata import check_observable, check_set_keys, files_of
from n3fit.data.checks.values import check_central, check_uncertainties
from n3fit.data.commondata import CommonData
from n3fit.data.library import read_metadata
from n3fit.data.library_tables import WITHOUT_DATA
from n3fit.data.own_data import METADATA
from n3fit.data.reader import build_commondata, source_files
from n3fit.errors import DataError


@dataclass(frozen=True)
class VariantCheck:
    """A data set, or one of its variants, that could be read.

    Parameters
    ----------
    name, variant : str, str or None
    points, systematics : int
    covariance : CovarianceNumbers, optional
        None for a set without data, and for one whose covariance cannot be used.
    """

    name: str
    variant: str | None
    points: int
    systematics: int
    covariance: CovarianceNumbers | None


@dataclass(frozen=True)
class SetCheck:
    """The result of the check of a set.

    Parameters
    ----------
    name : str
    folder : Path
    variants : tuple of VariantCheck
    findings : tuple of Finding
        Problems and notes, in the order of the files.
    """

    name: str
    folder: Path
    variants: tuple[VariantCheck, ...]
    findings: tuple[Finding, ...]

    @property
    def problems(self) -> tuple[Finding, ...]:
        """What must be corrected."""
        return tuple(entry for entry in self.findings if entry.serious)

    @property
    def passed(self) -> bool:
        """Whether there are no problems."""
        return not self.problems


def check_set(folder: Path, *, observable: str | None = None) -> SetCheck:
    """Check all files of a set, and return everything that is wrong.

    Parameters
    ----------
    folder : Path
        With ``metadata.yaml``.
    observable : str, optional
        Check only this one.
    """
    folder = folder if folder.name not in ("", "..") else folder.resolve()
    findings = Findings()
    variants: list[VariantCheck] = []
    document = findings.open(folder / METADATA)
    if document is not None:
        root = Place(findings, document, (), document.data)
        if isinstance(root.value, dict):
            check_set_keys(root, folder)
            chosen = list(_observables(root, observable))
            for place in chosen:
                _check_files(place, root, folder)
            # the reader needs correct metadata, and stops at the first problem of a file
            if not findings.problems:
                variants += [entry for place in chosen for entry in _read_variants(place, folder)]
        else:
            root.expect("the metadata of a set, a mapping")
    return SetCheck(folder.name, folder, tuple(variants), findings.shortened())


def _observables(root: Place, only: str | None) -> Iterator[Place]:
    entries = root.at("implemented_observables")
    if not isinstance(entries.value, list) or not entries.value:
        entries.expect("a list of observables")
    seen: set[str] = set()
    for place in entries.entries():
        if not isinstance(place.value, dict):
            place.expect("a mapping, an observable")
            continue
        name = str(place.value.get("observable_name"))
        if name in seen:
            place.at("observable_name").expect("different names of all observables")
        seen.add(name)
        if only is None or name.upper() == only.upper():
            yield place


def _check_files(place: Place, root: Place, folder: Path) -> None:
    """Check an observable, and the files that it and its variants name, each once."""
    category = root.at("nnpdf_metadata").at("nnpdf31_process").value
    check_observable(place, set_name=str(root.value.get("setname")), category=str(category))
    count = place.value.get("ndata")
    points = count if isinstance(count, int) and not isinstance(count, bool) else None
    process = str(place.value.get("process_type", "")).upper()
    without_data = process.split("_")[0] in WITHOUT_DATA
    _check_kinematics_file(place, folder, points)
    changes = place.at("variants")
    owners = [place, *(changes.at(name) for name in (changes.value if isinstance(changes.value, dict) else {}))]
    owners = [owner for owner in owners if isinstance(owner.value, dict)]
    if not without_data and not files_of(place, ["data_central"]):
        place.at("data_central").expect("the name of the file of central values")
    if not without_data and not any(files_of(owner, ["data_uncertainties"]) for owner in owners):
        place.at("data_uncertainties").expect("a list of files of uncertainties")
    done: set[Path] = set()
    for owner in owners:
        for key, check in (("data_central", check_central), ("data_uncertainties", check_uncertainties)):
            for entry in files_of(owner, [key]):
                path = _file(entry, folder)
                content = None if path is None or path in done else place.findings.open(path)
                if path is not None and content is not None:
                    done.add(path)
                    check(place.findings, content, points)


def _check_kinematics_file(place: Place, folder: Path, points: int | None) -> None:
    kinematics = place.at("kinematics")
    named = kinematics.at("file")
    if not isinstance(kinematics.value, dict):
        return
    path = _file(named, folder)
    content = None if path is None else place.findings.open(path)
    if content is not None:
        names, groups = place.value.get("kinematic_coverage"), place.value.get("npoints")
        coverage = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
        sizes = [size for size in groups if isinstance(size, int)] if isinstance(groups, list) else []
        check_kinematics(place.findings, content, count=points, coverage=coverage, groups=sizes)


def _file(place: Place, folder: Path) -> Path | None:
    """Return the file that a key names; None with a finding if it is not there, or outside of the folder."""
    if not isinstance(place.value, str) or not place.value:
        place.expect("the name of a file beside metadata.yaml")
        return None
    path = folder / place.value
    if not path.resolve().is_relative_to(folder.resolve().parent):
        place.expect("a file in the folder of the set")
        return None
    if not path.is_file():
        place.expect(f"a file in {folder}", "there is no such file: write it, or correct its name")
        return None
    return path


def _read_variants(place: Place, folder: Path) -> Iterator[VariantCheck]:
    """Yield the data set and its variants as a fit reads them; what cannot be read is a finding."""
    name = f"{folder.name}_{place.value['observable_name']}"
    variants = list(place.value.get("variants") or {})
    plain = [None] if place.value.get("data_uncertainties") or not variants else []
    for variant in [*plain, *variants]:
        label = name if variant is None else f"{name}, variant {variant}"
        try:
            dataset = _read(name, variant, folder.parent)
        except DataError as error:
            place.findings.error(label, error)
            continue
        numbers = None
        if dataset.systematics.size or dataset.statistical.any():
            try:
                numbers = check_covariance_of(dataset)
            except DataError as error:
                place.findings.error(label, error)
        yield VariantCheck(name, variant, len(dataset), len(dataset.systematic_names), numbers)


def _read(name: str, variant: str | None, root: Path) -> CommonData:
    metadata = read_metadata(name, variant, root)
    source_files(metadata, root)
    return build_commondata(metadata, variant)
