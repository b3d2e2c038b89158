"""The examination as a whole, of this installation and of broken ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from n3fit.diagnosis import diagnose, examination, libraries
from n3fit.diagnosis.backend import DeviceProbe

READY = json.dumps({"backend": "jax", "backend_version": "1", "device": "CPU", "warnings": [], "broken": {}})


def probe() -> DeviceProbe:
    """The start of a backend without the time for it."""
    return DeviceProbe((sys.executable, "-S", "-c", f"print({READY!r})"))


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("N3FIT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    for variable in ("N3FIT_PDF_PATH", "LHAPDF_DATA_PATH", "LHAPATH"):
        monkeypatch.delenv(variable, raising=False)


def test_an_installation_without_faults(tmp_path: Path) -> None:
    found = diagnose(probe=probe)
    assert (found.findings, found.can_fit) == ((), True)
    assert found.backend["device"] == "CPU"
    assert found.cores is not None
    assert found.cores >= 1
    assert found.memory_mb is not None
    assert (found.cache_folder, found.cache) == (tmp_path / "cache", {})
    assert {place.kind for place in found.places} == {"theories", "PDF sets", "data", "fits"}
    assert found.versions["python"] == ".".join(map(str, sys.version_info[:3]))


def test_wrong_limits_stop_a_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("N3FIT_CORES", "many")
    found = diagnose(probe=probe)
    assert [(entry.level, entry.text) for entry in found.findings] == [
        ("error", "$N3FIT_CORES: expected a number of cores from 1, received 'many'")
    ]
    assert (found.can_fit, found.cores) == (False, None)
    assert found.memory_mb is not None


def test_a_part_that_breaks_is_named_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("a\nb")

    monkeypatch.setattr(libraries, "read_libraries", fail)
    monkeypatch.setattr(examination, "_PLACES", (("theories", fail), *examination._PLACES[1:]))
    found = diagnose(probe=probe)
    assert [entry.text for entry in found.findings] == [
        "versions of libraries cannot be examined: ZeroDivisionError: a b",
        "theories cannot be examined: ZeroDivisionError: a b",
    ]
    assert found.can_fit
    assert found.places


def test_warnings_of_a_broken_profile_are_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = tmp_path / "nnprofile.yaml"
    profile.write_text("nnpdf_share: [")
    monkeypatch.setenv("NNPDF_PROFILE_PATH", str(profile))
    found = diagnose(probe=probe)
    assert [entry.text.partition(":")[0] for entry in found.findings] == ["the profile of nnpdf is not used"]
    assert capsys.readouterr().err == ""


def test_nnpdf_beside_n3fit_stops_a_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("n3fit_launcher.find_clash", lambda: "nnpdf is here too")
    found = diagnose(probe=probe)
    assert (found.findings[0].text, found.can_fit) == ("nnpdf is here too", False)


@pytest.mark.parametrize("module", ["pydantic", pytest.param("filelock", marks=pytest.mark.slow)])
def test_the_command_survives_broken_libraries(tmp_path: Path, module: str) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / f"{module}.py").write_text("raise ImportError('broken on purpose')")
    path = os.pathsep.join([str(tmp_path / "broken"), str(Path(examination.__file__).parents[2])])
    environment = os.environ | {"PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-m", "n3fit", "doctor"], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (4, "")
    line = f"error: {module} cannot be imported: ImportError: broken on purpose"
    assert f"{line} (`pip install --force-reinstall {module}`)" in done.stdout.splitlines()
