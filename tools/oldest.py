"""Print the oldest versions that pyproject.toml allows, as constraints for pip.

Run as ``python tools/oldest.py [EXTRA ...]``: the lower bounds of the dependencies, and of those of the extras named.
``pip install --constraint FILE`` then installs the oldest release of each; what only other packages need stays free.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"

_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[[^]]*\])?\s*(?P<bounds>[^;]*)(?:;.*)?")
_BOUND = re.compile(r"(?:>=|==|~=)\s*(?P<version>[\w.]+)")


def main(arguments: list[str]) -> int:
    """Print the constraints of the dependencies and of the extras in ``arguments``; return the exit code."""
    try:
        constraints = list(oldest(PYPROJECT.read_text(encoding="utf-8"), arguments))
    except ValueError as error:
        print(f"oldest: {error}", file=sys.stderr)
        return 2
    print(*constraints, sep="\n")
    return 0


def oldest(pyproject: str, extras: Iterable[str] = ()) -> Iterator[str]:
    """Yield ``name==version`` for each dependency of a pyproject.toml and of its ``extras``.

    Raises
    ------
    ValueError
        An extra does not exist, or a dependency has no lower bound.
    """
    project = tomllib.loads(pyproject)["project"]
    optional = project.get("optional-dependencies", {})
    unknown = sorted(set(extras) - set(optional))
    if unknown:
        raise ValueError(f"extras: expected some of {', '.join(sorted(optional))}, received {', '.join(unknown)}")
    for requirement in [*project["dependencies"], *(entry for extra in extras for entry in optional[extra])]:
        yield _lower_bound(requirement)


def _lower_bound(requirement: str) -> str:
    match = _REQUIREMENT.fullmatch(requirement.strip())
    bound = _BOUND.search(match["bounds"]) if match else None
    if match is None or bound is None:
        raise ValueError(f"{requirement}: expected a lower bound, as in name>=1.2")
    return f"{match['name']}=={bound['version']}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
