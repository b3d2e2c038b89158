"""Strict types of the values of a runcard: numbers, names, text and lists without conversion.

A quoted number is text, and true and false are not numbers.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from n3fit.errors import did_you_mean

VIOLATION = "n3fit_violation"
"""Type of the pydantic errors whose context has the texts ``expected`` and ``hint``."""

T = TypeVar("T")


class RuncardSection(BaseModel):
    """Base of the mappings in a runcard: read-only, finite numbers, and known keys only."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def violation(expected: str, hint: str = "") -> PydanticCustomError:
    """Return the error that a validator raises: what was ``expected``, and the next step."""
    return PydanticCustomError(VIOLATION, "expected {expected}", {"expected": expected, "hint": hint})


def one_of(*names: str) -> BeforeValidator:
    """Return the validator of a key whose value is one of ``names``."""

    def check(value: Any) -> Any:
        if not isinstance(value, str) or value not in names:
            raise violation(f"one of {', '.join(names)}", did_you_mean(value, names) if isinstance(value, str) else "")
        return value

    return BeforeValidator(check)


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


def _truth(value: Any) -> Any:
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


Number = Annotated[float, BeforeValidator(_number)]
PositiveNumber = Annotated[Number, Field(gt=0)]
NonNegativeNumber = Annotated[Number, Field(ge=0)]
Fraction = Annotated[Number, Field(ge=0, le=1)]
Integer = Annotated[int, BeforeValidator(_integer)]
PositiveInteger = Annotated[Integer, Field(ge=1, lt=2**31)]
NonNegativeInteger = Annotated[Integer, Field(ge=0, lt=2**31)]
Seed = Annotated[Integer, Field(ge=0, lt=2**32)]
StrictBool = Annotated[bool, BeforeValidator(_truth)]
Text = Annotated[str, BeforeValidator(_text)]
Name = Annotated[Text, Field(min_length=1, pattern=r"^\S+$")]
ListAsTuple = Annotated[tuple[T, ...], BeforeValidator(_sequence)]
"""A list in the file, a tuple in memory; a single value is not a list of one."""

Range = Annotated[tuple[Number, Number], BeforeValidator(_sequence), AfterValidator(_ordered)]
"""Two finite numbers ``[lowest, highest]``."""

SavedWeights = Annotated[Text, AfterValidator(_weights_name), AfterValidator(_hdf5_name)]
LoadedWeights = Annotated[Text, AfterValidator(_hdf5_name)]
