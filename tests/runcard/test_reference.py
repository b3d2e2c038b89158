"""Types, defaults and meanings of the keys."""

from pathlib import Path
from typing import Any

import pytest

from n3fit.errors import RuncardError
from n3fit.runcard import REFERENCE, build_runcard, read_runcard
from n3fit.runcard.reference import reference_rows, section_at
from n3fit.runcard.schema import TensorBoard

ROWS = {row.key: row for row in reference_rows()}


def test_every_key_has_a_type_a_default_and_a_meaning() -> None:
    assert list(ROWS) == list(REFERENCE)
    for key, row in ROWS.items():
        assert row.type, key
        assert row.default, key
        assert row.meaning == REFERENCE[key] != "", key
        assert not any("|" in text or "\n" in text for text in (row.type, row.default, row.meaning)), key


@pytest.mark.parametrize(
    ("key", "kind", "default"),
    [
        ("description", "text", "empty"),
        ("dataset_inputs", "list of mappings", "required"),
        ("dataset_inputs.frac", "number from 0 to 1", "1.0"),
        ("dataset_inputs.cfac", "list of names", "[]"),
        ("nnseed", "integer from 0 to 4294967295", "required"),
        ("mcseed", "integer from 0 to 4294967295", "none"),
        ("datacuts", "mapping", "{}"),
        ("datacuts.t0pdfset", "name", "n3fit_dis_t0"),
        ("datacuts.q2min", "number", "3.49"),
        ("parameters.dropout", "number, at least 0 and less than 1", "0.0"),
        ("parameters.stopping_patience", "number, more than 0 and at most 1", "required"),
        ("parameters.nodes_per_layer", "list of integers from 1 to 2147483647", "required"),
        ("parameters.activation_per_layer", "list of activations", "required"),
        ("parameters.layer_type", "one of dense, dense_per_flavour", "dense"),
        ("parameters.optimizer.learning_rate", "number, at least 0",
         "1.0 for Adadelta; 0.01 for Adam, Amsgrad, RMSprop, SGD; 0.001 for Nadam"),
        ("parameters.feature_scaling_points", "integer, at least 2", "none"),
        ("fitting.basis.smallx", "[number, number]", "required"),
        ("fitting.sum_rules", "true, false or one of ALL, ALLBUTCSR, MSR, VSR", "true"),
        ("genrep", "true or false", "true"),
        ("theory.theoryid", "integer or name", "required"),
        ("maxcores", "integer from 1 to 2147483647", "all allowed"),
    ],
)  # fmt: skip
def test_types_and_defaults(key: str, kind: str, default: str) -> None:
    assert (ROWS[key].type, ROWS[key].default) == (kind, default)


def test_only_required_keys_are_needed() -> None:
    """A card that has the keys without default, and no other key of the same mapping, is complete."""
    card = read_runcard(Path(__file__).parents[2] / "runcards" / "dis.yml")

    def required(value: Any, prefix: str) -> Any:
        if isinstance(value, dict):
            kept = {key: content for key, content in value.items() if ROWS[f"{prefix}{key}"].default == "required"}
            return {key: required(content, f"{prefix}{key}.") for key, content in kept.items()}
        return [required(entry, prefix) for entry in value] if isinstance(value, list | tuple) else value

    content = required(card.model_dump(), "") | {"genrep": False}
    for entry, full in zip(content["fitting"]["basis"], card.fitting.basis, strict=True):
        entry["largex"] = full.largex
    built = build_runcard(content)
    assert built.parameters.optimizer.optimizer_name == card.parameters.optimizer.optimizer_name
    del content["theory"]
    with pytest.raises(RuncardError, match="theory: expected this key"):
        build_runcard(content)


def test_section_at() -> None:
    assert section_at(("tensorboard",)) is TensorBoard
    assert section_at(("dataset_inputs", 3, "frac")) is None
    assert section_at(("nothing", "here")) is None
