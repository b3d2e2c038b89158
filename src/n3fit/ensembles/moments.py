"""Sum rules and momentum fractions of an ensemble."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.ensembles.node_polynomials import moment_weights
from n3fit.ensembles.partons import Parton, known_partons
from n3fit.theory.sum_rules import AXIAL_CHARGES
from n3fit.typing import Floats

_VALENCE = (("u_v", "u − ū", 2.0), ("d_v", "d − d̄", 1.0), ("s_v", "s − s̄", 0.0))
_MOMENTA = (
    ("g", "g"), ("Sigma", "all quarks"), ("u+", "u + ū"), ("d+", "d + d̄"), ("s+", "s + s̄"), ("c+", "c + c̄"),
    ("b+", "b + b̄"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Moment:
    """An integral over x of an ensemble, from the smallest node of its grid (1e-9 for fits) to 1.

    Parameters
    ----------
    name : str
        Plain ASCII, for files: such as ``momentum g`` or ``valence u``.
    formula : str
        The integral in plain text.
    kind : str
        ``sum rule``, ``momentum`` or ``spin``.
    expected : float or None
        Value of a sum rule.
    central, deviation : float
        Central value and standard deviation (68 % uncertainty of a Hessian set).
    values : (R,)
        By member.
    """

    name: str
    formula: str
    kind: Literal["sum rule", "momentum", "spin"]
    expected: float | None
    central: float
    deviation: float
    values: Floats


def moments(ensemble: EnsembleOnGrid) -> tuple[Moment, ...]:
    """Compute the sum rules (momentum, valence of u, d and s), then the momentum fractions of gluon and quarks.

    Of polarised PDFs, the sum rules of T3 and T8 and the spin fractions of gluon and quarks: integrals of f.
    """
    if ensemble.polarised:
        return _polarised_moments(ensemble)
    partons = known_partons()
    numbers, momenta = moment_weights(ensemble.x, power=-1.0), moment_weights(ensemble.x, power=0.0)
    everything = Parton("all", "", "all", partons["Sigma"].row + partons["g"].row + partons["photon"].row)
    result = [_moment(ensemble, everything, momenta, "momentum", "∫ x (g + Σ) dx", "sum rule", 1.0)]
    for name, formula, expected in _VALENCE:
        result.append(
            _moment(ensemble, partons[name], numbers, f"valence {name[0]}", f"∫ ({formula}) dx", "sum rule", expected)
        )
    for name, formula in _MOMENTA:
        moment = _moment(
            ensemble, partons[name], momenta, f"momentum {name}", f"∫ x ({formula}) dx".replace("(g)", "g"), "momentum"
        )
        result.append(moment)
    return tuple(result)


def _polarised_moments(ensemble: EnsembleOnGrid) -> tuple[Moment, ...]:
    """Compute the axial charges, whose expected values are the means that replicas draw around, and spin fractions."""
    partons = known_partons()
    numbers = moment_weights(ensemble.x, power=-1.0)
    charges = [
        _moment(ensemble, partons[name], numbers, f"axial {name}", f"∫ Δ{name} dx", "sum rule", mean)
        for name, mean, _ in AXIAL_CHARGES
    ]
    spins = [
        _moment(ensemble, partons[name], numbers, f"spin {name}", f"∫ Δ({formula}) dx".replace("(g)", "g"), "spin")
        for name, formula in _MOMENTA
    ]
    return (*charges, *spins)


def _moment(
    ensemble: EnsembleOnGrid,
    parton: Parton,
    weights: Floats,
    name: str,
    formula: str,
    kind: Literal["sum rule", "momentum", "spin"],
    expected: float | None = None,
) -> Moment:
    values = ensemble.members_of(parton) @ weights
    central = np.asarray(ensemble.central_of(parton) @ weights)
    band = ensemble.band_of(values, central)
    return Moment(name, formula, kind, expected, float(band.central), float(band.deviation), values)
