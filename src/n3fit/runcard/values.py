"""The kinds of value that a runcard holds: numbers that mean what they look like, names and text.

A quoted number is text and a yes/no is not a number: neither is turned into the other in silence.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from n3fit.errors import did_you_mean

MISTAKE = "n3fit_mistake"
"""Type of the pydantic errors that carry an ``expected`` and a ``hint`` of our own."""

T = TypeVar("T")


class Keys(BaseModel):
    """Base of every mapping in a runcard: read-only, and no key but the known ones."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def mistake(expected: str, hint: str = "") -> PydanticCustomError:
    """Give the error to raise in a validator: what was ``expected``, and the next step."""
    return PydanticCustomError(MISTAKE, "expected {expected}", {"expected": expected, "hint": hint})


def one_of(*names: str) -> BeforeValidator:
    """Give the validator of a key that takes one of some names."""

    def check(value: Any) -> Any:
        if not isinstance(value, str) or value not in names:
            raise mistake(f"one of {', '.join(names)}", did_you_mean(value, names) if isinstance(value, str) else "")
        return value

    return BeforeValidator(check)


def _number(value: Any) -> Any:
    if isinstance(value, str):
        raise mistake("a number", "remove the quotes" if _looks_like_number(value) else "")
    if isinstance(value, bool):
        raise mistake("a number")
    return value


def _integer(value: Any) -> Any:
    if isinstance(value, str):
        raise mistake("an integer", "remove the quotes" if _looks_like_number(value) else "")
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise mistake("an integer")
    return value


def _looks_like_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _truth(value: Any) -> Any:
    if not isinstance(value, bool):
        raise mistake("true or false")
    return value


def _text(value: Any) -> Any:
    if isinstance(value, bool | int | float):
        raise mistake("text", "put quotes around it if that is what you mean")
    if not isinstance(value, str):
        raise mistake("text")
    return value


def _sequence(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        raise mistake("a list")
    return value


def _ordered(limits: tuple[float, float]) -> tuple[float, float]:
    low, high = limits
    if low > high:
        raise mistake("two numbers [lowest, highest] with lowest <= highest", "swap the two numbers")
    return limits


def _weights_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]*", name):
        raise mistake("the name of a file, without a folder, spaces or '..'", "for instance weights.weights.h5")
    return name


def _hdf5_name(name: str) -> str:
    if not name.endswith((".h5", ".hdf5")):
        raise mistake("an HDF5 file of weights, its name ending in .h5", "other formats are not read, for safety")
    return name


Number = Annotated[float, BeforeValidator(_number)]
PositiveNumber = Annotated[Number, Field(gt=0)]
NonNegativeNumber = Annotated[Number, Field(ge=0)]
Fraction = Annotated[Number, Field(ge=0, le=1)]
Integer = Annotated[int, BeforeValidator(_integer)]
PositiveInteger = Annotated[Integer, Field(ge=1, lt=2**31)]
NonNegativeInteger = Annotated[Integer, Field(ge=0, lt=2**31)]
Seed = Annotated[Integer, Field(ge=0, lt=2**32)]
Truth = Annotated[bool, BeforeValidator(_truth)]
Text = Annotated[str, BeforeValidator(_text)]
Name = Annotated[Text, Field(min_length=1, pattern=r"^\S+$")]
Listing = Annotated[tuple[T, ...], BeforeValidator(_sequence)]
"""A list in the file, a tuple in memory; scalars are not taken for lists of one."""

Range = Annotated[tuple[Number, Number], BeforeValidator(_sequence), AfterValidator(_ordered)]
"""Two finite numbers ``[lowest, highest]``."""

SavedWeights = Annotated[Text, AfterValidator(_weights_name), AfterValidator(_hdf5_name)]
LoadedWeights = Annotated[Text, AfterValidator(_hdf5_name)]
