"""Import of the libraries of a fit and start of the backend; run in a process of its own by the diagnosis.

``python -m n3fit.diagnosis.device_probe`` prints one line of JSON: ``backend``, ``backend_version``, ``device`` and
``warnings``, or ``error`` and ``hint``; and ``broken``, the libraries that cannot be imported.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from n3fit.errors import N3fitError

NEEDED = (
    "filelock", "h5py", "numpy", "pineappl", "platformdirs", "psutil", "pydantic", "ruamel.yaml", "safetensors",
    "scipy", "threadpoolctl", "validobj",
)  # fmt: skip
"""Modules that every fit imports, besides the backend; nnpdf_data is left out, as its import takes seconds."""


def probe(modules: Sequence[str] = NEEDED) -> dict[str, Any]:
    """Return the backend, its version, its devices and warnings, or the error that stops it; and broken libraries."""
    broken = {name: reason for name in modules if (reason := _import_failure(name))}
    messages: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    logger = logging.getLogger("n3fit")
    collector = Collector(logging.WARNING)
    logger.addHandler(collector)
    try:
        from n3fit.backends import describe_device, start_devices

        start_devices()
        return {**describe_device(), "warnings": messages, "broken": broken}
    except N3fitError as error:
        return {"error": error.message, "hint": error.hint, "broken": broken}
    except ImportError as error:
        text = f"the backend cannot be imported: {_first_line(error)}"
        return {"error": text, "hint": "install Keras and the backend again", "broken": broken}
    finally:
        logger.removeHandler(collector)


def _import_failure(name: str) -> str:
    """Return why a module cannot be imported, an empty text if it can."""
    try:
        import_module(name)
    except Exception as error:  # noqa: BLE001 - a library that is broken may raise anything
        return f"{type(error).__name__}: {_first_line(error)}"
    return ""


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0][:300]


if __name__ == "__main__":
    print(json.dumps(probe()))  # noqa: T201 - read by the diagnosis
