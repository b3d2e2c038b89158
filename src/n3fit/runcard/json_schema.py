"""The JSON schema of runcards, for editors: completion, meanings, and errors while typing.

It is generated from the schema of the keys and shipped with the package; ``n3fit schema`` writes it. It does not
contain the rules between keys, which ``n3fit check`` checks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from n3fit.runcard.legacy import EXPERIMENTS, LATER
from n3fit.runcard.old_keys import DEAD, OLD_PLACES, RENAMED, Pattern
from n3fit.runcard.pdf_model import NETWORK_ONLY
from n3fit.runcard.schema import Runcard
from n3fit.runcard.scopes import SCOPES, TOP, homes
from n3fit.runcard.trial_specs import NETWORK_KEYS
from n3fit.runcard.values import SHOWN_DEFAULT
from n3fit.vocabulary import NETWORK_MODEL

SHIPPED = Path(__file__).parents[1] / "resources" / "runcard.schema.json"
"""The generated file in the package."""

TITLE = "Runcard of n3fit"
LIMITS: Mapping[str, str] = MappingProxyType(
    {
        "ge": "minimum",
        "gt": "exclusiveMinimum",
        "le": "maximum",
        "lt": "exclusiveMaximum",
        "min_length": "minLength",
    }
)
DIALECT = "https://json-schema.org/draft/2020-12/schema"
HELPERS = "^(x-.*|N*LODatasets)$"
"""Keys of the top level that hold values for aliases; other names are accepted there too, where an alias uses them."""

Schema = dict[str, Any]


def write_json_schema(path: Path) -> None:
    """Write the JSON schema of runcards to a file."""
    path.write_text(json_schema_text(), encoding="utf-8")


def json_schema_text() -> str:
    """Return the JSON schema of runcards as text, the same every time."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


def json_schema() -> Schema:
    """Return the JSON schema of runcards."""
    schema: Schema = Runcard.model_json_schema()
    for section in [schema, *schema["$defs"].values()]:
        _make_empty_keys_optional(section)
    _add_old_keys(schema)
    _leave_network_to_trials(schema)
    for scope in (TOP, *SCOPES):
        section = schema if scope == TOP else _section(schema, (scope,))
        elsewhere = [name for name, home in homes(LATER).items() if home != scope and name not in section["properties"]]
        section["patternProperties"] = {f"^({'|'.join(elsewhere)})$": {}}
    schema["patternProperties"] |= {HELPERS: {}}
    schema["properties"][EXPERIMENTS] = {"type": "array", "description": "old form of dataset_inputs"}
    del schema["required"]
    today = ["dataset_inputs", "theory", "trvlseed", "nnseed", "fitting", "parameters"]
    schema["anyOf"] = [{"required": today}, {"required": [EXPERIMENTS, "fitting"]}]
    schema["title"] = TITLE
    schema.pop("description", None)
    return {"$schema": DIALECT, **_in_words_of_json_schema(schema)}


def _make_empty_keys_optional(section: Schema) -> None:
    """Accept a key without a value for every key that is not required."""
    for name, content in section.get("properties", {}).items():
        if name in section.get("required", ()):
            continue
        kept = {key: content.pop(key) for key in ("description", "default") if key in content}
        if SHOWN_DEFAULT in content:
            kept.pop("default", None)
            kept["description"] += f" (default: {content.pop(SHOWN_DEFAULT)})"
        content.pop("title", None)
        if {"type": "null"} not in content.get("anyOf", ()):
            content = {"anyOf": [content, {"type": "null"}]}
        section["properties"][name] = kept | content


def _leave_network_to_trials(schema: Schema) -> None:
    """Require the keys of the network in ``parameters``, unless it names another model or a trial has them.

    Beside ``trial_specs`` they are refused.
    """
    required = schema["$defs"]["Parameters"].pop("required")
    of_network = [name for name in required if name in NETWORK_ONLY]
    schema["if"] = {"required": ["trial_specs"], "properties": {"trial_specs": {"type": "object"}}}
    schema["then"] = {"properties": {"parameters": {"properties": dict.fromkeys(NETWORK_KEYS, False)}}}
    another = {"required": ["model"], "properties": {"model": {"type": "string", "pattern": f"^(?!{NETWORK_MODEL}$)"}}}
    rest = [name for name in required if name not in of_network]
    needed = {"required": rest, "if": another, "then": {}, "else": {"required": of_network}}
    schema["else"] = {"properties": {"parameters": needed}}


def _add_old_keys(schema: Schema) -> None:
    """Add keys without effect, with an old name, or not supported yet, marked so that editors strike them out."""
    for pattern, reason in DEAD.items():
        _add(schema, pattern, {"deprecated": True, "description": f"without effect: {reason}"})
    for pattern, target in RENAMED.items():
        _add(schema, pattern, {"deprecated": True, "description": f"the old name of {'.'.join(target)}"})
        section = _section(schema, pattern[:-1])
        if "required" in section and target[:-1] == pattern[:-1]:
            section["required"] = [name for name in section["required"] if name != target[-1]]
    for name in sorted(OLD_PLACES):
        _add(schema, ("fitting", name), {"deprecated": True, "description": f"the old place of {name}"})
    for pattern in sorted(LATER):
        _add(schema, pattern, {"description": "known, and not supported yet"})


def _add(schema: Schema, pattern: Pattern, content: Schema) -> None:
    _section(schema, pattern[:-1])["properties"].setdefault(pattern[-1], content)


def _section(schema: Schema, pattern: Pattern) -> Schema:
    """Return the schema of the mapping at a pattern."""
    section = schema
    for part in pattern:
        content = section["items"] if part == "*" else section["properties"][part]
        section = next(_alternatives(schema, content))
    return section


def _alternatives(schema: Schema, content: Schema) -> Iterator[Schema]:
    """Yield the mappings and lists that a value may be."""
    for option in content.get("anyOf", [content]):
        target = schema["$defs"][option["$ref"].rpartition("/")[2]] if "$ref" in option else option
        if "properties" in target or "items" in target:
            yield target


def _in_words_of_json_schema(content: Any) -> Any:
    """Return a schema without titles, which repeat the names, and with limits in the words of JSON Schema.

    pydantic leaves its own words for limits of a type that has a validator.
    """
    if isinstance(content, dict):
        return {
            LIMITS.get(key, key): _in_words_of_json_schema(value)
            for key, value in content.items()
            if not (key == "title" and isinstance(value, str) and value != TITLE)
        }
    return [_in_words_of_json_schema(value) for value in content] if isinstance(content, list) else content


if __name__ == "__main__":
    write_json_schema(SHIPPED)
