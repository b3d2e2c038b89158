"""The fitting bases: their flavours, and what the elements of the FK basis are in terms of them; without numpy.

At the initial scale at most charm is active, so that V24 = V35 = V and T24 = T35 = Sigma in every basis. The matrices
to the FK basis are in :mod:`n3fit.theory.flavours`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

Combinations = Mapping[str, Mapping[str, float]]
"""Elements of the FK basis by name, each as coefficients of fitted flavours; those that are left out vanish."""


@dataclass(frozen=True)
class FittingBasis:
    """One fitting basis.

    Parameters
    ----------
    name : str
        Value of ``fitting.fitbasis``.
    flavours : tuple of str
        All its flavours, in the usual order; a fit may leave some out, and those are zero.
    fitted_charm : bool
        Whether charm is fitted, which needs a theory with ``IC: 1``; otherwise charm is perturbative, ``IC: 0``.
    combinations : mapping
        For a basis of combinations of flavours.
    quarks : mapping of str to tuple of int
        For a basis of flavours: the particles whose PDF each of them is.
    polarised : bool
        Whether the PDFs are differences between the two helicities.
    square_singlet : bool
        Whether ``sng`` and ``g`` may be squares, with the activation of this name.
    """

    name: str
    flavours: tuple[str, ...]
    fitted_charm: bool
    combinations: Combinations
    quarks: Mapping[str, tuple[int, ...]]
    polarised: bool = False
    square_singlet: bool = False

    @property
    def charm_asymmetric(self) -> bool:
        """Whether charm and anticharm may differ, so that V15 differs from V."""
        return 4 in {pid for pids in self.quarks.values() if len(pids) == 1 for pid in pids} or (
            self.combinations.get("V15") != self.combinations.get("V")
        )


def _combinations(**special: Mapping[str, float]) -> Combinations:
    """Return the elements of the FK basis for perturbative charm, but for those in ``special``."""
    singlet, valence = {"sng": 1.0}, {"v": 1.0}
    table: dict[str, Mapping[str, float]] = {
        "Sigma": singlet, "g": {"g": 1.0},
        "V": valence, "V3": {"v3": 1.0}, "V8": {"v8": 1.0}, "V15": valence, "V24": valence, "V35": valence,
        "T3": {"t3": 1.0}, "T8": {"t8": 1.0}, "T15": singlet, "T24": singlet, "T35": singlet,
    }  # fmt: skip
    return MappingProxyType(table | special)


_NO_VALENCE: Mapping[str, Mapping[str, float]] = {name: {} for name in ("V", "V3", "V8", "V15", "V24", "V35")}
_LIGHT_QUARKS: Mapping[str, tuple[int, ...]] = {
    "u": (2,), "ubar": (-2,), "d": (1,), "dbar": (-1,), "s": (3,), "sbar": (-3,),
}  # fmt: skip
_GLUON: Mapping[str, tuple[int, ...]] = {"g": (21,)}
_NOTHING: Mapping[str, tuple[int, ...]] = MappingProxyType({})


def _of_combinations(name: str, flavours: str, table: Combinations, **properties: bool) -> FittingBasis:
    charm = properties.pop("fitted_charm", False)
    return FittingBasis(name, tuple(flavours.split()), charm, table, _NOTHING, **properties)


def _of_flavours(name: str, charm: Mapping[str, tuple[int, ...]]) -> FittingBasis:
    quarks = MappingProxyType({**_LIGHT_QUARKS, **charm, **_GLUON})
    return FittingBasis(name, tuple(quarks), bool(charm), MappingProxyType({}), quarks)


_BASES = (
    _of_combinations("EVOL", "sng g v v3 v8 t3 t8 t15", _combinations(T15={"t15": 1.0}), fitted_charm=True),
    # cp is c + cbar, and T15 = Sigma - 4 (c + cbar)
    _of_combinations(
        "NN31IC", "sng g v v3 v8 t3 t8 cp", _combinations(T15={"sng": 1.0, "cp": -4.0}),
        fitted_charm=True, square_singlet=True,
    ),
    _of_combinations("NN31PC", "sng g v v3 v8 t3 t8", _combinations(), square_singlet=True),
    _of_flavours("FLAVOUR", {"c": (4, -4)}),
    _of_flavours("FLAVOURPC", {}),
    _of_combinations("PDF4LHC20", "sng g v v3 t3 t8", _combinations(V8={"v": 1.0}), square_singlet=True),
    _of_combinations(
        "CCBAR_ASYMM", "sng g v v3 v8 t3 t8 t15 v15", _combinations(T15={"t15": 1.0}, V15={"v15": 1.0}),
        fitted_charm=True,
    ),
    _of_flavours("CCBAR_ASYMM_FLAVOUR", {"c": (4,), "cbar": (-4,)}),
    _of_combinations("POLARIZED_EVOL", "sng g t3 t8", _combinations(**_NO_VALENCE), polarised=True),
    _of_combinations("POLARIZED_EVOL_CMP", "sng g t3 t8 v v3", _combinations(V8={"v": 1.0}), polarised=True),
)  # fmt: skip

FITTING_BASES: Mapping[str, FittingBasis] = MappingProxyType({basis.name: basis for basis in _BASES})
"""The fitting bases by name."""

OTHER_NAMES: Mapping[str, str] = MappingProxyType({"evolution": "EVOL"})
"""Other names of fitting bases in runcards."""

BASES_WITHOUT_MAP = ("POLARIZED_FLAVOURPC",)
"""Names of fitting bases whose flavours are not defined anywhere."""
