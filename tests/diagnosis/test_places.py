"""Folders that are searched, written and locked."""

import errno
import os
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from n3fit.diagnosis import places
from n3fit.diagnosis.places import named_folder_findings, place_findings, writing_findings
from n3fit.diagnosis.records import Place


def texts(findings: Any) -> list[str]:
    return [f"{finding.level}: {finding.text}" for finding in findings]


def test_theories_and_sets_of_the_package_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "theory_9" / "fastkernel").mkdir(parents=True)
    (tmp_path / "theory_broken").mkdir()
    (tmp_path / "A").mkdir()
    (tmp_path / "A" / "A.info").touch()
    monkeypatch.setenv("N3FIT_THEORY_PATH", str(tmp_path))
    monkeypatch.setenv("N3FIT_PDF_PATH", str(tmp_path))
    first, *_, last = places.read_theories()
    assert (first, last.found) == (Place("theories", tmp_path, True, ("9",)), ("dis_nnlo",))
    first, *_, last = places.read_pdf_sets()
    assert (first, last.found) == (Place("PDF sets", tmp_path, True, ("A",)), ("n3fit_dis_t0",))
    (data,) = places.read_data()
    assert int(data.found[0].split()[0]) > 100


def test_profile_and_fits_of_nnpdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "results" / "fit_one").mkdir(parents=True)
    profile = tmp_path / "nnprofile.yaml"
    profile.write_text(f"nnpdf_share: {tmp_path}\n")
    monkeypatch.setenv("NNPDF_PROFILE_PATH", str(profile))
    assert list(places.read_nnpdf()) == [
        Place("profile", profile, True),
        Place("fits", tmp_path / "results", True, ("fit_one",)),
    ]


def test_folders_of_variables_that_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("N3FIT_THEORY_PATH", os.pathsep.join([str(tmp_path), f"{tmp_path}/no"]))
    monkeypatch.setenv("LHAPDF_DATA_PATH", "/nowhere")
    assert texts(named_folder_findings()) == [
        f"warning: $N3FIT_THEORY_PATH: there is no folder {tmp_path}/no",
        "warning: $LHAPDF_DATA_PATH: there is no folder /nowhere",
    ]


def test_nothing_to_fit_is_an_error() -> None:
    empty = (Place("theories", Path("a"), True), Place("theories", Path("b"), False), Place("data", Path("c"), True))
    assert texts(place_findings(empty)) == ["error: no theories found in a, b", "error: no data found in c"]
    full = (Place("theories", Path("a"), True, ("400",)), Place("data", Path("c"), True, ("2 experiments",)))
    assert texts(place_findings((*full, Place("profile", Path("p"), False)))) == ["warning: the profile p is not there"]


def test_a_folder_that_can_be_used_leaves_nothing_behind(tmp_path: Path) -> None:
    assert list(writing_findings(tmp_path / "new", "the cache folder")) == []
    assert list((tmp_path / "new").iterdir()) == []


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (found,) = texts(writing_findings(tmp_path / "file" / "cache", "the cache folder"))
    assert found.startswith(f"warning: the cache folder {tmp_path}/file/cache cannot be written to (")


def test_a_disk_that_is_nearly_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(10, 9, 3e8))
    assert texts(writing_findings(tmp_path, "the cache folder")) == [
        f"warning: the cache folder {tmp_path} has 0.3 GB left"
    ]


@pytest.mark.parametrize(("number", "more"), [(errno.ENOLCK, ""), (errno.EIO, " (Input/output error)")])
def test_file_systems_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, more: str) -> None:
    def fail(self: FileLock, **options: Any) -> None:
        raise OSError(number, "Input/output error")

    monkeypatch.setattr(FileLock, "acquire", fail)
    text = f"warning: the cache folder {tmp_path} is on a file system without locks{more}"
    assert texts(writing_findings(tmp_path, "the cache folder")) == [text]


def test_locks_that_keep_no_second_holder_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FileLock, "acquire", lambda self, **options: None)
    assert "is on a file system without locks" in texts(writing_findings(tmp_path, "the folder"))[0]
