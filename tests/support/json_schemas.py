"""The part of JSON Schema that the schema of runcards uses."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "null": type(None),
    "boolean": bool,
    "number": (int, float),
}
KNOWN = {
    *("$ref", "type", "enum", "const", "anyOf", "properties", "patternProperties", "additionalProperties", "required"),
    *("items", "prefixItems", "minItems", "maxItems", "minLength", "pattern", "minimum", "maximum"),
    *("if", "then", "else"),
    *("exclusiveMinimum", "exclusiveMaximum", "description", "default", "deprecated", "title", "$defs", "$schema"),
}


def schema_errors(schema: dict[str, Any], value: Any, *, root: dict[str, Any] | None = None, at: str = "") -> list[str]:
    """Return the places of a value that violate a schema."""
    return list(_errors(schema, value, root or schema, at))


def _errors(schema: dict[str, Any] | bool, value: Any, root: dict[str, Any], at: str) -> Iterator[str]:
    if isinstance(schema, bool):
        if not schema:
            yield f"{at}: unknown"
        return
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    if "$ref" in schema:
        yield from _errors(root["$defs"][schema["$ref"].rpartition("/")[2]], value, root, at)
    if "type" in schema and not _is_type(schema["type"], value):
        yield f"{at}: type {schema['type']}"
        return
    if "enum" in schema and not any(
        value is entry or (value == entry and type(value) is type(entry)) for entry in schema["enum"]
    ):
        yield f"{at}: enum"
    if "const" in schema and value is not schema["const"]:
        yield f"{at}: const"
    if "anyOf" in schema and all(list(_errors(option, value, root, at)) for option in schema["anyOf"]):
        yield f"{at}: anyOf"
    if "if" in schema:
        branch = "else" if list(_errors(schema["if"], value, root, at)) else "then"
        yield from _errors(schema.get(branch, True), value, root, at)
    if isinstance(value, dict):
        yield from _object_errors(schema, value, root, at)
    elif isinstance(value, list):
        yield from _array_errors(schema, value, root, at)
    elif isinstance(value, str):
        if len(value) < schema.get("minLength", 0) or not re.search(schema.get("pattern", ""), value):
            yield f"{at}: text"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number_errors(schema, value, at)


def _is_type(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return isinstance(value, TYPES[name])


def _object_errors(schema: dict[str, Any], value: dict[str, Any], root: dict[str, Any], at: str) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at}.{name}: required"
    properties, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name, entry in value.items():
        matching = [content for pattern, content in patterns.items() if re.search(pattern, name)]
        if name in properties:
            matching.append(properties[name])
        for content in matching:
            yield from _errors(content, entry, root, f"{at}.{name}")
        if not matching and schema.get("additionalProperties") is False:
            yield f"{at}.{name}: unknown"


def _array_errors(schema: dict[str, Any], value: list[Any], root: dict[str, Any], at: str) -> Iterator[str]:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        yield f"{at}: length"
    first = schema.get("prefixItems", [])
    for number, entry in enumerate(value):
        content = first[number] if number < len(first) else schema.get("items", {})
        yield from _errors(content, entry, root, f"{at}[{number}]")


def _number_errors(schema: dict[str, Any], value: float, at: str) -> Iterator[str]:
    if value < schema.get("minimum", value) or value > schema.get("maximum", value):
        yield f"{at}: range"
    if value <= schema.get("exclusiveMinimum", -math.inf) or value >= schema.get("exclusiveMaximum", math.inf):
        yield f"{at}: range"
