"""Strict types of the values of a runcard: numbers, names, text and lists without conversion.

A quoted number is text, and true and false are not numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    JsonValue,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from n3fit.errors import did_you_mean

VIOLATION = "n3fit_violation"
"""Type of the pydantic errors whose context has the texts ``expected`` and ``hint``."""

SHOWN_DEFAULT = "shown_default"
_LONGEST_VALUE = 60

T = TypeVar("T")


@dataclass(frozen=True)
class Kind:
    """Metadata of an annotated type: its name in the documentation of the keys."""

    name: str


class RuncardSection(BaseModel):
    """Base of the mappings in a runcard: read-only, finite numbers, and known keys only."""

    # keys may begin with "model_", which pydantic before 2.10 keeps for itself
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=())


def violation(expected: str, hint: str = "") -> PydanticCustomError:
    """Return the error that a validator raises: what was ``expected``, and the next step."""
    return PydanticCustomError(VIOLATION, "expected {expected}", {"expected": expected, "hint": hint})


def one_of(*names: str) -> OneOf:
    """Return the validator of a key whose value is one of ``names``."""
    return OneOf(names)


@dataclass(frozen=True)
class OneOf:
    """Validator of a choice, which is an ``enum`` in the JSON schema."""

    names: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of the type with the validator in front."""
        return core_schema.no_info_before_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the JSON schema of the choice."""
        return handler(schema) | {"enum": list(self.names)}

    def check(self, value: Any) -> Any:
        """Return the value if it is one of the names."""
        if not isinstance(value, str) or value not in self.names:
            raise violation(list_names(self.names), did_you_mean(value, self.names) if isinstance(value, str) else "")
        return value


def choice(values: Iterable[str | bool]) -> WithJsonSchema:
    """Return the JSON schema of a key that is one of some values, for types whose validator chooses."""
    return WithJsonSchema({"enum": list(values)})


def list_names(names: Iterable[str]) -> str:
    """Return the text of a choice.

    >>> list_names(["dense", "dense_per_flavour"])
    'one of dense, dense_per_flavour'
    """
    return f"one of {', '.join(names)}"


def shown_default(text: str) -> dict[str, JsonValue]:
    """Return the schema entry of a default that the documentation shows otherwise than the value in the schema."""
    return {SHOWN_DEFAULT: text}


def show_value(value: Any) -> str:
    """Return a value as the file would show it, shortened to about 60 characters.

    >>> show_value({"a": 1, "b": 2}), show_value(None), show_value([1, 2])
    ('a mapping with the keys a, b', 'nothing', '[1, 2]')
    """
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "a mapping with the keys " + ", ".join(list(value)[:4]) if value else "an empty mapping"
    text = repr(value if not isinstance(value, str) else value[: 2 * _LONGEST_VALUE])
    if len(text) <= _LONGEST_VALUE:
        return text
    return f"a list of {len(value)}" if isinstance(value, list | tuple) else f"{text[:_LONGEST_VALUE]}..."


def _number(value: Any) -> Any:
    if isinstance(value, str):
        raise violation("a number", "remove the quotes" if _looks_like_number(value) else "")
    if isinstance(value, bool):
        raise violation("a number")
    return value


def _integer(value: Any) -> Any:
    if isinstance(value, str):
        raise violation("an integer", "remove the quotes" if _looks_like_number(value) else "")
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise violation("an integer")
    return value


def _looks_like_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _boolean(value: Any) -> Any:
    if not isinstance(value, bool):
        raise violation("true or false")
    return value


def _text(value: Any) -> Any:
    if isinstance(value, bool | int | float):
        raise violation("text", "put quotes around it if text is meant")
    if not isinstance(value, str):
        raise violation("text")
    return value


def _sequence(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        raise violation("a list")
    return value


def _joined(value: Any) -> Any:
    return "+".join(map(_text, value)) if isinstance(value, list | tuple) and value else _text(value)


def _ordered(limits: tuple[float, float]) -> tuple[float, float]:
    low, high = limits
    if low > high:
        raise violation("two numbers [lowest, highest] with lowest <= highest", "swap the two numbers")
    return limits


def _weights_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]*", name):
        raise violation("the name of a file, without a folder, spaces or '..'", "for instance weights.weights.h5")
    return name


def _hdf5_name(name: str) -> str:
    if not name.endswith((".h5", ".hdf5")):
        raise violation("an HDF5 file of weights, its name ending in .h5", "other formats are not read, for safety")
    return name


Number = Annotated[float, BeforeValidator(_number), Kind("number")]
PositiveNumber = Annotated[Number, Field(gt=0)]
NonNegativeNumber = Annotated[Number, Field(ge=0)]
Fraction = Annotated[Number, Field(ge=0, le=1)]
Integer = Annotated[int, BeforeValidator(_integer), Kind("integer")]
PositiveInteger = Annotated[Integer, Field(ge=1, lt=2**31)]
NonNegativeInteger = Annotated[Integer, Field(ge=0, lt=2**31)]
SEED_LIMIT = 2**32
Seed = Annotated[Integer, Field(ge=0, lt=SEED_LIMIT)]
StrictBool = Annotated[bool, BeforeValidator(_boolean), Kind("true or false")]
Text = Annotated[str, BeforeValidator(_text), Kind("text")]
Name = Annotated[Text, Field(min_length=1, pattern=r"^\S+$"), Kind("name")]
ListAsTuple = Annotated[tuple[T, ...], BeforeValidator(_sequence)]
"""A list in the file, a tuple in memory; a single value is not a list of one."""

JoinedNames = Annotated[
    Name,
    BeforeValidator(_joined),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
    Kind("name or list of names"),
]
"""One name or several; in memory one text, the names divided by ``+``."""

SetName = Annotated[
    Name,
    BeforeValidator(lambda value: str(value) if isinstance(value, int) and not isinstance(value, bool) else value),
    WithJsonSchema({"anyOf": [{"type": "string", "minLength": 1, "pattern": r"^\S+$"}, {"type": "integer"}]}),
    Kind("name"),
]
"""The name of a PDF set, or its number in the index of LHAPDF, text in memory."""

Range = Annotated[tuple[Number, Number], BeforeValidator(_sequence), AfterValidator(_ordered), Kind("[number, number]")]
"""Two finite numbers ``[lowest, highest]``."""


@dataclass(frozen=True)
class OffByFalse:
    """Validator of a key that is off without a value or with false, as in ``save: false``."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of the type with the validator in front."""
        return core_schema.no_info_before_validator_function(
            lambda value: None if value is False else value, handler(source)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the JSON schema of the type or false."""
        inner = handler(schema)
        return {"anyOf": [*inner.get("anyOf", [inner]), {"const": False}]}


SavedWeights = Annotated[Text, AfterValidator(_weights_name), AfterValidator(_hdf5_name), Kind("file name")]
LoadedWeights = Annotated[Text, AfterValidator(_hdf5_name), Kind("path")]
