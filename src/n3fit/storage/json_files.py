"""JSON as its standard has it: no NaN and no Infinity, neither written nor read."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from n3fit.errors import DataError, ResourceError

LARGEST_FILE = 64 * 2**20


def to_json(value: object) -> str:
    """Give ``value`` as JSON text that ends with a newline; numbers that are not finite become null.

    Numpy scalars and arrays are written as numbers and lists, paths as text.
    """
    return json.dumps(_plain(value), indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises
    ------
    DataError
        Not JSON, a NaN literal, a repeated key, or not an object at the top.
    ResourceError
        The file is missing, cannot be read, or is larger than 64 MB.
    """
    text = read_text(path, limit=LARGEST_FILE)
    try:
        value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{path}: not valid JSON ({error})", hint="the file is damaged; restore it or fit again"
        ) from error
    if not isinstance(value, dict):
        raise DataError(f"{path}: expected a JSON object, received {type(value).__name__}")
    return value


def read_text(path: Path, *, limit: int = LARGEST_FILE) -> str:
    """Read a UTF-8 text file of at most ``limit`` bytes.

    Raises
    ------
    DataError
        The file is not UTF-8.
    ResourceError
        The file is missing, cannot be read or is too large.
    """
    try:
        size = path.stat().st_size
        if size > limit:
            raise ResourceError(f"{path}: {size} bytes, expected at most {limit}")
        return path.read_bytes().decode()
    except FileNotFoundError as error:
        raise ResourceError(f"{path}: missing", hint="the fit folder is incomplete; restore it or fit again") from error
    except OSError as error:
        raise ResourceError(f"{path}: cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 text (byte {error.start})", hint="the file is damaged") from error


def _refuse_constant(literal: str) -> NoReturn:
    raise ValueError(f"{literal} is not JSON")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key is repeated")
    return result


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)
