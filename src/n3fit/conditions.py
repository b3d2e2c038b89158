"""Conditions on kinematic variables, such as ``x > 0.1 and Q2 < 30``: their grammar, without evaluation.

The text is parsed by Python's own grammar, of which only arithmetic, comparisons, ``and``, ``or``, ``not``, numbers,
names and a few functions are accepted. :mod:`n3fit.data.expressions` evaluates a condition for the points of a data
set.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

LONGEST = 1000
"""Largest number of characters of a condition."""

FUNCTIONS = ("abs", "exp", "fabs", "log", "sqrt")
OPERATORS = (
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow),
    *(ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq),
    *(ast.USub, ast.UAdd, ast.Not, ast.And, ast.Or),
)
_NODES = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Name, ast.Load, *OPERATORS)
_GRAMMAR = "arithmetic, comparisons, and, or, not, abs, exp, fabs, log and sqrt"
EXAMPLE = "a condition such as 'x > 0.1'"
EXPRESSION_EXAMPLE = "an expression such as 'Q2 * (1 - x) / x'"


class ConditionError(ValueError):
    """A text that is not a condition: what was expected, and what is not allowed."""

    def __init__(self, expected: str, hint: str = "") -> None:
        super().__init__(f"expected {expected}")
        self.expected = expected
        self.hint = hint


def parse_condition(text: str) -> ast.expr:
    """Return the syntax tree of a condition.

    Whether its names are variables of a data set, and whether its value is true or false, is checked when it is
    evaluated.

    >>> type(parse_condition("x > 0.1 and Q2 < 30")).__name__
    'BoolOp'

    Raises
    ------
    ConditionError
        The text is too long, is not an expression, or has something else than the grammar above.
    """
    return _parse(text, "a condition", EXAMPLE)


def parse_expression(text: str) -> ast.expr:
    """Return the syntax tree of an expression, such as a local variable of a rule; see :func:`parse_condition`.

    >>> type(parse_expression("Q2 * (1 - x) / x")).__name__
    'BinOp'
    """
    return _parse(text, "an expression", EXPRESSION_EXAMPLE)


def _parse(text: str, kind: str, example: str) -> ast.expr:
    if len(text) > LONGEST:
        raise ConditionError(f"{kind} of at most {LONGEST} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval")
        foreign = next(_foreign_nodes(tree), None)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConditionError(example) from error
    if foreign is not None:
        raise ConditionError(example, f"{foreign} is not allowed, only {_GRAMMAR}")
    return tree.body


def _foreign_nodes(tree: ast.AST) -> Iterator[str]:
    """Yield the names of the parts of a tree that are not in the grammar."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name not in FUNCTIONS or len(node.args) != 1 or node.keywords:
                yield f"{name} with other than one argument" if name in FUNCTIONS else "another function"
        elif isinstance(node, ast.Constant):
            if not _is_number(node.value):
                yield f"{node.value!r}"[:30]
        elif not isinstance(node, _NODES):
            yield type(node).__name__


def _is_number(value: object) -> bool:
    """Return whether a constant is a number that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        float(value)
    except OverflowError:
        return False
    return True
