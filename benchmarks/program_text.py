"""The operations of a compiled program of XLA, from its text."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

DEFINITION = re.compile(r"\s*(?:ROOT )?%?([\w.\-]+) = (\(.*?\)|\S+) ([\w\-]+)\((.*)")
COMPUTATION = re.compile(r"(?:ENTRY )?%?([\w.\-]+) \(.*\{$")
SHAPE = re.compile(r"(f32|f64|bf16|f16|s32|s64|u32|pred)\[([\d,]*)\]")
SIZES = {"f32": 4, "f64": 8, "bf16": 2, "f16": 2, "s32": 4, "s64": 8, "u32": 4, "pred": 1}


@dataclass(frozen=True)
class Operation:
    """An operation of a program.

    Parameters
    ----------
    name : str
    path : str
        The functions and layers that it belongs to.
    flops : int
        Additions and multiplications of its matrix products.
    bytes : int
        Size of its operands and of its result.
    """

    name: str
    path: str
    flops: int
    bytes: int


def read_operations(text: str) -> dict[str, Operation]:
    """Return the operations of all computations of a program by name."""
    shapes: dict[str, str] = {}
    products: dict[str, int] = {}
    lines: list[tuple[str, str, str, str]] = []
    computation = ""
    for line in text.splitlines():
        started = COMPUTATION.match(line)
        if started:
            computation = started[1]
            continue
        defined = DEFINITION.match(line)
        if not defined:
            continue
        name, shape, kind, rest = defined.groups()
        shapes[name] = shape
        lines.append((name, shape, kind, rest))
        if kind == "dot":
            products[computation] = products.get(computation, 0) + product_flops(shape, rest, shapes)
    return {name: _operation(name, shape, kind, rest, shapes, products) for name, shape, kind, rest in lines}


def _operation(
    name: str, shape: str, kind: str, rest: str, shapes: Mapping[str, str], products: Mapping[str, int]
) -> Operation:
    called = re.search(r"calls=%?([\w.\-]+)", rest)
    flops = product_flops(shape, rest, shapes) if kind == "dot" else products.get(called[1], 0) if called else 0
    path = re.search(r'op_name="([^"]*)"', rest)
    operands = [shapes.get(operand, "") for operand in operand_names(rest)]
    size = sum(map(bytes_of, [shape, *operands]))
    return Operation(name, path[1] if path else "", flops, size)


def operand_names(rest: str) -> list[str]:
    """Return the names of the operands from the text after the opening parenthesis."""
    return re.findall(r"%([\w.\-]+)", rest.partition(")")[0])


def product_flops(shape: str, rest: str, shapes: Mapping[str, str]) -> int:
    """Return the additions and multiplications of a matrix product."""
    contracted = re.search(r"lhs_contracting_dims=\{([\d,]*)\}", rest)
    left = _dimensions(shapes.get((operand_names(rest) or [""])[0], ""))
    axes = [int(axis) for axis in contracted[1].split(",") if axis] if contracted else []
    inner = math.prod(left[axis] for axis in axes if axis < len(left))
    return 2 * math.prod(_dimensions(shape)) * inner


def bytes_of(shape: str) -> int:
    """Return the bytes of a shape, all parts of a tuple together."""
    return sum(SIZES[kind] * math.prod(_sizes(sizes)) for kind, sizes in SHAPE.findall(shape))


def _dimensions(shape: str) -> list[int]:
    found = SHAPE.search(shape)
    return _sizes(found[2]) if found else []


def _sizes(text: str) -> list[int]:
    return [int(size) for size in text.split(",") if size]
