"""Scans by name or path."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.scans import old_entry, write_scan

from n3fit.data.nnpdf_profile import PROFILE_VARIABLE
from n3fit.errors import DataError
from n3fit.results.scan_folder import find_scan, scan_config


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of scans of an installation of nnpdf."""
    profile = tmp_path / "profile.yaml"
    profile.write_text(f"nnpdf_share: {tmp_path}/share\nhyperscan_path: scans\n")
    monkeypatch.setenv(PROFILE_VARIABLE, str(profile))
    return tmp_path / "share" / "scans"


def test_by_name_path_and_beside_the_runcard(tmp_path: Path, share: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = write_scan(share / "260204-jcm-hyperopt", [old_entry(0, 1.0)])
    beside = write_scan(tmp_path / "cards" / "own", [old_entry(0, 1.0)])
    monkeypatch.chdir(tmp_path)
    assert find_scan("260204-jcm-hyperopt") == installed
    assert find_scan(installed) == installed
    assert find_scan("own", folders=[tmp_path / "cards"]) == beside
    assert find_scan("cards/own").resolve() == beside


def test_missing_scan(tmp_path: Path, share: Path) -> None:
    with pytest.raises(DataError) as caught:
        find_scan("nowhere", folders=[tmp_path], key="trial_specs.hyperscan")
    assert caught.value.message == (
        "trial_specs.hyperscan: expected the folder of a scan with nnfit/replica_1/tries.json, received 'nowhere'; "
        f"looked for in nowhere, {tmp_path}/nowhere, {share}/nowhere"
    )


def test_configuration(tmp_path: Path, share: Path) -> None:
    card = "description: a scan\nhyperscan_config:\n  stopping: {min_epochs: 10, max_epochs: 2e1}\n"
    write_scan(share / "good", [], card)
    write_scan(share / "bad", [], "hyperscan_config: 1\n")
    write_scan(share / "empty", [])
    assert scan_config("good") == {"stopping": {"min_epochs": 10, "max_epochs": 20.0}}
    with pytest.raises(DataError, match=r"bad/filter.yml: hyperscan_config: expected a mapping, received int"):
        scan_config("bad")
    with pytest.raises(DataError, match=r"empty/filter.yml: hyperscan_config: expected a mapping, received nothing"):
        scan_config("empty")
    with pytest.raises(DataError, match=r"from_hyperscan: expected the folder of a scan"):
        scan_config("nowhere")
