"""The folder of a scan."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from n3fit.errors import DataError, OutputExistsError
from n3fit.hyperopt.study_folder import ScanSettings, check_same, create_folder, is_study, read_settings

SETTINGS = ScanSettings("1f", "tpe", 42, (1, 2, 3), False, {"theory": "a", "data": "b"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "scan"
    create_folder(target, "card: text\n", "card.yml", SETTINGS, force=False)
    return target


def test_content_of_a_new_folder(folder: Path) -> None:
    assert is_study(folder)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert files == ["filter.yml", "manifest.json", "nnfit/replica_1/tries.json", "trials.journal"]
    assert (folder / "filter.yml").read_bytes() == b"card: text\n"
    assert json.loads((folder / "nnfit/replica_1/tries.json").read_text()) == []
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["kind"], manifest["runcard"]) == ("scan", "card.yml")
    assert {"n3fit", "numpy", "optuna", "cmaes"} <= manifest["versions"].keys()
    assert read_settings(folder) == SETTINGS
    check_same(folder, SETTINGS)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"runcard": "2f"}, "received another runcard"),
        ({"sampler": "random"}, "received sampler random instead of tpe"),
        ({"seed": 1, "prune": True}, "received seed 1 instead of 42; prune true instead of false"),
        ({"replicas": (1, 2)}, "received replicas 1-2 instead of 1-3"),
        ({"inputs": {"theory": "c", "data": "b"}}, r"received other inputs \(theory\)"),
        ({"inputs": {"theory": "a"}}, r"received other inputs \(data\)"),
    ],
)
def test_another_scan_is_refused(folder: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(OutputExistsError, match=message) as caught:
        check_same(folder, replace(SETTINGS, **changes))
    assert "--force" in caught.value.hint


def test_replaced_by_force_alone(folder: Path) -> None:
    with pytest.raises(OutputExistsError, match="the scan exists already"):
        create_folder(folder, "other", "card.yml", SETTINGS, force=False)
    create_folder(folder, "other", "card.yml", SETTINGS, force=True)
    assert (folder / "filter.yml").read_text() == "other"


def test_other_files_are_never_replaced(tmp_path: Path) -> None:
    target = tmp_path / "full"
    target.mkdir()
    (target / "thesis.tex").write_text("text")
    with pytest.raises(OutputExistsError, match="found other files"):
        create_folder(target, "card", "card.yml", SETTINGS, force=True)
    empty = tmp_path / "empty"
    empty.mkdir()
    create_folder(empty, "card", "card.yml", SETTINGS, force=False)
    assert is_study(empty)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"kind": "fit"}, "expected the manifest of a scan, received another one"),
        ({"kind": "scan", "format": 2}, "format: expected 1, received 2"),
        ({"kind": "scan", "format": 1, "settings": {"seed": 1}}, "expected the settings of a scan"),
    ],
)
def test_damaged_manifest(folder: Path, content: dict[str, object], message: str) -> None:
    (folder / "manifest.json").write_text(json.dumps(content))
    with pytest.raises(DataError, match=message):
        read_settings(folder)
