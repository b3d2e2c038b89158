"""The sum rules: their names, and the factors with which they are imposed; without numpy.

A factor is the target of a sum rule divided by the integral of an unnormalised PDF. The rules act on the elements of
the FK basis and are the same for every fitting basis.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

MOMENTUM_SUM_RULE = "MSR"
VALENCE_SUM_RULES = "VSR"
LIGHT_VALENCE_SUM_RULES = "LVSR"
"""The valence sum rules of up, down and strange: that of charm is left out, so that V15 keeps its integral."""

AXIAL_SUM_RULES = "TSR"
"""The integrals of polarised T3 and T8 are the axial charges of baryon decays."""

SUM_RULES = (MOMENTUM_SUM_RULE, VALENCE_SUM_RULES)
"""The sum rules of a proton, the default."""

VALENCE_TARGETS = (("V", 3.0), ("V3", 1.0), ("V8", 3.0))
"""Integrals of the valence combinations of the proton, arXiv:1410.8849, eq. (3.7)."""

AXIAL_CHARGES = (("T3", 1.2756, 0.0013), ("T8", 0.5850, 0.025))
"""Integrals of polarised T3 and T8 with their uncertainties, each in terms of the mean and standard deviation."""


@dataclass(frozen=True)
class Normalisation:
    """The factor of some elements of the FK basis: ``(target - sum of coefficient * integral) / integral``.

    Parameters
    ----------
    elements : tuple of str
        What the factor multiplies.
    integral : str
        The element whose integral the factor is divided by.
    target : float or None
        None for the axial charges, which each replica draws.
    subtracted : tuple of (str, float)
        Elements and coefficients of the integrals to subtract.
    """

    elements: tuple[str, ...]
    integral: str
    target: float | None
    subtracted: tuple[tuple[str, float], ...] = ()


_V = ("V", "V24", "V35")
_LIGHT = (Normalisation(("V3",), "V3", 1.0), Normalisation(("V8",), "V8", 3.0))

NORMALISATIONS: Mapping[str, tuple[Normalisation, ...]] = MappingProxyType(
    {
        MOMENTUM_SUM_RULE: (Normalisation(("g",), "g", 1.0, (("Sigma", 1.0), ("photon", 1.0))),),
        VALENCE_SUM_RULES: (Normalisation(_V, "V", 3.0), *_LIGHT, Normalisation(("V15",), "V15", 3.0)),
        # u_v = 2, d_v = 1, s_v = 0 and c_v free: V = 3 + c_v and V15 = 3 - 3 c_v
        LIGHT_VALENCE_SUM_RULES: (Normalisation(_V, "V", 4.0, (("V15", 1 / 3),)), *_LIGHT),
        AXIAL_SUM_RULES: tuple(Normalisation((name,), name, None) for name, _, _ in AXIAL_CHARGES),
    }
)
"""Factors by sum rule."""


def number_integrals(polarised: bool) -> frozenset[str]:
    """Return the elements whose integrals are those of f; the others are those of x f."""
    return frozenset(name for name, _, _ in AXIAL_CHARGES) if polarised else frozenset(("V", "V3", "V8", "V15"))


def normalisations(rules: Iterable[str], basis: Iterable[str]) -> tuple[Normalisation, ...]:
    """Return the factors of some sum rules in a basis of independent elements, in which V15 may be V."""
    known = frozenset(basis)
    chosen = frozenset(rules)
    return tuple(
        factor for rule, factors in NORMALISATIONS.items() if rule in chosen for factor in factors
        if factor.integral in known
    )  # fmt: skip
