"""Evaluation of conditions on kinematic variables, such as ``x > 0.1 and Q2 < 30``, without running any code.

The grammar is that of :mod:`n3fit.conditions`. Everything is evaluated in floating point, point by point.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from n3fit.conditions import EXAMPLE, EXPRESSION_EXAMPLE, ConditionError, parse_condition, parse_expression
from n3fit.errors import DataError, RuncardError, nearest
from n3fit.typing import Booleans, Floats

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
    {"abs": np.abs, "exp": np.exp, "fabs": np.abs, "log": np.log, "sqrt": np.sqrt}
)


def evaluate_condition(text: str, variables: Mapping[str, Floats], *, where: str) -> Booleans:
    """Return, for every point, whether the condition holds.

    Parameters
    ----------
    text : str
        The condition.
    variables : mapping of str to array (n,)
        Values of the names in the condition.
    where : str
        The rule or data set, for error messages.

    Raises
    ------
    RuncardError
        The text is not a condition.
    DataError
        A name is not among the variables.
    """
    result = _evaluate(text, variables, where, parse_condition)
    if result.dtype != np.bool_:
        raise RuncardError(f"{where}: expected {EXAMPLE} as rule, received {text!r}", hint="it must be true or false")
    return np.broadcast_to(result, _shape(variables))


def evaluate_expression(text: str, variables: Mapping[str, Floats], *, where: str) -> Floats:
    """Return the value of an expression for every point; see :func:`evaluate_condition`."""
    result = _evaluate(text, variables, where, parse_expression)
    if result.dtype == np.bool_:
        raise RuncardError(f"{where}: expected {EXPRESSION_EXAMPLE}, received {text!r}", hint="it must be a number")
    return np.broadcast_to(result, _shape(variables))


def _evaluate(
    text: str, variables: Mapping[str, Floats], where: str, parse: Callable[[str], ast.expr]
) -> np.ndarray[Any, Any]:
    try:
        with np.errstate(all="ignore"):
            return np.asarray(_Evaluator(text, variables, where).visit(parse(text)))
    except ConditionError as error:
        raise RuncardError(f"{where}: {error} as rule, received {text!r}", hint=error.hint) from error
    except RecursionError as error:
        raise RuncardError(f"{where}: expected a condition with less nesting as rule, received {text!r}") from error


def _shape(variables: Mapping[str, Floats]) -> tuple[int, ...]:
    return next(iter(variables.values())).shape


class _Evaluator(ast.NodeVisitor):
    def __init__(self, text: str, variables: Mapping[str, Floats], where: str) -> None:
        self.text = text
        self.variables = variables
        self.where = where

    def visit_Constant(self, node: ast.Constant) -> Any:
        return np.float64(node.value)  # type: ignore[arg-type]  # numbers only, by the grammar

    def visit_Name(self, node: ast.Name) -> Any:
        if node.id not in self.variables:
            near = nearest(node.id, self.variables)
            raise DataError(
                f"{self.where}: rule {self.text!r}: expected a variable of this data set, received {node.id!r}",
                hint=(f"did you mean {near!r}? " if near else "") + f"known: {', '.join(sorted(self.variables))}",
            )
        return self.variables[node.id]

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        return _ARITHMETIC[type(node.op)](self.visit(node.left), self.visit(node.right))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        return _UNARY[type(node.op)](self.visit(node.operand))

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
            right = self.visit(comparator)
            result = np.logical_and(result, _COMPARISONS[type(comparison)](left, right))
            left = right
        return result

    def visit_Call(self, node: ast.Call) -> Any:
        return _FUNCTIONS[ast.unparse(node.func)](self.visit(node.args[0]))
