import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.outcomes import Outcome

from n3fit.errors import DataError, N3fitError, ResourceError
from n3fit.results import FitFolder
from n3fit.results.reader import read_fit_folder

Write = Callable[..., FitFolder]


@pytest.mark.parametrize(
    "name",
    [
        "filter.yml",
        "fit.json",
        "fit.safetensors",
        "tables/chi2_datasets.csv",
        "nnfit/replica_2/toy.json",
        "nnfit/replica_3/toy.exportgrid",
        "nnfit/replica_1/weights.weights.h5",
    ],
)
def test_missing_and_truncated_files_are_named(write: Write, small_outcome: Outcome, name: str) -> None:
    path = write(small_outcome).path
    file = path / name
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match="bytes") as truncated:
        read_fit_folder(path)
    assert str(file) in truncated.value.message
    file.unlink()
    with pytest.raises(ResourceError, match="missing") as missing:
        read_fit_folder(path)
    assert str(file) in missing.value.message


@pytest.mark.parametrize(
    "name", ["fit.json", "fit.safetensors", "tables/chi2_total.csv", "nnfit/replica_3/toy.exportgrid"]
)
def test_damaged_files_of_the_right_size_are_named(write: Write, small_outcome: Outcome, name: str) -> None:
    path = write(small_outcome).path
    file = path / name
    file.write_bytes(b"\n" * file.stat().st_size)
    with pytest.raises(N3fitError) as caught:
        read_fit_folder(path, checksums=True)
    assert str(file) in caught.value.message
    if not name.startswith("nnfit"):  # the files of the replicas are for other programs
        with pytest.raises(N3fitError):
            read_fit_folder(path)


def test_checksums_find_a_changed_digit(write: Write, small_outcome: Outcome) -> None:
    fit = write(small_outcome)
    file = fit.path / "filter.yml"
    file.write_text(file.read_text().replace("trvlseed: 1", "trvlseed: 2"))
    read_fit_folder(fit.path)
    with pytest.raises(DataError, match=r"filter\.yml: changed since the fit was written"):
        read_fit_folder(fit.path, checksums=True)


def test_other_formats_and_places_are_refused(write: Write, small_outcome: Outcome, tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="no such folder"):
        read_fit_folder(tmp_path / "nowhere")
    with pytest.raises(ResourceError, match="contains no fit"):
        read_fit_folder(tmp_path)
    path = write(small_outcome).path
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps(manifest | {"format": 99}))
    with pytest.raises(DataError, match="format: expected 1 to 2, received 99"):
        read_fit_folder(path)
    manifest["files"]["../../secret"] = manifest["files"]["md5"]
    (path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(DataError, match="leads out of the folder"):
        read_fit_folder(path)


def test_renamed_folder_still_opens(write: Write, small_outcome: Outcome, tmp_path: Path) -> None:
    write(small_outcome).path.rename(tmp_path / "other name")
    assert read_fit_folder(tmp_path / "other name").name == "toy"


def test_the_weights_have_the_name_that_the_runcard_asks_for(small_outcome: Outcome, write: Write) -> None:
    folder = write(replace(small_outcome, weights_file="mine.h5"))
    number = int(folder.replicas[0])
    assert (folder.path / "nnfit" / f"replica_{number}" / "mine.h5").is_file()
    assert not (folder.path / "nnfit" / f"replica_{number}" / "weights.weights.h5").exists()
    assert set(folder.weights(number)) == set(small_outcome.weights[0])
