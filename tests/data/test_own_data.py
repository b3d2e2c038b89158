"""Folders of data of the user: where they are, and names that are in several places."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from support.own_data import COPY, DATASET, ORIGINAL, change_file, copy_set

from n3fit.data import load_commondata
from n3fit.data.library import library_folder
from n3fit.data.own_data import (
    all_names,
    check_name,
    describe_own,
    find_root,
    is_dataset,
    own_folders,
    own_hashes,
)
from n3fit.errors import DataError
from n3fit.storage import sha256_of_file

LIBRARY_SET = f"{ORIGINAL}_EM-SIGMARED"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    copy_set(folder)
    return folder


def test_a_copy_has_the_content_of_the_original(own: Path) -> None:
    copy, original = load_commondata(DATASET, "legacy", path=own), load_commondata(LIBRARY_SET, "legacy")
    assert copy.name == DATASET
    for field in fields(copy):
        first, second = getattr(copy, field.name), getattr(original, field.name)
        if isinstance(first, np.ndarray):
            np.testing.assert_array_equal(first, second)
        elif field.name not in ("name", "kinematics"):
            assert first == second, field.name


@pytest.mark.parametrize("origin", ["argument", "variable", "profile"])
def test_folders_are_named_in_three_ways(
    own: Path, origin: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if origin == "variable":
        monkeypatch.setenv("N3FIT_DATA_PATH", str(own))
    if origin == "profile":
        (tmp_path / "nnprofile.yaml").write_text(f"data_path: ['{own}', /not/there]\n")
        monkeypatch.setenv("NNPDF_PROFILE_PATH", str(tmp_path / "nnprofile.yaml"))
    path = own if origin == "argument" else None
    assert own_folders(path) == [own]
    assert is_dataset(DATASET, path)
    assert find_root(DATASET, None, path) == own
    assert find_root(LIBRARY_SET, None, path) == library_folder()
    assert load_commondata(DATASET, path=path).ndata_file == 42
    assert {DATASET, LIBRARY_SET} <= set(all_names(path))


def test_without_own_data_only_the_library_counts() -> None:
    assert own_folders() == []
    assert not is_dataset(DATASET)
    with pytest.raises(DataError, match=f"there is no data set '{DATASET}'.*did you mean '{LIBRARY_SET}'"):
        load_commondata(DATASET)


def test_a_name_that_is_nowhere_suggests_own_ones(own: Path) -> None:
    with pytest.raises(DataError, match=f"there is no data set 'MINE_CC_318GEV_EM-SIGMARE' in {own}, .*{DATASET}"):
        load_commondata("MINE_CC_318GEV_EM-SIGMARE", path=own)


def test_the_same_files_under_the_same_name_are_those_of_the_library(tmp_path: Path) -> None:
    copy_set(tmp_path, ORIGINAL)
    assert find_root(LIBRARY_SET, "legacy", tmp_path) == library_folder()
    assert own_hashes([load_commondata(LIBRARY_SET, "legacy", path=tmp_path)], tmp_path) == {}
    assert describe_own([load_commondata(LIBRARY_SET, "legacy", path=tmp_path)], tmp_path) == []


@pytest.mark.parametrize("others", [1, 2])
def test_other_content_under_the_same_name_is_refused(
    tmp_path: Path, others: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the library, or of another folder of the user."""
    name = ORIGINAL if others == 1 else COPY
    changed = copy_set(tmp_path / "a", name)
    change_file(changed / "data_EM-SIGMARED.yaml", ("data_central:\n- ", "data_central:\n- 1"))
    if others == 2:
        copy_set(tmp_path / "b", name)
        monkeypatch.setenv("N3FIT_DATA_PATH", str(tmp_path / "b"))
    text = f"{name}_EM-SIGMARED: two different data sets have this name.*different: {name}/data_EM-SIGMARED.yaml"
    with pytest.raises(DataError, match=text) as caught:
        load_commondata(f"{name}_EM-SIGMARED", "legacy", path=tmp_path / "a")
    assert "give yours another name" in caught.value.hint


def test_an_old_name_of_the_library_is_no_name(tmp_path: Path) -> None:
    copy_set(tmp_path, "LHCB_Z_13TEV")
    change_file(
        tmp_path / "LHCB_Z_13TEV" / "metadata.yaml", ("observable_name: EM-SIGMARED", "observable_name: DIMUON")
    )
    with pytest.raises(
        DataError, match="LHCB_Z_13TEV_DIMUON: expected a name of one data set.*old name of LHCB_Z0_13TEV_DIMUON-Y"
    ):
        check_name("LHCB_Z_13TEV_DIMUON", tmp_path)


@pytest.mark.parametrize(
    ("place", "message", "hint"),
    [
        ("nothing", "--data-path: expected a folder with data sets .* received nothing there", "n3fit data new"),
        (COPY, "received none of them", "this is the folder of one set: give the one around it"),
        (".", "", ""),
    ],
)
def test_folders_without_data_sets(own: Path, place: str, message: str, hint: str) -> None:
    if not message:
        assert own_folders(own / place) == [own]
        return
    with pytest.raises(DataError, match=message) as caught:
        own_folders(own / place)
    assert hint in caught.value.hint


def test_hashes_are_those_of_the_files(own: Path) -> None:
    dataset = load_commondata(DATASET, path=own)
    hashes = own_hashes([dataset, load_commondata(LIBRARY_SET, "legacy")], own)
    prefix = f"own data {DATASET}: "
    files = [name.removeprefix(prefix) for name in hashes]
    assert sorted(Path(name).name for name in files) == [
        "data_EM-SIGMARED.yaml", "kinematics_EM-SIGMARED.yaml", "metadata.yaml", "uncertainties_EM-SIGMARED.yaml",
    ]  # fmt: skip
    assert all(hashes[prefix + name] == sha256_of_file(own / name) for name in files)
    assert describe_own([dataset], own) == [f"own data of {own}: {DATASET}"]


def test_a_change_of_a_file_is_read(tmp_path: Path) -> None:
    folder = copy_set(tmp_path)
    before = load_commondata(DATASET, path=tmp_path)
    change_file(folder / "data_EM-SIGMARED.yaml", ("data_central:\n- ", "data_central:\n- 1"))
    after = load_commondata(DATASET, path=tmp_path)
    assert after.central[0] > before.central[0] + 0.9
    np.testing.assert_array_equal(after.central[1:], before.central[1:])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("setname: MINE", "setname: YOURS"),
            f"expected the name of the folder, {COPY}, received YOURS_CC_318GEV",
        ),
        (("file: kinematics_EM-SIGMARED.yaml", "file: ../../x.yaml"), "expected files in the folder of the data set"),
        (("file: kinematics_EM-SIGMARED.yaml", "file: absent.yaml"), "absent.yaml: missing"),
    ],
)
def test_metadata_that_name_something_else(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    folder = copy_set(tmp_path / "data")
    change_file(folder / "metadata.yaml", change)
    (tmp_path / "x.yaml").write_text("bins: []\n")
    with pytest.raises(DataError, match=re.escape(message)):
        load_commondata(DATASET, path=tmp_path / "data")


def test_a_name_without_energy_has_none(tmp_path: Path) -> None:
    copy_set(tmp_path, "MINE_CC")
    assert load_commondata("MINE_CC_EM-SIGMARED", path=tmp_path).cm_energy is None
    assert load_commondata(LIBRARY_SET, "legacy").cm_energy == 318.0


def test_a_file_that_is_missing_in_one_of_two_places(tmp_path: Path) -> None:
    folder = copy_set(tmp_path, ORIGINAL)
    (folder / "data_EM-SIGMARED.yaml").unlink()
    with pytest.raises(DataError, match=r"expected the files of its metadata, missing: .*data_EM-SIGMARED.yaml"):
        load_commondata(LIBRARY_SET, "legacy", path=tmp_path)
