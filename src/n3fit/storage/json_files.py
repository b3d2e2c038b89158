"""JSON as its standard has it, without NaN and Infinity; and text files."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NoReturn

from n3fit.errors import DataError, N3fitError, ResourceError
from n3fit.storage.large_files import LFS_HINT, LFS_SIGNATURE, describe_pointer

LARGEST_FILE = 64 * 2**20
"""Bytes of the largest file that is read unless a caller sets another limit."""

_ENCODER = json.JSONEncoder(allow_nan=False, ensure_ascii=False)


def to_json(value: object) -> str:
    """Return ``value`` as JSON text that ends with a newline; numbers that are not finite become null.

    Numpy scalars and arrays are written as numbers and lists, paths as text.
    """
    return _encode(value, "\n") + "\n"


def finite_or_none(value: float) -> float | None:
    """Return ``value`` as a float of Python, and None, JSON's null, for one that is not finite."""
    return float(value) if math.isfinite(value) else None


def parse_json(text: str) -> Any:
    """Return the value of a JSON text.

    Raises
    ------
    ValueError
        Not JSON, a NaN literal, a repeated key, or nested too deeply.
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_without_repeats)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def read_json(
    path: Path,
    *,
    error: type[N3fitError] | None = None,
    hint: str = "the file is damaged; restore it or fit again",
) -> dict[str, Any]:
    """Read a JSON object.

    Parameters
    ----------
    path : Path
    error : type, optional
        Class of all errors; by default as below.
    hint : str
        Next step for a file that is damaged.

    Raises
    ------
    DataError
        Not JSON, a NaN literal, a repeated key, or not an object at the top.
    ResourceError
        The file is missing, cannot be read, or is larger than 64 MB.
    """
    text = read_text(path, error=error)
    try:
        value = parse_json(text)
    except ValueError as problem:
        raise (error or DataError)(f"{path}: not valid JSON ({problem})", hint=hint) from problem
    if not isinstance(value, dict):
        raise (error or DataError)(f"{path}: expected a JSON object, received {type(value).__name__}", hint=hint)
    return value


def read_text(
    path: Path,
    *,
    limit: int = LARGEST_FILE,
    error: type[N3fitError] | None = None,
    errors: Literal["strict", "replace"] = "strict",
) -> str:
    """Read a UTF-8 text file of at most ``limit`` bytes.

    Parameters
    ----------
    path : Path
    limit : int
    error : type, optional
        Class of all errors; by default as below.
    errors : str
        Whether bytes that are not UTF-8 are an error, or are replaced.

    Raises
    ------
    DataError
        The file is not UTF-8, begins with a byte-order mark, or is a Git-LFS pointer.
    ResourceError
        The file is missing, cannot be read or is too large.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
    except FileNotFoundError as problem:
        hint = "" if error else "the fit folder is incomplete; restore it or fit again"
        raise (error or ResourceError)(f"{path}: missing", hint=hint) from problem
    except OSError as problem:
        raise (error or ResourceError)(f"{path}: cannot be read ({problem.strerror or problem})") from problem
    if len(content) > limit:
        raise (error or ResourceError)(f"{path}: expected at most {limit // 1000} kB, received more")
    if content.startswith(LFS_SIGNATURE):
        raise (error or DataError)(describe_pointer(path), hint=LFS_HINT)
    if content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise (error or DataError)(
            f"{path}:1: expected plain UTF-8, received a byte-order mark", hint="save as UTF-8 without BOM"
        )
    try:
        return content.decode(errors=errors)
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise (error or DataError)(
            f"{path}:{line}: expected UTF-8, received the byte 0x{content[problem.start]:02x}",
            hint="save the file as UTF-8",
        ) from problem


def _refuse_constant(literal: str) -> NoReturn:
    raise ValueError(f"{literal} is not JSON")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key is repeated")
    return result


def _encode(value: object, line: str) -> str:
    """Return the JSON text of a value as ``json.dumps`` with an indent of 1, whose encoder in Python is far slower.

    ``line`` is the end of a line with the indent of the next one.
    """
    if hasattr(value, "tolist"):  # of numpy, which reading runcards must not import
        value = value.tolist()
    if isinstance(value, str) or value is None or isinstance(value, bool | int):
        return _ENCODER.encode(value)
    if isinstance(value, float):
        return float.__repr__(value) if math.isfinite(value) else "null"
    inner = line + " "
    if isinstance(value, Mapping):
        pairs = {str(key): item for key, item in value.items()}
        parts = [f"{_ENCODER.encode(key)}: {_encode(item, inner)}" for key, item in pairs.items()]
        return f"{{{inner}{f',{inner}'.join(parts)}{line}}}" if parts else "{}"
    if isinstance(value, list | tuple):
        parts = [_encode(item, inner) for item in value]
        return f"[{inner}{f',{inner}'.join(parts)}{line}]" if parts else "[]"
    return _ENCODER.encode(str(value))
