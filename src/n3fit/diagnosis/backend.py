"""The Keras backend: who chose it, and the devices that it finds, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from n3fit.diagnosis.libraries import installed_version
from n3fit.diagnosis.records import ERROR, WARNING, Finding

DEFAULT_BACKEND = "jax"
VARIABLE = "KERAS_BACKEND"

LONGEST_START = 90.0
"""Seconds after which a backend that has not started is an error."""

_LONGEST_REASON = 300


class DeviceProbe:
    """The start of the backend in another process, which may crash or hang without any harm.

    Parameters
    ----------
    command : sequence of str, optional
        What is run; see :mod:`n3fit.diagnosis.device_probe`.
    limit : float
        Seconds.
    """

    def __init__(self, command: tuple[str, ...] = (), limit: float = LONGEST_START) -> None:
        self._limit = limit
        self._process = subprocess.Popen(
            command or (sys.executable, "-m", "n3fit.diagnosis.device_probe"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )

    def finish(self) -> tuple[dict[str, str], tuple[Finding, ...]]:
        """Wait for the process, and return the description of the backend and what is wrong with it."""
        try:
            out, err = self._process.communicate(timeout=self._limit)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            text = f"the backend has not started after {self._limit:.0f} s"
            return {}, (Finding(ERROR, text, f"try another one with {VARIABLE}=jax"),)
        answer = _last_object(out)
        broken = answer.pop("broken", {})
        findings = [
            Finding(ERROR, f"{module} cannot be imported: {reason}", f"`pip install --force-reinstall {module}`")
            for module, reason in broken.items()
        ]
        if "error" in answer:
            return {}, (*findings, Finding(ERROR, str(answer["error"]), str(answer.get("hint", ""))))
        if "backend" not in answer:
            reason = ([line for line in err.strip().splitlines() if line.strip()] or ["no message"])[-1]
            text = f"the backend cannot be started (exit code {self._process.returncode}): {reason[:_LONGEST_REASON]}"
            return {}, (*findings, Finding(ERROR, text, "install Keras and the backend again"))
        findings += [Finding(WARNING, str(text)) for text in answer.pop("warnings", ())]
        return {key: str(value) for key, value in answer.items()}, tuple(findings)


def chosen_backend(environment: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """Return the backend that a fit uses, and who chose it."""
    name = environment.get(VARIABLE, "")
    return (name, f"${VARIABLE}") if name else (DEFAULT_BACKEND, "the default of n3fit")


def settings_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the file with the settings of Keras; it may not exist."""
    return Path(environment.get("KERAS_HOME") or "~/.keras").expanduser() / "keras.json"


def backend_findings(environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Yield what contradicts the choice of the backend, and settings of Keras that n3fit does not expect."""
    name, source = chosen_backend(environment)
    path = settings_file(environment)
    if not path.is_file():
        return
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        yield Finding(WARNING, f"{path}: cannot be read ({error})", "correct or remove the file")
        return
    if not isinstance(settings, dict):
        yield Finding(WARNING, f"{path}: expected a mapping", "correct or remove the file")
        return
    other = settings.get("backend")
    # Keras writes tensorflow into this file by itself
    if other not in (None, name) and (other != "tensorflow" or installed_version("tensorflow-cpu")):
        text = f"{path}: backend: {other}, and n3fit uses {name} ({source})"
        yield Finding(WARNING, text, f"set {VARIABLE}={other} to use that one")
    if settings.get("floatx", "float32") != "float32":
        text = f"{path}: floatx: {settings['floatx']}, and n3fit sets the precision itself"
        yield Finding(WARNING, text, "use double_precision: true in the runcard")


def _last_object(text: str) -> dict[str, Any]:
    """Return the JSON object on the last line that has one; libraries may print before it."""
    for line in reversed(text.splitlines()):
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            return value
    return {}
