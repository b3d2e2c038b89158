"""The command ``explain``."""

import json
from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]


def test_a_key(command: Run) -> None:
    outcome = command("explain", "stopping_patience")
    assert outcome.code == 0
    assert outcome.out.splitlines()[:13] == [
        "parameters.stopping_patience",
        "  meaning  fraction of the epochs without a better validation loss after which a replica stops",
        "  type     number",
        "  default  required",
        "  allowed  from 0 to 1",
        "  units    fraction of the epochs",
        "  effect   changes the methodology: pseudodata, parametrisation or training, with the same data and",
        "           theory",
        "",
        "  parameters:",
        "    stopping_patience: 0.1",
        "",
        "trial_specs.override.stopping_patience",
    ]


def test_a_key_that_may_stand_elsewhere(command: Run) -> None:
    assert "  also in  the top level, fitting, closuretest, theory" in command("explain", "datacuts.q2min").out


def test_a_mapping_lists_its_keys(command: Run) -> None:
    lines = command("explain", "positivity_bound").out.splitlines()
    assert lines[-4] == "keys"
    assert lines[-3:] == [
        "  unpolarized_bc  PDF set whose member 0 is the unpolarised PDF of asymmetries and of positivity",
        "                  bounds",
        "  n_std           standard deviations of the set that are added to it in positivity bounds",
    ]


def test_old_and_refused_keys(command: Run) -> None:
    assert command("explain", "fitting.epochs").out.splitlines() == [
        "fitting.epochs",
        "  meaning  old name: the old name of parameters.epochs, under which it is read, with a warning",
    ]
    assert "without effect: read, with a warning: settings of the genetic algorithm" in command("explain", "ngen").out
    assert "refused: known, and not supported yet" in command("explain", "fiatlux").out


def test_sections(command: Run) -> None:
    lines = command("explain").out.splitlines()
    assert lines[0] == "mappings (`n3fit explain NAME` lists their keys)"
    assert "  parameters              the network and its training" in lines
    assert lines.index("single values") > lines.index("  theory                  the theory")


def test_json(command: Run) -> None:
    outcome = command("explain", "parameters.epochs", "--json")
    (entry,) = json.loads(outcome.out)["keys"]
    assert (entry["key"], entry["status"], entry["units"]) == ("parameters.epochs", "supported", "epochs")
    assert entry["example"] == "parameters:\n  epochs: 17000"


def test_an_unknown_key(command: Run) -> None:
    outcome = command("explain", "learning_rat")
    assert outcome.code == 2
    assert outcome.err.startswith("n3fit: error: expected a key of runcards, received 'learning_rat' (did you mean ")
    assert "parameters.optimizer.learning_rate" in outcome.err
