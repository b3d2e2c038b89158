"""A data set: central values, uncertainties and kinematics of the kept points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from n3fit.errors import DataError
from n3fit.typing import Booleans, Floats, Integers

UNCORRELATED = frozenset({"UNCORR", "THEORYUNCORR"})
"""Correlation names of systematics that are independent from point to point."""

WITHIN_SET = frozenset({"CORR", "THEORYCORR"})
"""Correlation names of systematics that correlate the points of their own data set only."""

CENTRAL_FIELDS = ("central", "statistical", "x", "q2", "y")


@dataclass(frozen=True, eq=False)
class CommonData:
    """One data set, or the part of it that the cuts keep.

    All arrays are read-only and share their first axis, the points, in the order of the file.

    Parameters
    ----------
    name, variant : str, str or None
        As in the runcard.
    experiment : str
        Group to which the set belongs when chi2 is summed by experiment.
    process_type : str
        For instance ``DIS_NC``, ``DY_Z_Y``, ``POS_XPDF``.
    operation : str
        How the FK tables combine: ``NULL``, ``RATIO``, ...
    fk_names : tuple of tuples of str
        One tuple per operand of the operation; the tables of an operand are concatenated.
    conversion_factor : float
        Multiplies the prediction so that it has the units of the data.
    ndata_file : int
        Points in the file, before any cut.
    indices : array (n,)
        Rows of the file that are kept, increasing.
    central, statistical : arrays (n,)
        Central values and statistical uncertainties, in the units of the data.
    systematics : array (n, nsys)
        Shift of each point under one standard deviation of each systematic, in the units of the data. For a
        multiplicative systematic: at the central value. Signs matter.
    systematic_names, systematic_kinds, systematic_correlations : tuples of str (nsys,)
        Name in the file; ``ADD`` or ``MULT``; ``UNCORR``, ``CORR``, ``THEORYUNCORR``, ``THEORYCORR`` or the name
        of a nuisance parameter that is common to all data sets of a fit.
    x, q2, y : arrays (n,)
        Bjorken x, Q2 in GeV2 and inelasticity; NaN where the process has none.
    kinematics : mapping of str to array (n,)
        Every kinematic variable of the file at the middle of its bin; those that the metadata call the coverage of
        the data set come first.
    label, units, y_label, plot_x : str
        Name of the data set, units of the data, label of the observable and kinematic variable to plot it against.
    kinematic_labels : mapping of str to str
        Label with units of each kinematic variable.
    fk_shifts, fk_normalization : mappings of str to int and float
        Rows to skip in, and factors for, single FK tables.
    cm_energy : float, optional
        Centre-of-mass energy of the measurement in GeV, where all its points have the same.
    """

    name: str
    variant: str | None
    experiment: str
    process_type: str
    operation: str
    fk_names: tuple[tuple[str, ...], ...]
    conversion_factor: float
    ndata_file: int
    indices: Integers
    central: Floats
    statistical: Floats
    systematics: Floats
    systematic_names: tuple[str, ...]
    systematic_kinds: tuple[str, ...]
    systematic_correlations: tuple[str, ...]
    x: Floats
    q2: Floats
    y: Floats
    kinematics: Mapping[str, Floats]
    label: str = ""
    units: str = ""
    y_label: str = ""
    plot_x: str = ""
    kinematic_labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    fk_shifts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    fk_normalization: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    cm_energy: float | None = None

    def __post_init__(self) -> None:
        """Make the arrays read-only and check their shapes and values.

        Raises
        ------
        DataError
            Shapes disagree, a number is not finite, an uncertainty is negative where it must not be, a systematic is
            neither additive nor multiplicative, or two systematics of the set have the same global name.
        """
        _freeze(self, "indices", np.int64)
        for name in (*CENTRAL_FIELDS, "systematics"):
            _freeze(self, name, np.float64)
        for name in ("kinematic_labels", "fk_shifts", "fk_normalization"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        kinematics = {name: _read_only(values, np.float64) for name, values in self.kinematics.items()}
        object.__setattr__(self, "kinematics", MappingProxyType(kinematics))
        self._check_shapes()
        self._check_numbers()
        self._check_systematics()

    def __len__(self) -> int:
        """Return the number of kept points."""
        return len(self.indices)

    @property
    def is_dis(self) -> bool:
        """Whether Q2 and W2 cuts make sense: deep-inelastic scattering, inclusive or heavy-quark."""
        return self.process_type.split("_")[0] == "DIS"

    @property
    def may_be_negative(self) -> bool:
        """Whether the observable has no definite sign: asymmetries and polarised observables."""
        words = set(self.process_type.split("_")) | set(self.name.split("_")[-1].split("-"))
        return self.operation == "ASY" or bool(words & {"ASY", "POL"})

    def select(self, rows: Sequence[int] | Integers | Booleans) -> CommonData:
        """Return the data set with only these of its present rows (positions, or a mask over the present points)."""
        chosen = np.asarray(rows)
        if chosen.dtype == np.bool_ and chosen.shape != self.indices.shape:
            raise ValueError(f"{self.name}: the mask has shape {chosen.shape}, expected {self.indices.shape}")
        positions = np.arange(len(self))[chosen] if chosen.size else np.zeros(0, dtype=np.int64)
        arrays = {name: getattr(self, name)[positions] for name in ("indices", "systematics", *CENTRAL_FIELDS)}
        return replace(self, kinematics={name: values[positions] for name, values in self.kinematics.items()}, **arrays)

    def _check_shapes(self) -> None:
        count = len(self.indices)
        per_point = {name: getattr(self, name) for name in CENTRAL_FIELDS}
        for name, values in (*per_point.items(), *self.kinematics.items()):
            if values.shape != (count,):
                raise DataError(f"{self.name}: {name} has shape {values.shape}, expected {(count,)}")
        columns = len(self.systematic_names)
        if self.systematics.shape != (count, columns):
            raise DataError(
                f"{self.name}: systematics have shape {self.systematics.shape}, expected {(count, columns)}"
            )
        if len(self.systematic_kinds) != columns or len(self.systematic_correlations) != columns:
            raise DataError(f"{self.name}: expected a kind and a correlation for each of the {columns} systematics")

    def _check_numbers(self) -> None:
        for name in ("central", "statistical", "systematics"):
            values = getattr(self, name)
            bad = np.argwhere(~np.isfinite(values))
            if bad.size:
                raise DataError(f"{self.name}: {name} of point {self.indices[bad[0, 0]]} is not a finite number")
        negative = np.flatnonzero(self.statistical < 0)
        if negative.size:
            point = negative[0]
            raise DataError(
                f"{self.name}: the statistical uncertainty of point {self.indices[point]} is "
                f"{self.statistical[point]}, expected zero or more"
            )

    def _check_systematics(self) -> None:
        for name, kind in zip(self.systematic_names, self.systematic_kinds, strict=True):
            if kind not in ("ADD", "MULT"):
                raise DataError(f"{self.name}: systematic {name} is of the kind {kind!r}, expected ADD or MULT")
        seen: set[str] = set()
        for name in self.systematic_correlations:
            if name in seen:
                raise DataError(f"{self.name}: two systematics are both called {name!r}; expected different names")
            if name not in UNCORRELATED | WITHIN_SET:
                seen.add(name)


def _freeze(commondata: CommonData, name: str, dtype: type[np.generic]) -> None:
    object.__setattr__(commondata, name, _read_only(getattr(commondata, name), dtype))


def _read_only(values: npt.ArrayLike, dtype: type[np.generic]) -> npt.NDArray[Any]:
    array = np.array(values, dtype=dtype)
    array.setflags(write=False)
    return array
