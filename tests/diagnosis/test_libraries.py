"""Versions that are needed and installed."""

import pytest

from n3fit.diagnosis import libraries
from n3fit.diagnosis.libraries import library_findings, read_extras, read_libraries, satisfies


@pytest.mark.parametrize(
    ("version", "needed", "expected"),
    [
        ("3.13.2", "<4,>=3.13.2", True),
        ("3.13.1", ">=3.13.2", False),
        ("3.9", ">=3.13", False),
        ("4", "<4", False),
        ("4.0.1", "<4", False),
        ("2.0", "==2.0.0", True),
        ("2.0.1", "!=2.0.1", False),
        ("1.4.9", "~=1.4.2", True),
        ("1.5.0", "~=1.4.2", False),
        ("2.5.0+cpu", ">=2.5", True),
        ("2.9rc1", ">2.8", True),
        ("1", "", True),
    ],
)
def test_conditions(version: str, needed: str, expected: bool) -> None:
    assert satisfies(version, needed) is expected


def test_what_is_missing_or_does_not_suit(monkeypatch: pytest.MonkeyPatch) -> None:
    have = {"keras": "3.6.0", "numpy": "3.1", "click": "8.1.7", "optuna": "4.6"}
    monkeypatch.setattr(libraries, "installed_version", lambda name: have.get(name, ""))
    needs = [
        *("click<9,>=8.1", "keras<4,>=3.13.2", "numpy<3,>=2.0", "h5py", "ruamel.yaml[oldlibyaml]<0.20,>=0.19"),
        *("optuna<6,>=4.5; extra == 'hyperopt'", "cmaes<0.14; extra == 'hyperopt'", "ruff; extra == 'dev'"),
        *("yadism (<0.14,>=0.13) ; extra == 'theory'", "!"),
    ]
    found = read_libraries(needs)
    assert [(entry.name, entry.installed, entry.suited) for entry in found] == [
        ("click", "8.1.7", True),
        ("keras", "3.6.0", False),
        ("numpy", "3.1", False),
        ("h5py", "", False),
        ("ruamel.yaml", "", False),
    ]
    assert [(entry.level, entry.text, entry.hint) for entry in library_findings(found)] == [
        ("error", "keras: expected <4,>=3.13.2, received 3.6.0", "`pip install 'keras<4,>=3.13.2'`"),
        ("warning", "numpy: expected <3,>=2.0, received 3.1", "`pip install 'numpy<3,>=2.0'`"),
        ("error", "h5py is not installed", "`pip install 'h5py'`"),
        ("error", "ruamel.yaml is not installed", "`pip install 'ruamel.yaml<0.20,>=0.19'`"),
    ]
    extras = {entry.name: entry.missing for entry in read_extras(needs)}
    assert extras == {"theory": ("yadism",), "hyperopt": ("cmaes",)}


def test_libraries_of_other_systems_are_not_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    needs = [
        "tensorflow-cpu<3,>=2.18; sys_platform != 'darwin' and extra == 'tensorflow'",
        'tensorflow<3,>=2.18; sys_platform == "darwin" and extra == "tensorflow"',
    ]
    monkeypatch.setattr(libraries, "installed_version", lambda name: "")
    for system, expected in (("linux", "tensorflow-cpu"), ("darwin", "tensorflow"), ("win32", "tensorflow-cpu")):
        monkeypatch.setattr(libraries.sys, "platform", system)
        (extra,) = read_extras(needs)
        assert extra.missing == (expected,)


def test_here_nothing_is_missing() -> None:
    assert list(library_findings(read_libraries())) == []
    assert libraries.installed_version("no-such-distribution") == ""
    assert {"n3fit", "python", "system"} <= set(libraries.read_versions())
