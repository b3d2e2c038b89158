"""The examination of an installation, part by part; what breaks one part is a finding, and the others go on."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from n3fit.diagnosis import backend, libraries, places
from n3fit.diagnosis.records import ERROR, WARNING, Diagnosis, Finding, Place
from n3fit.errors import N3fitError

T = TypeVar("T")

OLDEST_PYTHON = (3, 11)


def diagnose(*, probe: Callable[[], backend.DeviceProbe] = backend.DeviceProbe) -> Diagnosis:
    """Return the state of the installation; nothing that is broken raises an error.

    Parameters
    ----------
    probe : callable
        Starts the backend in another process.
    """
    findings: list[Finding] = []
    with _warnings_as_findings(findings):
        running = _guarded("starting the backend", probe, findings)
        needed = _guarded("versions of libraries", libraries.read_libraries, findings) or ()
        extras = _guarded("versions of extras", libraries.read_extras, findings) or ()
        findings += _clash_findings(findings)
        findings += libraries.library_findings(needed)
        findings += _collect("settings of Keras", backend.backend_findings, findings)
        cores, memory = _read_machine(findings)
        found = tuple(place for read in _PLACES for place in _collect(f"{read[0]}", read[1], findings))
        findings += [*_collect("search paths", places.named_folder_findings, findings), *places.place_findings(found)]
        cache_folder, cache = _read_cache(findings)
        findings += _collect(
            "the working directory", lambda: places.writing_findings(Path.cwd(), "the working directory"), findings
        )
        name, source = backend.chosen_backend()
        device: dict[str, str] = {}
        if running is not None:
            device, problems = running.finish()
            findings += problems
    unique = dict.fromkeys(findings)
    return Diagnosis(
        versions=libraries.read_versions(),
        libraries=needed,
        extras=extras,
        backend={"backend": name, "source": source, **device},
        cores=cores,
        memory_mb=memory,
        cache_folder=cache_folder,
        cache=cache,
        places=found,
        findings=tuple(sorted(unique, key=lambda finding: finding.level != ERROR)),
    )


_PLACES: tuple[tuple[str, Callable[[], Iterator[Place]]], ...] = (
    ("theories", places.read_theories),
    ("PDF sets", places.read_pdf_sets),
    ("data", places.read_data),
    ("fits of nnpdf", places.read_nnpdf),
)


def _guarded(what: str, function: Callable[[], T], findings: list[Finding]) -> T | None:
    """Return the result of one part; whatever it raises becomes a finding."""
    try:
        return function()
    except N3fitError as error:
        findings.append(Finding(ERROR, error.message, error.hint))
    except Exception as error:  # noqa: BLE001 - a diagnosis reports what is broken, whatever it is
        text = " ".join(str(error).split())[:300]
        findings.append(Finding(WARNING, f"{what} cannot be examined: {type(error).__name__}: {text}"))
    return None


def _collect(what: str, function: Callable[[], Iterable[T]], findings: list[Finding]) -> list[T]:
    """Return the items of one part, those before an error too."""
    items: list[T] = []

    def read() -> None:
        for item in function():
            items.append(item)

    _guarded(what, read, findings)
    return items


def _clash_findings(findings: list[Finding]) -> Iterator[Finding]:
    if sys.version_info < OLDEST_PYTHON:
        yield Finding(ERROR, f"expected Python 3.11 or newer, received {sys.version.split()[0]}")

    def find() -> tuple[str | None, str]:
        from n3fit_launcher import HINT, find_clash

        return find_clash(), HINT

    clash = _guarded("other packages called n3fit", find, findings)
    if clash is not None and clash[0] is not None:
        yield Finding(ERROR, clash[0], clash[1])


def _read_machine(findings: list[Finding]) -> tuple[int | None, float | None]:
    from n3fit import machine

    cores = _guarded("cores", machine.usable_cores, findings)
    return cores, _guarded("memory", machine.memory_limit_mb, findings)


def _read_cache(findings: list[Finding]) -> tuple[Path | None, dict[str, int]]:
    def read() -> tuple[Path, dict[str, int]]:
        from n3fit.storage.cache_contents import read_contents

        contents = read_contents()
        return contents.folder, {kind.name: kind.size for kind in contents.kinds}

    found = _guarded("the cache", read, findings)
    if found is None:
        return None, {}
    findings += _collect("the cache", lambda: places.writing_findings(found[0], "the cache folder"), findings)
    return found


@contextmanager
def _warnings_as_findings(findings: list[Finding]) -> Iterator[None]:
    """Collect the warnings of n3fit, such as those about a profile, instead of printing them."""

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            findings.append(Finding(WARNING, record.getMessage()))

    logger = logging.getLogger("n3fit")
    collector: Any = Collector(logging.WARNING)
    propagated = logger.propagate
    logger.addHandler(collector)
    logger.propagate = False
    try:
        yield
    finally:
        logger.propagate = propagated
        logger.removeHandler(collector)
