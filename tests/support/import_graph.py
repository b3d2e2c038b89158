"""The imports between the modules of the package, read from the source: functions and type checking included."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import n3fit

SOURCE = Path(n3fit.__file__).parent


def imports_of(package: str) -> dict[str, set[str]]:
    """Return, for each module of ``n3fit.package``, the modules of n3fit that it imports anywhere."""
    known = {_name(path) for path in SOURCE.rglob("*.py")}
    graph = {}
    for path in sorted((SOURCE / package).rglob("*.py")):
        module = _name(path)
        found = {_nearest(name, known) for name in _imported(ast.parse(path.read_text(encoding="utf-8")))}
        graph[module] = {name for name in found if name and name != module}
    return graph


def find_circle(graph: Mapping[str, set[str]]) -> list[str]:
    """Return the modules of one circle of imports, an empty list if there is none.

    A package that re-exports what its own modules define is no circle.
    """
    inner = {name: {other for other in others if not name.startswith(f"{other}.")} for name, others in graph.items()}
    try:
        TopologicalSorter(inner).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _name(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _nearest(name: str, known: set[str]) -> str:
    """Return the module that a dotted name is, or is defined in; empty for other packages."""
    while name and name not in known:
        name = name.rpartition(".")[0]
    return name
