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
        assert not any("|" in text or "\n" in text for text in (row.type, row.default, row.allowed, row.meaning)), key


@pytest.mark.parametrize(
    ("key", "kind", "default", "allowed"),
    [
        ("description", "text", "empty", ""),
        ("dataset_inputs", "list of mappings", "required", ""),
        ("dataset_inputs.variant", "name or list of names", "none", ""),
        ("dataset_inputs.frac", "number", "1.0", "from 0 to 1"),
        ("dataset_inputs.cfac", "list of names", "[]", ""),
        ("nnseed", "integer", "required", "from 0 to 4294967295"),
        ("mcseed", "integer", "none", "from 0 to 4294967295"),
        ("datacuts", "mapping", "{}", ""),
        ("datacuts.t0pdfset", "name", "n3fit_dis_t0", ""),
        ("theory.t0theoryid", "integer or name", "theoryid", ""),
        ("parameters.dropout", "number", "0.0", "at least 0 and less than 1"),
        ("parameters.stopping_patience", "number", "required", "from 0 to 1"),
        ("parameters.nodes_per_layer", "list of integers", "required", "from 1 to 2147483647"),
        ("parameters.activation_per_layer", "list of activations", "required", ""),
        ("parameters.layer_type", "name", "dense", "dense, dense_per_flavour"),
        ("parameters.optimizer.learning_rate", "number",
         "1.0 for Adadelta; 0.01 for Adam, Amsgrad, RMSprop, SGD; 0.001 for Nadam", "at least 0"),
        ("parameters.feature_scaling_points", "integer", "none", "at least 2"),
        ("fitting.basis.smallx", "[number, number]", "required", ""),
        ("fitting.sum_rules", "true, false or name", "true", "true, false, ALL, ALLBUTCSR, MSR, VSR, TSR"),
        ("genrep", "true or false", "true", ""),
        ("theory.theoryid", "integer or name", "required", ""),
        ("maxcores", "integer", "all allowed", "from 1 to 2147483647"),
    ],
)  # fmt: skip
def test_types_defaults_and_allowed_values(key: str, kind: str, default: str, allowed: str) -> None:
    assert (ROWS[key].type, ROWS[key].default, ROWS[key].allowed) == (kind, default, allowed)


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
