"""The choice of the backend, and its start in another process."""

import json
import sys
from pathlib import Path

import pytest

from n3fit.backends import keras_choice
from n3fit.diagnosis import backend
from n3fit.diagnosis.backend import DeviceProbe, backend_findings, chosen_backend, settings_file
from n3fit.diagnosis.device_probe import probe


def run(program: str, limit: float = 60) -> tuple[dict[str, str], list[tuple[str, str]]]:
    state, findings = DeviceProbe((sys.executable, "-c", program), limit).finish()
    return state, [(finding.level, finding.text) for finding in findings]


def test_the_default_is_that_of_fits() -> None:
    assert backend.DEFAULT_BACKEND == keras_choice.DEFAULT_BACKEND
    assert chosen_backend({}) == ("jax", "the default of n3fit")
    assert chosen_backend({"KERAS_BACKEND": "torch"}) == ("torch", "$KERAS_BACKEND")


def test_this_process_has_devices() -> None:
    state = probe()
    assert state["backend"] == keras_choice.choose_keras_backend()
    assert state["device"]
    assert state["broken"] == {}


def test_modules_that_cannot_be_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "breaks.py").write_text("raise RuntimeError('first\\nsecond')")
    monkeypatch.syspath_prepend(tmp_path)
    assert probe(("json", "breaks", "no_such_module"))["broken"] == {
        "breaks": "RuntimeError: first",
        "no_such_module": "ModuleNotFoundError: No module named 'no_such_module'",
    }


def test_what_the_process_prints() -> None:
    answer = {"backend": "jax", "backend_version": "1", "device": "CPU", "warnings": ["on the CPU"], "broken": {}}
    state, findings = run(f"print('noise'); print({json.dumps(answer)!r})")
    assert state == {"backend": "jax", "backend_version": "1", "device": "CPU"}
    assert findings == [("warning", "on the CPU")]
    assert run('print(\'{"error": "torch is not installed", "broken": {"h5py": "why"}}\')') == (
        {},
        [("error", "h5py cannot be imported: why"), ("error", "torch is not installed")],
    )


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("raise ImportError('no backend')", "exit code 1): ImportError: no backend"),
        ("import os; os.abort()", "exit code -6): no message"),
        ("print('[1, 2]')", "exit code 0): no message"),
    ],
)
def test_a_process_that_crashes_is_an_error(program: str, reason: str) -> None:
    if sys.platform == "win32" and "abort" in program:
        pytest.skip("another exit code")
    ((level, text),) = run(program)[1]
    assert (level, text) == ("error", f"the backend cannot be started ({reason}")


def test_a_process_that_hangs_is_an_error() -> None:
    assert run("import time; time.sleep(600)", limit=0.2)[1] == [("error", "the backend has not started after 0 s")]


@pytest.mark.parametrize(
    ("content", "environment", "texts"),
    [
        (None, {}, []),
        ('{"backend": "jax", "floatx": "float32"}', {}, []),
        ('{"backend": "torch"}', {}, ["backend: torch, and n3fit uses jax (the default of n3fit)"]),
        ('{"backend": "jax"}', {"KERAS_BACKEND": "torch"}, ["backend: jax, and n3fit uses torch ($KERAS_BACKEND)"]),
        ('{"floatx": "float64"}', {}, ["floatx: float64, and n3fit sets the precision itself"]),
        ("{", {}, ["cannot be read ("]),
        ("[]", {}, ["expected a mapping"]),
    ],
)
def test_settings_of_keras(tmp_path: Path, content: str | None, environment: dict[str, str], texts: list[str]) -> None:
    home = environment | {"KERAS_HOME": str(tmp_path)}
    if content is not None:
        settings_file(home).write_text(content)
    found = list(backend_findings(home))
    assert len(found) == len(texts)
    for finding, text in zip(found, texts, strict=True):
        assert finding.text.startswith(f"{tmp_path / 'keras.json'}: {text}")


def test_what_keras_writes_by_itself_counts_where_tensorflow_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = {"KERAS_HOME": str(tmp_path)}
    settings_file(home).write_text('{"backend": "tensorflow"}')
    for version, number in (("", 0), ("2.20", 1)):
        monkeypatch.setattr(backend, "installed_version", lambda name, version=version: version)
        assert len(list(backend_findings(home))) == number
