"""The command ``doctor``."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from n3fit.diagnosis import Diagnosis, Extra, Finding, Library, Place

Run = Callable[..., Any]
FOUND = Diagnosis(
    versions={"n3fit": "1.0", "python": "3.12.1"},
    libraries=(Library("keras", "3.14", ">=3.13", True), Library("h5py", "", ">=3", False)),
    extras=(Extra("torch", "fits with KERAS_BACKEND=torch", ("torch",)), Extra("hyperopt", "n3fit hyperopt", ())),
    backend={"backend": "jax", "backend_version": "0.7", "device": "2 x H100", "source": "$KERAS_BACKEND"},
    cores=4,
    memory_mb=16e3,
    cache_folder=Path("c"),
    cache={"operators": 1500, "compiled": 500},
    places=(
        Place("theories", Path("t"), True, tuple(str(number) for number in range(10))),
        Place("PDF sets", Path("p"), False),
        Place("PDF sets", Path("q"), True),
        Place("profile", Path("r"), True),
    ),
    findings=(Finding("error", "h5py is not installed", "`pip install 'h5py>=3'`"), Finding("warning", "slow")),
)


def test_everything_is_printed(api: Any, command: Run) -> None:
    api.results["doctor"] = FOUND
    outcome = command("doctor")
    assert outcome.code == 4
    assert outcome.out.splitlines() == [
        "software  version",
        "n3fit     1.0",
        "python    3.12.1",
        "keras     3.14",
        "h5py      missing",
        "",
        "extra     missing  for",
        "torch     torch    fits with KERAS_BACKEND=torch",
        "hyperopt  -        n3fit hyperopt",
        "an extra is installed as in `pip install 'n3fit[torch]'`",
        "",
        "backend: jax 0.7 ($KERAS_BACKEND)",
        "devices: 2 x H100",
        "cores: 4",
        "memory: 16.0 GB",
        "cache: 2.0 kB in c (operators 1.5 kB, compiled 500 B)",
        "",
        "searched for  folder  found",
        "theories      t       0, 1, 2, 3, 4, 5, 6, 7 and 2 more",
        "PDF sets      p       is not there",
        "PDF sets      q       nothing",
        "profile       r       is there",
        "",
        "error: h5py is not installed (`pip install 'h5py>=3'`)",
        "warning: slow",
    ]


def test_warnings_alone_are_a_success(api: Any, command: Run) -> None:
    api.results["doctor"] = Diagnosis(findings=FOUND.findings[1:])
    outcome = command("doctor")
    assert (outcome.code, outcome.out.splitlines()[-1]) == (0, "warning: slow")
    api.results["doctor"] = Diagnosis()
    assert command("doctor").out.splitlines()[-1] == "nothing is wrong"
    assert "memory: unknown" in command("doctor").out


def test_json(api: Any, command: Run) -> None:
    api.results["doctor"] = FOUND
    outcome = command("doctor", "--json")
    result = json.loads(outcome.out)
    assert (outcome.code, result["can_fit"]) == (4, False)
    assert result["diagnosis"]["findings"][1] == {"level": "warning", "text": "slow", "hint": ""}
    assert result["diagnosis"]["places"][1] == {"kind": "PDF sets", "path": "p", "exists": False, "found": []}
