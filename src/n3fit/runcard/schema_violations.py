"""Pydantic's errors about the content of a file as violations, with key, expected, received and hint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from n3fit.errors import did_you_mean, nearest
from n3fit.runcard.legacy import LATER
from n3fit.runcard.reference import REFERENCE, describe_keys, section_at
from n3fit.runcard.schema import Runcard
from n3fit.runcard.values import VIOLATION, RuncardSection, show_value
from n3fit.runcard.violations import MOST_VIOLATIONS, Violation
from n3fit.storage.key_path import KeyPath

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_EXPECTED: Mapping[str, str] = MappingProxyType(
    {
        "missing": "a value",
        "model_type": "a mapping of keys",
        "dict_type": "a mapping of keys",
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
)


def schema_violations(
    error: ValidationError, content: Mapping[str, Any], root: type[RuncardSection] = Runcard
) -> Iterator[Violation]:
    """Yield a violation for each of pydantic's errors about the content of a file whose schema is ``root``.

    A key that is missing because it is misspelt is reported once.
    """
    details = error.errors(include_url=False)[: MOST_VIOLATIONS + 1]
    misspelt = {_intended(detail["loc"], root) for detail in details if detail["type"] == "extra_forbidden"}
    for detail in details:
        if (detail["type"] == "missing" and detail["loc"] in misspelt) or _counts_wrong_entries(detail):
            continue
        key = _key_path(detail["loc"], content)
        unknown = detail["type"] == "extra_forbidden"
        message = _unknown_key(key, root) if unknown else _wrong_value(detail, root)
        yield Violation(key, message, detail["type"] == "missing")


def _counts_wrong_entries(detail: ErrorDetails) -> bool:
    """Return whether a list is long enough, and only its entries are wrong: pydantic does not count these."""
    return detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]


def _key_path(loc: tuple[int | str, ...], content: Mapping[str, Any]) -> KeyPath:
    """Return the part of ``loc`` that is in the content: pydantic adds names of union members and validators."""
    key: KeyPath = ()
    value: Any = content
    for position, part in enumerate(loc):
        inside = (isinstance(value, Mapping) and part in value) or (
            isinstance(value, list | tuple) and isinstance(part, int) and part < len(value)
        )
        if not inside:
            return (*key, part) if isinstance(value, Mapping) and position == len(loc) - 1 else key
        key = (*key, part)
        value = value[part]
    return key


def _wrong_value(detail: ErrorDetails, root: type[RuncardSection]) -> str:
    context = detail.get("ctx", {})
    if detail["type"] == VIOLATION:
        expected, hint = context["expected"], context["hint"]
    else:
        limits = {name: _shorten(value) for name, value in context.items()}
        expected = _EXPECTED.get(detail["type"], detail["msg"]).format(**limits)
        hint = ""
    if detail["type"] == "missing" and not isinstance(detail["loc"][-1], int):
        return f"expected this key, received nothing{_meaning(detail['loc'], root)}"
    received = "nothing" if detail["type"] == "missing" else show_value(detail["input"])
    return f"expected {expected}, received {received}" + (f" ({hint})" if hint else "")


def _shorten(limit: Any) -> Any:
    return int(limit) if isinstance(limit, float) and limit.is_integer() else limit


def _meaning(loc: tuple[int | str, ...], root: type[RuncardSection]) -> str:
    meaning = _meanings(root).get(".".join(part for part in loc if isinstance(part, str)), "")
    return f" ({meaning})" if meaning else ""


def _meanings(root: type[RuncardSection]) -> Mapping[str, str]:
    return REFERENCE if root is Runcard else describe_keys(root)


def _unknown_key(key: KeyPath, root: type[RuncardSection]) -> str:
    word, reference = str(key[-1]), _meanings(root)
    section = section_at(key[:-1], root)
    names = tuple(part if isinstance(part, str) else "*" for part in key[:-1])
    later = [pattern[-1] for pattern in LATER if pattern[:-1] == names and root is Runcard]
    known = [*(section.model_fields if section else ()), *later]
    text = f"expected a known key, received {show_value(word)}"
    elsewhere = [path for path in reference if path.rpartition(".")[2] == word]
    near = nearest(word, known)
    if near is None and elsewhere:
        home = elsewhere[0] if "." in elsewhere[0] else "the top level, without indentation"
        return f"{text} ({word} belongs at {home})"
    if near is None:
        anywhere = nearest(word, {path.rpartition(".")[2] for path in reference})
        paths = [path for path in reference if path.rpartition(".")[2] == anywhere]
        hint = f"did you mean {paths[0]}?" if paths else f"keys here: {', '.join(known[:12])}"
        return f"{text} ({hint})"
    return f"{text} ({did_you_mean(word, known)})"


def _intended(loc: tuple[int | str, ...], root: type[RuncardSection]) -> tuple[int | str, ...]:
    """Return the key that an unknown one seems to stand for, so that it is not reported as missing too."""
    section = section_at(loc[:-1], root)
    return (*loc[:-1], nearest(str(loc[-1]), section.model_fields if section else ()) or "")
