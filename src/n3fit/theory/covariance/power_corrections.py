"""Power corrections: shifts of the predictions that decrease with the hard scale of the process.

A prediction T becomes T (1 + h). The function h is linear between the values at some nodes, zero outside, and divided
by the hard scale: Q2 for deep-inelastic scattering, the transverse momentum of a jet, the mass of a pair of jets. Each
shift of the covariance has one node at its value and all others at zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from n3fit.data.categories import process_category
from n3fit.data.commondata import CommonData
from n3fit.errors import DataError
from n3fit.typing import Floats

PAIR = ("H2j_ystar", "H2j_yb")
"""Functions of two rapidities of a pair of jets: given together, they are varied for each pair of nodes."""

_DEUTERON_RATIO = "NMC_NC_NOTFIXED_EM-F2"
_PROTON = ("SLAC_NC_NOTFIXED_P_EM-F2", "BCDMS_NC_NOTFIXED_P_EM-F2", "NMC_NC_NOTFIXED_P_EM-SIGMARED")
_DEUTERON = ("SLAC_NC_NOTFIXED_D_EM-F2", "BCDMS_NC_NOTFIXED_D_EM-F2")
_CHARGED = ("CHORUS_CC", "NUTEV_CC", "HERA_CC")

Values = Mapping[str, Floats]
"""Values at the nodes of each function; those that are missing are zero."""


@dataclass(frozen=True)
class PiecewiseLinear:
    """Nodes, increasing, and the values there that are one shift each."""

    nodes: tuple[float, ...]
    shifts: tuple[float, ...]

    def evaluate(self, values: Floats, at: Floats) -> Floats:
        """Return the function with ``values`` (nnodes,) at its nodes, zero outside of them."""
        result: Floats = np.interp(at, self.nodes, values, left=0.0, right=0.0)
        return result

    @property
    def width(self) -> float:
        """Distance of the last from the first node."""
        return self.nodes[-1] - self.nodes[0]


@dataclass(frozen=True)
class PowerCorrections:
    """The power corrections of a runcard.

    Parameters
    ----------
    functions : mapping of str to PiecewiseLinear
        By their names, :data:`n3fit.vocabulary.POWER_CORRECTION_FUNCTIONS`.
    categories : tuple of str
        Process categories that are corrected.
    excluded : tuple of str
        Data sets that are not.
    """

    functions: Mapping[str, PiecewiseLinear]
    categories: tuple[str, ...]
    excluded: tuple[str, ...] = ()

    @property
    def paired(self) -> bool:
        """Whether corrections of pairs of jets depend on two rapidities."""
        return all(name in self.functions for name in PAIR)

    def variations(self) -> Iterator[Values]:
        """Yield the values at the nodes of each shift."""
        for name, function in self.functions.items():
            if not (self.paired and name in PAIR):
                for node in range(len(function.nodes)):
                    yield {name: self._one(name, node)}
        if self.paired:
            first, second = PAIR
            for i in range(len(self.functions[first].nodes)):
                for j in range(len(self.functions[second].nodes)):
                    yield {first: self._one(first, i), second: self._one(second, j)}

    def shifts(self, datasets: Sequence[CommonData], predictions: Sequence[Floats]) -> Floats:
        """Compute the shifts (n, N) of all points.

        Parameters
        ----------
        datasets : sequence of CommonData
            N points in all.
        predictions : sequence of arrays
            The prediction of each data set without corrections.

        Raises
        ------
        DataError
            Data sets have no correction, lack the coordinate that it depends on, or their function is not given; all
            are named.
        """
        variations = list(self.variations())
        problems, blocks = [], [np.zeros((len(variations), 0))]
        for dataset, prediction in zip(datasets, predictions, strict=True):
            block = np.zeros((len(variations), len(dataset)))
            if process_category(dataset) in self.categories and dataset.name not in self.excluded:
                try:
                    correction = self._correction(dataset)
                    block = np.stack([prediction * correction(values) for values in variations])
                except DataError as error:
                    problems.append(error.message)
            blocks.append(block)
        if problems:
            raise DataError("\n".join(problems), hint="name such data sets in theorycovmatconfig.pc_excluded_datasets")
        return np.concatenate(blocks, axis=1)

    def _one(self, name: str, node: int) -> Floats:
        values = np.zeros(len(self.functions[name].nodes))
        values[node] = self.functions[name].shifts[node]
        return values

    def _correction(self, dataset: CommonData) -> Callable[[Values], Floats]:
        """Return the relative correction (n,) of a data set as a function of the values at the nodes."""
        if dataset.name == _DEUTERON_RATIO:
            return self._ratio(dataset)
        if dataset.process_type == "DIJET_3D" or (dataset.process_type == "DIJET" and self.paired):
            return self._jet_pair(dataset)
        name, coordinate, scale = _dependence(dataset)
        function = self._function(name, dataset)
        at, over = _coordinate(dataset, coordinate), _coordinate(dataset, scale)
        return lambda values: function.evaluate(values[name], at) / over if name in values else np.zeros(len(dataset))

    def _ratio(self, dataset: CommonData) -> Callable[[Values], Floats]:
        """Return the correction of a ratio of deuteron to proton: (h_d - h_p) / (1 + h_p)."""
        functions = {name: self._function(name, dataset) for name in ("f2d", "f2p")}
        at, over = _coordinate(dataset, "x"), _coordinate(dataset, "Q2")

        def correction(values: Values) -> Floats:
            deuteron, proton = (
                function.evaluate(values[name], at) / over if name in values else np.zeros(len(dataset))
                for name, function in functions.items()
            )
            shifted: Floats = (deuteron - proton) / (1.0 + proton)
            return shifted

        return correction

    def _jet_pair(self, dataset: CommonData) -> Callable[[Values], Floats]:
        """Return the correction of a pair of jets: a product of functions of y* and y_b, or its mean over one."""
        star, boost = (self._function(name, dataset) for name in PAIR)
        mass = _coordinate(dataset, "m_jj")
        product = _jet_pair_product(dataset, star, boost)
        first, second = PAIR

        def correction(values: Values) -> Floats:
            if first not in values:
                return np.zeros(len(dataset))
            relative: Floats = product(values[first], values[second]) / mass
            return relative

        return correction

    def _function(self, name: str, dataset: CommonData) -> PiecewiseLinear:
        if name not in self.functions:
            raise DataError(f"{dataset.name}: its power corrections need {name} in theorycovmatconfig.pc_parameters")
        return self.functions[name]


def _dependence(dataset: CommonData) -> tuple[str, str, str]:
    """Return the function of the correction of a data set, its coordinate and the hard scale."""
    if dataset.process_type == "JET":
        return "Hj", "y", "pT"
    if dataset.process_type == "DIJET":
        experiment = _experiment(dataset)
        if experiment in ("ATLAS", "CMS"):
            coordinate = {"ATLAS": "ystar", "CMS": "ymax"}[experiment]
            return f"H2j_{coordinate}", coordinate, "m_jj"
    if dataset.is_dis:
        if dataset.name in _PROTON or dataset.name.startswith("HERA_NC_"):
            return "f2p", "x", "Q2"
        if dataset.name in _DEUTERON:
            return "f2d", "x", "Q2"
        if dataset.name.startswith(_CHARGED):
            return "dis_cc", "x", "Q2"
    raise DataError(f"{dataset.name}: there are no power corrections for this data set")


def _jet_pair_product(
    dataset: CommonData, star: PiecewiseLinear, boost: PiecewiseLinear
) -> Callable[[Floats, Floats], Floats]:
    """Return the product (n,) as a function of the values at the nodes of both functions.

    ATLAS does not measure y_b, CMS neither of the two but the larger rapidity, the sum of both.
    """
    if dataset.process_type == "DIJET_3D":
        at, at_boost = _coordinate(dataset, "ystar"), _coordinate(dataset, "yb")
        return lambda s, b: star.evaluate(s, at) * boost.evaluate(b, at_boost)
    if _experiment(dataset) == "ATLAS":
        at = _coordinate(dataset, "ystar")
        return lambda s, b: star.evaluate(s, at) * float(np.trapezoid(b, boost.nodes)) / boost.width
    largest = _coordinate(dataset, "ymax")
    return lambda s, b: _mean_of_product(star, s, boost, b, largest)


def _coordinate(dataset: CommonData, name: str) -> Floats:
    """Return a coordinate at the middle of the bins."""
    values = {"x": dataset.x, "Q2": dataset.q2}.get(name, dataset.kinematics.get(name))
    if values is None or not np.isfinite(values).all():
        raise DataError(f"{dataset.name}: its power corrections need the coordinate {name}, which it does not have")
    return values


def _experiment(dataset: CommonData) -> str:
    return dataset.name.partition("_")[0]


def _mean_of_product(star: PiecewiseLinear, s: Floats, boost: PiecewiseLinear, b: Floats, largest: Floats) -> Floats:
    """Return the integral of L*(y) L_b(y_max - y) over the nodes of L*, divided by their width, for each y_max (n,).

    The integrand is quadratic between the nodes of both functions, so that Simpson's rule there is exact.
    """
    means = np.zeros(len(largest))
    for point, maximum in enumerate(largest):
        inside = maximum - np.array(boost.nodes)
        edges = np.unique([*star.nodes, *inside[(inside > star.nodes[0]) & (inside < star.nodes[-1])]])
        left, right = edges[:-1], edges[1:]
        # slightly inside of each piece, where the functions may jump to zero
        width = right - left
        low, middle, high = left + 1e-12 * width, 0.5 * (left + right), right - 1e-12 * width
        low, middle, high = (star.evaluate(s, y) * boost.evaluate(b, maximum - y) for y in (low, middle, high))
        means[point] = np.sum(width * (low + 4.0 * middle + high)) / 6.0
    return means / star.width
