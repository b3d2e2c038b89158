"""Names that rules of cuts may use for a data set: its coordinates and what follows from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.typing import Floats


def invariant_mass_squared(x: Floats, q2: Floats) -> Floats:
    """Return W2 = Q2 (1 - x) / x in GeV2, the proton mass neglected as in the cuts of arXiv:2109.02653."""
    return q2 * (1.0 - x) / x


class Coordinates(Mapping[str, Floats]):
    """Values (n,) of every name that a rule may use for the n points of a data set.

    These are the coordinates of the data set, ``idat`` (number of the point in the file, from 0), ``central_value``,
    ``sqrts``, ``W2`` of deep-inelastic sets, the given constants, and names defined later. Beside a coordinate its
    square, root or absolute value is known if the process type of the set has it by that name in nnpdf-data, such as
    ``pT2`` beside ``pT``.

    Parameters
    ----------
    commondata : CommonData
    constants : mapping of str to float
    """

    def __init__(self, commondata: CommonData, constants: Mapping[str, float]) -> None:
        self._count = len(commondata)
        self._process_type = commondata.process_type
        self._values = _own_coordinates(commondata)
        for name, value in constants.items():
            self.define(name, np.float64(value))

    def __getitem__(self, name: str) -> Floats:
        """Return the values of a name.

        Raises
        ------
        KeyError
            The name is not known for this data set.
        """
        if name not in self._values:
            derived = self._derive(name)
            if derived is None:
                raise KeyError(name)
            self._values[name] = derived
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        """Return whether the name is known for this data set."""
        return name in self._values or (isinstance(name, str) and self._derive(name) is not None)

    def __iter__(self) -> Iterator[str]:
        """Yield the names that are known without derivation."""
        return iter(self._values)

    def __len__(self) -> int:
        """Return the number of names that are known without derivation."""
        return len(self._values)

    def define(self, name: str, values: Floats | np.float64) -> None:
        """Add a name with one value for each point, or one for all."""
        self._values[name] = np.broadcast_to(np.asarray(values, dtype=np.float64), (self._count,))

    def _derive(self, name: str) -> Floats | None:
        """Return a coordinate of the process type that follows from one of the data set, None if there is none."""
        if name not in names_of_process(self._process_type):
            return None
        if name.startswith("abs_") and name[4:] in self._values:
            return np.abs(self._values[name[4:]])
        if name.endswith("2") and name[:-1] in self._values:
            return self._values[name[:-1]] ** 2
        if f"{name}2" in self._values:
            return np.sqrt(self._values[f"{name}2"])
        return None


def _own_coordinates(commondata: CommonData) -> dict[str, Floats]:
    known = {"x": commondata.x, "Q2": commondata.q2, "y": commondata.y, **commondata.kinematics}
    values = {name: column for name, column in known.items() if not np.isnan(column).any()}
    if commondata.is_dis and {"x", "Q2"} <= values.keys():
        values["W2"] = invariant_mass_squared(values["x"], values["Q2"])
    if "sqrts" not in values and commondata.cm_energy is not None:
        values["sqrts"] = np.full(len(commondata), commondata.cm_energy)
    values["idat"] = commondata.indices.astype(np.float64)
    values["central_value"] = commondata.central
    return values


def names_of_process(process_type: str) -> frozenset[str]:
    """Return the names of coordinates that nnpdf-data accepts for a process type."""
    from nnpdf_data.process_options import PROCESSES  # takes a second, and only rare rules need it

    process = PROCESSES.get(process_type.upper())
    return frozenset() if process is None else frozenset(process.accepted_variables)
