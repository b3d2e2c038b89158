"""The JSON schema of runcards."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.json_schemas import schema_errors

from n3fit.runcard.json_schema import SHIPPED, json_schema, json_schema_text, write_json_schema
from n3fit.runcard.yaml_reader import parse_yaml

Change = Callable[..., str]
SCHEMA = json_schema()


def errors(text: str) -> list[str]:
    return schema_errors(SCHEMA, parse_yaml(text, "card").data)


def test_the_shipped_file_is_the_generated_one(tmp_path: Path) -> None:
    write_json_schema(tmp_path / "schema.json")
    generated = (tmp_path / "schema.json").read_text(encoding="utf-8")
    assert generated == json_schema_text()
    assert SHIPPED.read_text(encoding="utf-8") == generated, "run: python -m n3fit.runcard.json_schema"
    assert json.loads(generated) == SCHEMA


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[2] / "runcards").glob("*.yml")), ids=lambda path: path.stem
)
def test_the_runcards_of_the_project_follow_the_schema(path: Path) -> None:
    assert errors(path.read_text()) == []


@pytest.mark.parametrize(
    "changes",
    [
        [],
        [("genrep: true", "genrep: true\nsave: false\nload:")],
        [("genrep: true", "genrep: true\nx-helper: [1]\nsum_rules: VSR")],
        [("trainable", "mutsize: [15], trainable")],
        [("maxlambda: 1e2", "poslambda: 1e2")],
        [("variant: legacy}", "variant: [legacy, other]}")],
        [("  fitbasis: EVOL", "  fitbasis: EVOL\n  diagonal_frac: 0.5")],
        [("theoryid: 400", "theoryid: dis_nnlo")],
    ],
)
def test_what_is_read_is_accepted(changed: Change, changes: list[tuple[str, str]]) -> None:
    assert errors(changed(*changes)) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("trvlseed: 1", "trlvseed: 1"), ".trlvseed: unknown"),
        (("learning_rate", "learningrate"), ".parameters.optimizer.learningrate: unknown"),
        (("fitbasis: EVOL", "fitbasis: EVIL"), ".fitting.fitbasis: enum"),
        (("epochs: 17000", "epochs: many"), ".parameters.epochs: type integer"),
        (("epochs: 17000", "epochs: 0"), ".parameters.epochs: range"),
        (("frac: 0.5", "frac: 2"), ".dataset_inputs[1].frac: anyOf"),
        (("smallx: [1.05, 1.19]", "smallx: [1.05]"), ".fitting.basis[0].smallx: length"),
        (("{theoryid: 400}", "{}"), ".theory.theoryid: required"),
    ],
)
def test_mistakes_are_marked(changed: Change, change: tuple[str, str], place: str) -> None:
    assert place in errors(changed(change))


def test_every_key_has_a_meaning() -> None:
    sections = [SCHEMA, *SCHEMA["$defs"].values()]
    described = [content for section in sections for content in section["properties"].values()]
    assert len(described) > 150
    assert all(content.get("description") for content in described)
