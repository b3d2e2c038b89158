"""Explanations of every key: complete, and with examples that the schema accepts."""

import pytest
from pydantic import ValidationError

from n3fit.errors import RuncardError
from n3fit.runcard.effects import MEANINGS
from n3fit.runcard.explanation import explain_key, explain_sections, key_names
from n3fit.runcard.legacy import LATER
from n3fit.runcard.old_keys import DEAD, OLD_PLACES, RENAMED
from n3fit.runcard.reference import reference_rows
from n3fit.runcard.schema import Runcard
from n3fit.runcard.values import RuncardSection
from n3fit.runcard.yaml_reader import parse_yaml

ROWS = {row.key: row for row in reference_rows()}


@pytest.mark.parametrize("key", ROWS)
def test_every_key_of_the_schema(key: str) -> None:
    (entry,) = explain_key(key)
    row = ROWS[key]
    assert (entry.key, entry.status, entry.meaning) == (key, "supported", row.meaning)
    assert (entry.type, entry.default, entry.allowed) == (row.type, row.default, row.allowed)
    assert entry.effect_meaning == MEANINGS[entry.effect]
    assert [name for name, _ in entry.keys] == [name for name in ROWS if name.rpartition(".")[0] == key]


def violations(key: str, example: str) -> list[tuple[int | str, ...]]:
    """Return the violations of the schema by an example, but for keys that are missing in it."""
    content = parse_yaml(example, "example").data
    try:
        Runcard.model_validate(content)
    except ValidationError as error:
        wrong = [detail["loc"] for detail in error.errors() if detail["type"] not in ("missing", "too_short")]
        return [loc for loc in wrong if key.split(".")[0] in loc]
    return []


@pytest.mark.parametrize("key", ROWS)
def test_every_example_is_accepted_at_its_place(key: str) -> None:
    example = explain_key(key)[0].example
    assert violations(key, example) == []
    value = parse_yaml(example, "example").data
    for part in key.split("."):
        while isinstance(value, list):
            value = value[0]
        value = value if part in value else next(iter(value.values()))
        value = value[part]


def test_a_wrong_example_would_be_found() -> None:
    assert violations("parameters.dropout", "parameters:\n  dropout: much") != []
    assert issubclass(Runcard, RuncardSection)


def test_an_example_of_a_mapping_has_the_keys_that_it_requires() -> None:
    assert explain_key("positivity.posdatasets")[0].example.splitlines() == [
        "positivity:",
        "  posdatasets:",
        "    - dataset: NNPDF_POS_2P24GEV_F2U",
        "      maxlambda: 1e6",
    ]
    assert explain_key("theorycovmatconfig.pc_parameters")[0].example.splitlines() == [
        "theorycovmatconfig:",
        "  pc_parameters:",
        "    f2p:",
        "      nodes: [0.0, 0.1, 1.0]",
        "      yshift: [0.0, 0.5, 0.0]",
    ]


@pytest.mark.parametrize(
    ("key", "physics", "effect"),
    [
        ("datacuts.q2min", True, "physics"),
        ("fitting.fitbasis", True, "physics"),
        ("fitting.basis.smallx", False, "methodology"),
        ("parameters.epochs", False, "methodology"),
        ("mcseed", False, "random numbers"),
        ("maxcores", False, "rounding"),
        ("fitting.savepseudodata", False, "none"),
    ],
)
def test_effects(key: str, physics: bool, effect: str) -> None:
    (entry,) = explain_key(key)
    assert (entry.changes_physics, entry.effect) == (physics, effect)


def test_a_name_stands_for_every_key_that_has_it() -> None:
    assert [entry.key for entry in explain_key("maxlambda")] == [
        "positivity.posdatasets.maxlambda",
        "integrability.integdatasets.maxlambda",
    ]
    assert explain_key("dataset_inputs[0].frac") == explain_key("dataset_inputs.frac")
    assert explain_key("posdatasets.dataset") == explain_key("positivity.posdatasets.dataset")
    assert explain_key("maxtau")[0].key == "datacuts.maxTau"


def test_places_beside_the_home_of_a_key() -> None:
    assert explain_key("datacuts.q2min")[0].elsewhere == ("", "fitting", "closuretest", "theory")
    assert explain_key("parameters.epochs")[0].elsewhere == ()


@pytest.mark.parametrize("pattern", [*DEAD, *RENAMED, *LATER])
def test_old_and_refused_keys(pattern: tuple[str, ...]) -> None:
    key = ".".join(part for part in pattern if part != "*")
    (entry,) = explain_key(key)
    expected = "without effect" if pattern in DEAD else "old name" if pattern in RENAMED else "refused"
    assert entry.status == expected
    assert entry.meaning.endswith(DEAD.get(pattern, entry.meaning))
    assert entry.type == entry.effect == ""


def test_old_places() -> None:
    for name in OLD_PLACES:
        assert explain_key(f"fitting.{name}")[0].meaning.startswith(f"the old place of {name},")
    assert explain_key("experiments")[0].status == "old name"


def test_an_unknown_key_is_an_error_with_the_nearest() -> None:
    with pytest.raises(RuncardError) as caught:
        explain_key("epoch")
    assert caught.value.message == "expected a key of runcards, received 'epoch'"
    assert caught.value.hint.startswith("did you mean parameters.epochs or ")
    with pytest.raises(RuncardError) as caught:
        explain_key("zzzz")
    assert caught.value.hint == "`n3fit explain` lists the keys"


def test_names_for_completion() -> None:
    names = key_names()
    assert names[: len(ROWS)] == tuple(ROWS)
    assert {"fiatlux", "fitting.ngen", "experiments"} <= set(names)
    assert [entry.key for entry in explain_sections()] == [key for key in ROWS if "." not in key]
