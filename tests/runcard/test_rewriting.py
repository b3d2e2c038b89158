"""Lists and mappings replaced in the text of a runcard, and keys removed from it."""

from __future__ import annotations

from typing import Any

import pytest

from n3fit.errors import RuncardError
from n3fit.runcard.rewriting import flow_text, rewrite_runcard
from n3fit.runcard.yaml_reader import parse_yaml

CARD = """\
# a scan
description: scan # of many

###### the space
hyperscan_config: # of old
  optimizer:
  - optimizer_name: Adam # the only one
    learning_rate: {min: 1, max: 2}
  stopping: {min_epochs: 1,
             max_epochs: 2}   # until here

kfold:
    partitions:
    - datasets: [A, B]

# the network
parameters: # read by the fit
  nodes_per_layer: [35,
    25, 8] # placeholder
  optimizer:
    # the optimiser
    optimizer_name: 'Adadelta' # text
    learning_rate: 0.01
  epochs: 40_000   # many
  dropout:
  initializer: glorot_normal

theory: {theoryid: 400}
"""

EDITED = """\
# a scan
description: scan # of many

###### the space

# the network
parameters: # read by the fit
  stopping_patience: 0.30000000000000004
  nodes_per_layer: [5, 8] # placeholder
  optimizer:
    # the optimiser
    {optimizer_name: RMSprop, learning_rate: 2.5e-05}
  epochs: 1234   # many
  dropout: 0.25
  initializer: glorot_normal

theory: {theoryid: 400}
"""


def test_values_and_keys() -> None:
    changes: dict[Any, Any] = {
        ("parameters", "nodes_per_layer"): [5, 8],
        ("parameters", "optimizer"): {"optimizer_name": "RMSprop", "learning_rate": 2.5e-5},
        ("parameters", "epochs"): 1234,
        ("parameters", "dropout"): 0.25,
        ("parameters", "stopping_patience"): 0.1 * 3,
    }
    text = rewrite_runcard(CARD, changes, removed=("hyperscan_config", "kfold", "hyperscan"))
    assert [line for line in text.splitlines() if line] == [line for line in EDITED.splitlines() if line]
    assert parse_yaml(text, "card").data["parameters"]["optimizer"]["learning_rate"] == 2.5e-5


def test_no_change_is_the_same_text() -> None:
    assert rewrite_runcard(CARD, {}) == CARD


def test_last_key_of_a_file_without_a_newline() -> None:
    assert rewrite_runcard("a: 1\nkfold:\n  b: 2", {}, removed=("kfold",)) == "a: 1\n"
    assert rewrite_runcard("a: 1\nkfold:\nb: 2\n", {}, removed=("kfold",)) == "a: 1\nb: 2\n"


def test_missing_and_empty_mappings() -> None:
    assert rewrite_runcard("a: 1\np:\n", {("p", "q"): [1, 2]}) == "a: 1\np: {q: [1, 2]}\n"
    assert rewrite_runcard("a: 1\np: {}\n", {("p", "q"): 2}) == "a: 1\np: {q: 2}\n"
    assert rewrite_runcard("a: 1\n", {("p", "q"): 2}) == "p: {q: 2}\na: 1\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{a: 1}", "expected one key in each line"),
        ("a: &x [1]\nkfold: {b: &y 1}\nc: *y\n", "kfold: cannot be changed alone"),
        ("p: 3\nkfold: 1\n", "p: expected a mapping, received another value"),
    ],
)
def test_texts_that_cannot_be_changed(text: str, message: str) -> None:
    changes: dict[Any, Any] = {("p", "q"): 1} if "p: 3" in text else {}
    with pytest.raises(RuncardError, match=message):
        rewrite_runcard(text, changes, removed=("kfold",))


@pytest.mark.parametrize("value", [1e-300, 0.1 + 0.2, 1e22, 12, -3.5, True, None, "tanh", "1e3", "true", "it's"])
def test_values_are_read_back(value: Any) -> None:
    found = parse_yaml(f"a: {flow_text([value])}\n", "card").data
    assert found == {"a": [value]}
    assert type(found["a"][0]) is type(value)
