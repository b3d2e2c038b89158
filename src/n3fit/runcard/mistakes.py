"""What pydantic finds wrong in a card, told in one line for each mistake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from n3fit.errors import RuncardError, did_you_mean, nearest
from n3fit.runcard.legacy import LATER
from n3fit.runcard.schema import CONTRADICTIONS, REFERENCE, Runcard, sub_models
from n3fit.runcard.values import MISTAKE, Keys
from n3fit.storage.key_path import KeyPath, format_key

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from n3fit.storage.yaml_files import Document

_EXPECTED: Mapping[str, str] = {
    "missing": "a value",
    "model_type": "a mapping of keys",
    "model_attributes_type": "a mapping of keys",
    "finite_number": "a finite number",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "int_parsing_size": "a smaller integer",
    "float_type": "a number",
    "string_too_short": "a name",
    "string_pattern_mismatch": "a name without spaces",
    "too_short": "a list with at least {min_length} entry",
    "too_long": "a list of {max_length}",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
}
_LONGEST_VALUE = 60
MOST_MISTAKES = 20
"""Mistakes told at once."""


def explain(error: ValidationError, document: Document) -> Iterator[str]:
    """Give one line for each mistake: file, line, key, expected, received and what to do."""
    details = error.errors(include_url=False)[: MOST_MISTAKES + 1]
    misspelt = {_intended(detail["loc"]) for detail in details if detail["type"] == "extra_forbidden"}
    for detail in details:
        key = _key_path(detail["loc"], document)
        if detail["type"] == "missing" and detail["loc"] in misspelt:
            continue
        if detail["type"] == CONTRADICTIONS:
            for found in detail["ctx"]["contradictions"]:
                yield f"{document.name}:{document.line_of(found.key)}: {found.describe()}"
        elif detail["type"] == "extra_forbidden":
            yield f"{document.where(key)}: {_unknown_key(key)}"
        else:
            yield f"{document.where(key)}: {_wrong_value(detail)}"


def refuse(lines: list[str], document: Document) -> RuncardError:
    """Give the error that reports all ``lines`` at once."""
    unique = sorted(dict.fromkeys(lines), key=lambda line: _line_number(line, document))
    more = [f"{document.name}: there are more mistakes than these"] if len(unique) > MOST_MISTAKES else []
    return RuncardError("\n".join([*unique[:MOST_MISTAKES], *more]))


def _line_number(line: str, document: Document) -> int:
    number = line.removeprefix(f"{document.name}:").partition(":")[0]
    return int(number) if number.isdecimal() else 0


def _key_path(loc: tuple[int | str, ...], document: Document) -> KeyPath:
    """Keep what is in the file: pydantic adds names of union members and validators."""
    key: KeyPath = ()
    value: Any = document.data
    for position, part in enumerate(loc):
        inside = (isinstance(value, dict) and part in value) or (
            isinstance(value, list) and isinstance(part, int) and part < len(value)
        )
        if not inside:
            return (*key, part) if isinstance(value, dict) and position == len(loc) - 1 else key
        key = (*key, part)
        value = value[part]
    return key


def _wrong_value(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    if detail["type"] == MISTAKE:
        expected, hint = context["expected"], context["hint"]
    else:
        limits = {name: _shorten(value) for name, value in context.items()}
        expected = _EXPECTED.get(detail["type"], detail["msg"]).format(**limits)
        hint = ""
    if detail["type"] == "missing" and not isinstance(detail["loc"][-1], int):
        return f"expected this key, received nothing{_meaning(detail['loc'])}"
    received = "nothing" if detail["type"] == "missing" else show_value(detail["input"])
    return f"expected {expected}, received {received}" + (f" ({hint})" if hint else "")


def _shorten(limit: Any) -> Any:
    return int(limit) if isinstance(limit, float) and limit.is_integer() else limit


def _meaning(loc: tuple[int | str, ...]) -> str:
    meaning = REFERENCE.get(".".join(part for part in loc if isinstance(part, str)), "")
    return f" ({meaning})" if meaning else ""


def show_value(value: Any) -> str:
    """Give a value as the file would show it, shortened."""
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "a mapping with the keys " + ", ".join(list(value)[:4]) if value else "an empty mapping"
    text = repr(value if not isinstance(value, str) else value[: 2 * _LONGEST_VALUE])
    if len(text) <= _LONGEST_VALUE:
        return text
    return f"a list of {len(value)}" if isinstance(value, list | tuple) else f"{text[:_LONGEST_VALUE]}..."


def _unknown_key(key: KeyPath) -> str:
    word = str(key[-1])
    level = _model_at(key[:-1])
    names = tuple(part if isinstance(part, str) else "*" for part in key[:-1])
    later = [pattern[-1] for pattern in LATER if pattern[:-1] == names]
    known = [*(level.model_fields if level else ()), *later]
    text = f"expected a known key, received {show_value(word)}"
    elsewhere = [path for path in REFERENCE if path.rpartition(".")[2] == word]
    near = nearest(word, known)
    if near is None and elsewhere:
        home = elsewhere[0] if "." in elsewhere[0] else "the top level, without indentation"
        return f"{text} ({word} belongs at {home})"
    if near is None:
        anywhere = nearest(word, {path.rpartition(".")[2] for path in REFERENCE})
        paths = [path for path in REFERENCE if path.rpartition(".")[2] == anywhere]
        hint = f"did you mean {paths[0]}?" if paths else f"keys here: {', '.join(known[:12])}"
        return f"{text} ({hint})"
    return f"{text} ({did_you_mean(word, known)})"


def _intended(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Give the key that an unknown one seems to stand for, so that it is not reported as missing too."""
    level = _model_at(loc[:-1])
    return (*loc[:-1], nearest(str(loc[-1]), level.model_fields if level else ()) or "")


def _model_at(path: KeyPath) -> type[Keys] | None:
    model: type[Keys] | None = Runcard
    for part in path:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part) if model is not None else None
        model = next(sub_models(field.annotation), None) if field is not None else None
    return model


def format_refusals(refused: list[tuple[KeyPath, str]], document: Document) -> list[str]:
    """Give the lines for keys that are known and not supported."""
    return [f"{document.name}:{document.line_of(key)}: {format_key(key)}: {reason}" for key, reason in refused]
