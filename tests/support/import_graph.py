"""The imports between the modules of the package, read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import n3fit

SOURCE = Path(n3fit.__file__).parent


def imports_of(package: str) -> dict[str, set[str]]:
    """Return, for each module of ``n3fit.package``, the modules of n3fit that it imports anywhere.

    Imports in functions and for type checking count.
    """
    known = {_name(path) for path in SOURCE.rglob("*.py")}
    graph = {}
    for path in sorted((SOURCE / package).rglob("*.py")):
        module = _name(path)
        found = {_nearest(name, known) for name in _imported(ast.walk(_parse(path)))}
        graph[module] = {name for name in found if name and name != module and not module.startswith(f"{name}.")}
    return graph


def all_imports() -> dict[str, set[str]]:
    """Return, for each module of the package, the modules of n3fit that it imports anywhere."""
    packages = (path.name for path in SOURCE.iterdir() if (path / "__init__.py").is_file())
    modules = {module: found for package in packages for module, found in imports_of(package).items()}
    for path in SOURCE.glob("*.py"):
        known = {_name(other) for other in SOURCE.rglob("*.py")}
        found = {_nearest(name, known) for name in _imported(ast.walk(_parse(path)))}
        modules[_name(path)] = {name for name in found if name not in ("", "n3fit", _name(path))}
    return modules


def other_libraries() -> dict[str, set[str]]:
    """Return, for each module of the package, the top-level names of the other libraries that it imports anywhere."""
    return {
        _name(path): {name.partition(".")[0] for name in _imported(ast.walk(_parse(path)))} - {"n3fit"}
        for path in SOURCE.rglob("*.py")
    }


def imports_at_import_time() -> dict[str, set[str]]:
    """Return, for each module, the modules that are executed before its own code is, parent packages included.

    A circle among them means that some module cannot be the first one to be imported.
    """
    known = {_name(path) for path in SOURCE.rglob("*.py")}
    graph = {}
    for path in SOURCE.rglob("*.py"):
        module = _name(path)
        found = {_nearest(name, known) for name in _imported(_at_top(_parse(path)))}
        executed = {parent for name in found for parent in (name, *_parents(name))}
        graph[module] = {name for name in executed if name and name != module and not module.startswith(f"{name}.")}
    return graph


def find_circle(graph: Mapping[str, set[str]]) -> list[str]:
    """Return the modules of one circle of imports, an empty list if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _name(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _at_top(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the statements that run at import, without those for type checking."""
    for node in tree.body:
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            yield node


def _imported(nodes: Iterator[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _nearest(name: str, known: set[str]) -> str:
    """Return the module that a dotted name is, or is defined in; empty for other packages."""
    while name and name not in known:
        name = name.rpartition(".")[0]
    return name


def _parents(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name
