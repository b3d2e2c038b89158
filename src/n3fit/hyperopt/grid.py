"""The grid of a search space: all combinations of choices and of a few values of every number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from n3fit.hyperopt.space import Choice, Parameter, SearchSpace, Value


def grid_points(space: SearchSpace, steps: int) -> Iterator[dict[str, Value]]:
    """Yield the parameters of every trial of a grid, by name; each trial has only those of its choices.

    Parameters
    ----------
    space : SearchSpace
    steps : int
        Values of a number, its limits included; fewer where they are the same after rounding.
    """
    waiting: list[dict[str, Value]] = [{}]
    while waiting:
        point = waiting.pop()
        try:
            space.sample(_Fixed(point))
        except _UndecidedError as undecided:
            name, values = undecided.parameter.name, grid_values(undecided.parameter, steps)
            waiting += [{**point, name: value} for value in reversed(values)]
        else:
            yield point


def grid_values(parameter: Parameter, steps: int) -> list[Value]:
    """Return the values of a parameter in a grid: those of a choice, or ``steps`` numbers at most.

    >>> from n3fit.hyperopt.space import Number
    >>> grid_values(Number("rate", 0.5, 32, log=True), 2), grid_values(Number("epochs", 10, 11, step=1), 5)
    ([0.5, 32], [10.0, 11.0])
    """
    if isinstance(parameter, Choice):
        return list(parameter.values)
    if parameter.low == parameter.high or steps == 1:
        return [parameter.at(0.5)]
    spread = [parameter.at(k / (steps - 1)) for k in range(steps)]
    rounded = {parameter.rounded(value): value for value in spread}
    return [value if parameter.low <= value <= parameter.high else drawn for value, drawn in rounded.items()]


class _UndecidedError(Exception):
    """A parameter has no value in a point of a grid yet."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter.name)
        self.parameter = parameter


class _Fixed:
    """Values by the names of parameters."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values

    def __call__(self, parameter: Parameter) -> Value:
        if parameter.name not in self._values:
            raise _UndecidedError(parameter)
        return self._values[parameter.name]
