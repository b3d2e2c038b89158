"""The entry point of the command ``n3fit``, outside the package of that name.

The distribution nnpdf has a package and a command called n3fit too. In one environment they overwrite each other,
depending on the order of installation: nothing of n3fit is imported before this module has checked that.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import metadata, util
from pathlib import Path
from typing import NoReturn

FOREIGN_DISTRIBUTION = "nnpdf"
PACKAGE = "n3fit"
EXIT_CODE = 4
INTERRUPTED = 130
TERMINATED = 143
HINT = "install n3fit into an environment of its own: python -m venv n3fit-env && n3fit-env/bin/pip install n3fit"


def main() -> int:
    """Run the command line and return its exit code; if it cannot run, print the reason in one line."""
    clash = find_clash()
    if clash is not None:
        sys.stderr.write(f"n3fit: error: {clash} ({HINT})\n")
        return EXIT_CODE
    try:
        from n3fit.cli.main import main as run_command  # only now: another package may be called n3fit
    except KeyboardInterrupt:
        sys.stderr.write("n3fit: interrupted before the work began\n")
        return INTERRUPTED
    code = run_command()
    if code in (INTERRUPTED, TERMINATED):
        _leave(code)
    return code


def _leave(code: int) -> NoReturn:
    """End the process at once: libraries may still compute in threads, during which Python cannot end in order."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def find_clash() -> str | None:
    """Return a sentence about a foreign n3fit in this environment, None if there is none."""
    foreign = _foreign_distribution()
    if foreign is not None:
        return (
            f"{FOREIGN_DISTRIBUTION} {foreign.version} in this environment has a package and a command"
            f" called {PACKAGE} too, and they overwrite each other"
        )
    package = util.find_spec(PACKAGE)
    folders = list(package.submodule_search_locations or []) if package is not None else []
    if not any((Path(folder) / "cli" / "main.py").is_file() for folder in folders):
        where = folders[0] if folders else "nowhere"
        return f"the package {PACKAGE} that Python finds is another one ({where})"
    return None


def _foreign_distribution() -> metadata.Distribution | None:
    try:
        distribution = metadata.distribution(FOREIGN_DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return None
    same_name = distribution.name.lower() == FOREIGN_DISTRIBUTION  # the lookup finds nnpdf-data for nnpdf as well
    return distribution if same_name and _may_hold_package(distribution) else None


def _may_hold_package(distribution: metadata.Distribution) -> bool:
    """Return whether ``distribution`` may have a package n3fit: in its files, through a link, or without a list."""
    files = distribution.files
    if files is None:
        return True
    return any(file.parts[0] == PACKAGE or file.suffix == ".pth" for file in files)
