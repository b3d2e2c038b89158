"""The reply of a task as plain data: its value, its error, or that it was stopped."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

from n3fit import errors
from n3fit.cluster.interface import Finished
from n3fit.cluster.serialisation import serialise
from n3fit.errors import CommandLineError, DataError, FitError, N3fitError, ResourceError

STOPPED: Mapping[str, Any] = {"stopped": True}
"""The reply of a task that stopped on request, and wrote its checkpoint if it has one."""

_BY_EXIT_CODE = {kind.exit_code: kind for kind in (CommandLineError, DataError, ResourceError, FitError)}


def value_reply(name: str, value: Any) -> dict[str, Any]:
    """Return the reply with a value.

    Raises
    ------
    ResourceError
        The value cannot be sent to another process.
    """
    return {"value": serialise(value, f"{name}: the result")}


def error_reply(error: N3fitError) -> dict[str, Any]:
    """Return the reply with an error: only text and numbers, since errors of some classes cannot be sent."""
    return {
        "error": {
            "kind": type(error).__name__,
            "exit_code": error.exit_code,
            "message": error.message,
            "hint": error.hint,
        }
    }


def read_reply(name: str, reply: Mapping[str, Any]) -> Finished:
    """Return the finished task of a reply.

    An error has its class again if that is one of :mod:`n3fit.errors`, else the class of its exit code.
    """
    if "error" not in reply:
        return Finished(name, pickle.loads(reply["value"]))  # dask itself sends pickled objects only
    described = reply["error"]
    kind: Any = getattr(errors, described["kind"], None)
    if kind is None or kind is errors.MissingExtraError:
        kind = _BY_EXIT_CODE.get(described["exit_code"], N3fitError)
    return Finished(name, None, kind(described["message"], hint=described["hint"]))
