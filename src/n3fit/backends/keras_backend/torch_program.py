"""Functions of PyTorch tensors as flat programs: what layers, gradients and optimisers compute, without their Python.

A small model spends most of an epoch in the Python code of Keras and in the bookkeeping of gradients. A program holds
the operations on tensors that one call of a function has led to, in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import getitem
from typing import Any

import torch
from torch import fx
from torch.fx.experimental.proxy_tensor import make_fx

from n3fit.backends.keras_backend.keras_private import operator_schema

Function = Callable[[list[Any], list[Any]], Sequence[Any]]


class NotRecordableError(RuntimeError):
    """The operations of a function depend on the values of its tensors, or do more than compute its results."""


class Program:
    """The operations of a function of tensors, recorded from one call with tensors that have shapes but no values.

    Nothing in it can depend on values that tensors had in this call: a function that reads them is refused.

    Parameters
    ----------
    function : callable
        ``function(changing, constant)`` returns a sequence of tensors, and leaves everything else as it is.
    changing, constant : sequences of tensors
        Examples of its arguments; later ones have the same shapes and types.

    Raises
    ------
    NotRecordableError
        The function reads values, draws random numbers, or changes one of its arguments in place.
    """

    def __init__(self, function: Function, changing: Sequence[Any], constant: Sequence[Any]) -> None:
        count = len(changing)

        def flat(*tensors: Any) -> list[Any]:
            return list(function(list(tensors[:count]), list(tensors[count:])))

        tensors = [tensor.detach() for tensor in (*changing, *constant)]
        self._signature = _signature(changing, constant)
        try:
            recorded = make_fx(flat, tracing_mode="fake", _allow_non_fake_inputs=True)(*tensors)
        except (RuntimeError, TypeError, ValueError, AssertionError, AttributeError, LookupError) as error:
            # the same call without recording raises what is wrong with the function itself
            raise NotRecordableError(str(error).strip().partition("\n")[0]) from error
        _refuse_effects(recorded.graph)
        self._constants, self._operations = _separate_constants(recorded, count)

    def accepts(self, changing: Sequence[Any], constant: Sequence[Any]) -> bool:
        """Return whether arguments have the shapes, types and devices of the recorded ones."""
        return self._signature == _signature(changing, constant)

    def bind(self, constant: Sequence[Any]) -> Callable[..., list[Any]]:
        """Compute what depends on the constant tensors alone, and return a function of the changing ones."""
        with torch.no_grad():
            return partial(self._operations.forward, *self._constants.forward(*constant))


def _signature(changing: Sequence[Any], constant: Sequence[Any]) -> list[tuple[Any, ...]]:
    shapes = [(tuple(tensor.shape), tensor.dtype, tensor.device) for tensor in (*changing, *constant)]
    return [(len(changing),), *shapes]


def _refuse_effects(graph: fx.Graph) -> None:
    """Raise if a program draws random numbers or changes one of its arguments."""
    for node in graph.nodes:
        if torch.Tag.nondeterministic_seeded in getattr(node.target, "tags", ()):
            raise NotRecordableError(f"{node.target} draws random numbers")
        if any(owner.op in ("placeholder", "get_attr") for owner in _changed_in_place(node)):
            raise NotRecordableError(f"{node.target} changes an argument in place")


def _changed_in_place(node: fx.Node) -> list[fx.Node]:
    """Return the nodes whose memory an operation changes."""
    schema = operator_schema(node.target)
    if schema is None:
        return []
    changed: list[fx.Node] = []
    for position, argument in enumerate(schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            value = node.args[position] if position < len(node.args) else node.kwargs[argument.name]
            changed += [_owner(entry) for entry in (value if isinstance(value, (list, tuple)) else [value])]
    return changed


def _owner(node: Any) -> fx.Node:
    """Return the node that has made the memory of another one, which is a view of it or it itself, changed in place."""
    while _shares_memory(node.target):
        node = node.args[0]
    owner: fx.Node = node
    return owner


def _shares_memory(target: Any) -> bool:
    """Return whether the result of an operation is its first argument, a part or a view of it."""
    schema = operator_schema(target)
    views = schema is not None and any(result.alias_info is not None for result in schema.returns)
    return views or target is getitem


def _separate_constants(recorded: fx.GraphModule, count: int) -> tuple[fx.GraphModule, fx.GraphModule]:
    """Divide a program into what depends on the constant arguments alone, and the rest.

    Returns
    -------
    constants : GraphModule
        Constant arguments to the values that the rest needs.
    operations : GraphModule
        These values, then the changing arguments, to the results.
    """
    placeholders = [node for node in recorded.graph.nodes if node.op == "placeholder"]
    changing = set(placeholders[:count])
    for node in recorded.graph.nodes:
        if node.op == "output" or changing.intersection(node.all_input_nodes):
            changing.add(node)
    written = {owner for node in recorded.graph.nodes for owner in _changed_in_place(node)}
    if written - changing:  # a constant would be changed again in every call
        changing.update(node for node in recorded.graph.nodes if node.op != "placeholder")
    needed = [
        node for node in recorded.graph.nodes if node not in changing and any(user in changing for user in node.users)
    ]
    constants, operations = fx.Graph(), fx.Graph()
    copies: dict[fx.Node, fx.Node] = {}
    for node in (*placeholders[count:], *recorded.graph.nodes):
        if node not in changing and node not in copies:
            copies[node] = constants.node_copy(node, copies.__getitem__)
    constants.output([copies[node] for node in needed])
    copies = {node: operations.placeholder(f"constant_{number}") for number, node in enumerate(needed)}
    for node in recorded.graph.nodes:
        if node in changing and node.op != "output":
            copies[node] = operations.node_copy(node, copies.__getitem__)
    (result,) = (node for node in recorded.graph.nodes if node.op == "output")
    operations.output(fx.map_arg(result.args[0], copies.__getitem__))
    for graph in (constants, operations):
        graph.eliminate_dead_code()
    return fx.GraphModule(recorded, constants), fx.GraphModule(recorded, operations)
