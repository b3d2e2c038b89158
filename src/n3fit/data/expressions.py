"""Conditions on kinematic variables, such as ``x > 0.1 and Q2 < 30``, evaluated without running any code.

The text is parsed by Python's own grammar and only arithmetic, comparisons, ``and``, ``or``, ``not``, numbers, names
and four functions are understood. Everything is evaluated in floating point, point by point.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from n3fit.data.commondata import BoolArray, FloatArray
from n3fit.errors import DataError, RuncardError, nearest

LONGEST = 1000
"""Characters of a condition; longer ones are refused."""

_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = MappingProxyType(
    {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: np.divide, ast.Pow: np.power}
)
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = MappingProxyType(
    {
        ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
        ast.Eq: operator.eq, ast.NotEq: operator.ne,
    }
)  # fmt: skip
_UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = MappingProxyType(
    {ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: np.logical_not}
)
_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {"abs": np.abs, "exp": np.exp, "log": np.log, "sqrt": np.sqrt}
)


def evaluate_condition(text: str, variables: Mapping[str, FloatArray], *, where: str) -> BoolArray:
    """Give, for every point, whether the condition holds.

    Parameters
    ----------
    text : str
        The condition.
    variables : mapping of str to array (n,)
        What the names in the condition stand for.
    where : str
        What the condition belongs to, for error messages.

    Raises
    ------
    RuncardError
        The text is not a condition.
    DataError
        A name is not among the variables.
    """
    if len(text) > LONGEST:
        raise RuncardError(f"{where}: the rule has {len(text)} characters, at most {LONGEST} are accepted")
    try:
        tree = ast.parse(text.strip(), mode="eval")
        with np.errstate(all="ignore"):
            result = _Evaluator(text, variables, where).visit(tree.body)
    except (SyntaxError, RecursionError, ValueError) as error:
        raise RuncardError(f"{where}: the rule {text!r} cannot be read ({error})") from error
    count = len(next(iter(variables.values())))
    if np.asarray(result).dtype != np.bool_:
        raise RuncardError(f"{where}: the rule {text!r} must be true or false, such as 'x > 0.1'")
    return np.broadcast_to(result, (count,))


class _Evaluator(ast.NodeVisitor):
    def __init__(self, text: str, variables: Mapping[str, FloatArray], where: str) -> None:
        self.text = text
        self.variables = variables
        self.where = where

    def generic_visit(self, node: ast.AST) -> Any:
        raise RuncardError(
            f"{self.where}: the rule {self.text!r} uses {type(node).__name__}, which rules do not know",
            hint="arithmetic, comparisons, and, or, not, abs, exp, log and sqrt are allowed",
        )

    def visit_Constant(self, node: ast.Constant) -> Any:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            return self.generic_visit(node)
        return np.float64(node.value)

    def visit_Name(self, node: ast.Name) -> Any:
        if node.id not in self.variables:
            near = nearest(node.id, self.variables)
            raise DataError(
                f"{self.where}: the rule {self.text!r} needs {node.id!r}, which this data set does not have",
                hint=(f"did you mean {near!r}? " if near else "") + f"known: {', '.join(sorted(self.variables))}",
            )
        return self.variables[node.id]

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        function = _ARITHMETIC.get(type(node.op))
        if function is None:
            return self.generic_visit(node.op)
        return function(self.visit(node.left), self.visit(node.right))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        function = _UNARY.get(type(node.op))
        return self.generic_visit(node.op) if function is None else function(self.visit(node.operand))

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        combine = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
        result = self.visit(node.values[0])
        for value in node.values[1:]:
            result = combine(result, self.visit(value))
        return result

    def visit_Compare(self, node: ast.Compare) -> Any:
        result: Any = np.True_
        left = self.visit(node.left)
        for comparison, comparator in zip(node.ops, node.comparators, strict=True):
            function = _COMPARISONS.get(type(comparison))
            if function is None:
                return self.generic_visit(comparison)
            right = self.visit(comparator)
            result = np.logical_and(result, function(left, right))
            left = right
        return result

    def visit_Call(self, node: ast.Call) -> Any:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in _FUNCTIONS or len(node.args) != 1 or node.keywords:
            return self.generic_visit(node)
        return _FUNCTIONS[name](self.visit(node.args[0]))
