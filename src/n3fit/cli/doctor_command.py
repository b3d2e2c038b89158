"""The command ``doctor``: the state of the installation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from n3fit.cli.formatting import align, format_bytes
from n3fit.cli.options import debug_option, json_option
from n3fit.cli.session import Session, emit_json

if TYPE_CHECKING:
    from n3fit.api import Diagnosis, Finding, Place

CANNOT_FIT = 4
"""Exit code where no fit can run."""

_MOST_NAMES = 8


@click.command()
@json_option
@debug_option
@click.pass_obj
def doctor(session: Session, /, as_json: bool, debug: bool) -> int:
    """Examine the installation.

    Prints versions, devices, cores and memory, search paths with what is found in each, the cache, what is missing for
    which command, and conflicts. The exit code is 4 if no fit can run.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    found = api.doctor()
    if session.json:
        emit_json("result", {"can_fit": found.can_fit, "diagnosis": found})
    else:
        click.echo("\n".join(describe_diagnosis(found)))
    return 0 if found.can_fit else CANNOT_FIT


def describe_diagnosis(found: Diagnosis) -> list[str]:
    """Return the state of an installation as lines of text; what is wrong comes last."""
    return [
        *describe_software(found),
        "",
        *describe_machine(found),
        "",
        *describe_places(found.places),
        "",
        *describe_findings(found.findings),
    ]


def describe_software(found: Diagnosis) -> list[str]:
    """Return the versions, and the extras with what is missing for them."""
    versions = [*found.versions.items(), *((entry.name, entry.installed) for entry in found.libraries)]
    lines = align(("software", "version"), [(name, version or "missing") for name, version in versions], "<<")
    rows = [(entry.name, ", ".join(entry.missing) or "-", entry.use) for entry in found.extras]
    if not rows:
        return lines
    lacking = next((entry.name for entry in found.extras if entry.missing), None)
    how = [] if lacking is None else [f"an extra is installed as in `pip install 'n3fit[{lacking}]'`"]
    return [*lines, "", *align(("extra", "missing", "for"), rows, "<<<"), *how]


def describe_machine(found: Diagnosis) -> list[str]:
    """Return backend, devices, cores, memory and the cache."""
    state = found.backend
    version = f" {state['backend_version']}" if "backend_version" in state else ""
    cache = ", ".join(f"{name} {format_bytes(size)}" for name, size in found.cache.items()) or "empty"
    return [
        f"backend: {state.get('backend', 'unknown')}{version} ({state.get('source', 'unknown')})",
        f"devices: {state.get('device', 'unknown')}",
        f"cores: {'unknown' if found.cores is None else found.cores}",
        f"memory: {'unknown' if found.memory_mb is None else format_bytes(found.memory_mb * 1e6)}",
        f"cache: {format_bytes(sum(found.cache.values()))} in {found.cache_folder or 'unknown'} ({cache})",
    ]


def describe_places(places: Sequence[Place]) -> list[str]:
    """Return a line for each folder that is searched."""
    rows = [(place.kind, str(place.path), _describe_names(place)) for place in places]
    return align(("searched for", "folder", "found"), rows, "<<<")


def describe_findings(findings: Sequence[Finding]) -> list[str]:
    """Return a line for each error and warning, or one that there is none."""
    if not findings:
        return ["nothing is wrong"]
    return [f"{entry.level}: {entry.text}{f' ({entry.hint})' if entry.hint else ''}" for entry in findings]


def _describe_names(place: Place) -> str:
    if not place.exists:
        return "is not there"
    more = f" and {len(place.found) - _MOST_NAMES} more" if len(place.found) > _MOST_NAMES else ""
    names = ", ".join(place.found[:_MOST_NAMES]) + more
    return names or ("is there" if place.kind == "profile" else "nothing")
