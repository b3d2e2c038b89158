"""A new runcard: chosen data, theory and fitting basis, with the methodology of NNPDF4.0 (arXiv:2109.02653)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from n3fit.defaults import DEFAULT_T0_SET, Q2_MIN, W2_MIN
from n3fit.runcard.commented_yaml import write_commented
from n3fit.runcard.data_presets import ChosenData
from n3fit.runcard.reference import REFERENCE
from n3fit.theory.bases import FITTING_BASES, FittingBasis

_RANGES = {
    "sng": ((1.089, 1.119), (1.475, 3.119)),
    "g": ((0.7504, 1.098), (2.814, 5.669)),
    "v": ((0.479, 0.7384), (1.549, 3.532)),
    "v3": ((0.1073, 0.4397), (1.733, 3.458)),
    "v8": ((0.5507, 0.7837), (1.516, 3.356)),
    "t3": ((-0.4506, 0.9305), (1.745, 3.424)),
    "t8": ((0.5877, 0.8687), (1.522, 3.515)),
    "t15": ((1.089, 1.141), (1.492, 3.222)),
    "v15": ((0.479, 0.7384), (1.549, 3.532)),
    "cp": ((1.0, 1.2), (2.0, 6.0)),
}
"""First ranges of the preprocessing exponents alpha and beta of combinations of flavours."""

_RANGES_OF_QUARKS = {
    "u": (1.5, 4.0), "ubar": (3.0, 5.0), "d": (2.5, 4.5), "dbar": (3.0, 8.0), "s": (3.0, 6.5), "sbar": (3.0, 7.0),
    "c": (3.0, 8.5), "cbar": (3.0, 8.5), "g": (2.5, 7.5),
}  # fmt: skip
"""First ranges of beta in the bases of flavours, where alpha is 1."""

_POSITIVITY = (
    "F2U F2D F2S F2C FLL DYU DYD DYS XUQ XUB XDQ XDB XSQ XSB XGL "
    "XGL-POLARIZED XUQ-POLARIZED XUB-POLARIZED XDQ-POLARIZED XDB-POLARIZED XSQSUM-POLARIZED"
)
POSITIVITY_SETS = tuple(f"NNPDF_POS_2P24GEV_{name}" for name in _POSITIVITY.split())
"""Positivity sets of new runcards, where the theory has their tables; POLARIZED ones for polarised bases."""

_POSITIVITY_RULES = {"FLL": "x > 5.0e-7", "F2C": "x < 0.74"} | dict.fromkeys(
    ["XUQ", "XUB", "XDQ", "XDB", "XSQ", "XSB", "XGL"], "x > 0.1"
)

_POLARISED = "-POLARIZED"
_POLARISED_CUTS = (1.0, 4.0)


@dataclass(frozen=True)
class NewCard:
    """What a new runcard has.

    Parameters
    ----------
    datasets : tuple of ChosenData
    theory : int or str
        Its identifier.
    basis : str
        Name of the fitting basis.
    available : frozenset of str
        Data sets for which the theory has tables, positivity and integrability sets among them.
    seeds : mapping of str to int
        ``trvlseed``, ``nnseed`` and ``mcseed``.
    kfactors : mapping of str to tuple of str
        K-factors that the theory has for a data set; a note names those that are not applied.
    t0 : str or None
        The t0 set; by default the one that comes with n3fit.
    unpolarized : str or None
        The unpolarised PDF set of a polarised fit.
    heading : tuple of str
        Lines of the comment at the top.
    """

    datasets: tuple[ChosenData, ...]
    theory: int | str
    basis: str
    available: frozenset[str]
    seeds: Mapping[str, int]
    kfactors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    t0: str | None = None
    unpolarized: str | None = None
    heading: tuple[str, ...] = ()

    def write(self) -> str:
        """Return the text of the runcard, every key with its meaning as a comment."""
        basis = FITTING_BASES[self.basis]
        heading = "".join(f"# {line}".rstrip() + "\n" for line in self.heading)
        notes = {"fitting.basis": "first ranges, which `n3fit next FIT` replaces by those of the fit"}
        idle = [
            f"{chosen.name} [{', '.join(unused)}]"
            for chosen in self.datasets
            if (unused := [name for name in self.kfactors.get(chosen.name, ()) if name not in chosen.cfac])
        ]
        if idle:
            notes["dataset_inputs"] = f"K-factors of the theory that are not applied (cfac): {', '.join(idle)}"
        return f"{heading}\n{write_commented(self._content(basis), REFERENCE, notes)}"

    def _content(self, basis: FittingBasis) -> dict[str, Any]:
        content: dict[str, Any] = {
            "description": f"fit to {len(self.datasets)} data sets with theory {self.theory} in the basis {basis.name}",
            "dataset_inputs": [_entry(chosen) for chosen in self.datasets],
            "datacuts": self._cuts(basis),
            "theory": {"theoryid": self.theory},
            **self.seeds,
            "genrep": True,
            "resample_negative_pseudodata": not basis.polarised,  # asymmetries may be negative
            "diagonal_basis": True,
            "diagonal_frac": 0.75,
            "parameters": _parameters(basis),
            "fitting": {
                "fitbasis": basis.name,
                "sum_rules": "TSR" if basis.polarised else True,
                "basis": [_flavour(name, basis) for name in basis.flavours],
            },
        }
        if basis.polarised:
            content["positivity_bound"] = {"unpolarized_bc": self.unpolarized, "n_std": 1.0}
        return content | self._penalties(basis)

    def _cuts(self, basis: FittingBasis) -> dict[str, Any]:
        q2min, w2min = _POLARISED_CUTS if basis.polarised else (Q2_MIN, W2_MIN)
        cuts: dict[str, Any] = {"t0pdfset": self.t0 or DEFAULT_T0_SET}
        if basis.polarised:
            cuts["unpolarized_bc"] = self.unpolarized
        return cuts | {"q2min": q2min, "w2min": w2min}

    def _penalties(self, basis: FittingBasis) -> dict[str, Any]:
        """Return the positivity and integrability sets that the theory has, and the points of them that count."""
        positivity = [
            name for name in POSITIVITY_SETS
            if name.endswith(_POLARISED) == basis.polarised and name in self.available
        ]  # fmt: skip
        integrability = [name for name in integrability_sets(basis) if name in self.available]
        rules = [
            {"dataset": name, "rule": _POSITIVITY_RULES[name.rpartition("_")[2]]}
            for name in positivity
            if name.rpartition("_")[2] in _POSITIVITY_RULES
        ]
        penalties: dict[str, Any] = {}
        if positivity:
            penalties["positivity"] = {"posdatasets": [_penalty(name, basis) for name in positivity]}
        if integrability:
            penalties["integrability"] = {"integdatasets": [_multiplier(name, 1e2) for name in integrability]}
        return penalties | ({"added_filter_rules": rules} if rules else {})


def integrability_sets(basis: FittingBasis) -> tuple[str, ...]:
    """Return the integrability sets of a basis, those of T3 and T8 or of all that is fitted.

    In the bases of flavours no exponent keeps the valence integrable, in polarised fits none the gluon and the singlet.
    """
    if basis.polarised:
        names = ["XGL", "XSIGMA", *(("XV", "XV3") if "v" in basis.flavours else ())]
        return tuple(f"NNPDF_INTEG_1GEV_{name}{_POLARISED}" for name in names)
    names = ["XT3", "XT8", *(("XV", "XV3", "XV8") if basis.quarks else ())]
    return tuple(f"NNPDF_INTEG_3GEV_{name}" for name in names)


def bases_for(*, fitted_charm: bool) -> tuple[str, ...]:
    """Return the fitting bases for theories with or without fitted charm, the usual one first."""
    return tuple(name for name, basis in FITTING_BASES.items() if basis.fitted_charm == fitted_charm)


def _entry(chosen: ChosenData) -> dict[str, Any]:
    entry: dict[str, Any] = {"dataset": chosen.name}
    if chosen.variant is not None:
        entry["variant"] = chosen.variant
    return entry | ({"cfac": list(chosen.cfac)} if chosen.cfac else {})


def _flavour(name: str, basis: FittingBasis) -> dict[str, Any]:
    smallx, largex = ((1.0, 1.0), _RANGES_OF_QUARKS[name]) if basis.quarks else _RANGES[name]
    return {"fl": name, "trainable": False, "smallx": list(smallx), "largex": list(largex)}


def _penalty(name: str, basis: FittingBasis) -> dict[str, Any]:
    drell_yan = name.rpartition("_")[2].startswith("DY")
    return _multiplier(name, 1e8 if basis.polarised else 1e10 if drell_yan else 1e6)


def _multiplier(name: str, largest: float) -> dict[str, Any]:
    return {"dataset": name, "maxlambda": largest}


def _parameters(basis: FittingBasis) -> dict[str, Any]:
    """Return the network and the training of arXiv:2109.02653, table 3.3."""
    return {
        "nodes_per_layer": [25, 20, len(basis.flavours)],
        "activation_per_layer": ["tanh", "tanh", "linear"],
        "initializer": "glorot_normal",
        "optimizer": {"optimizer_name": "Nadam", "learning_rate": 2.621e-3, "clipnorm": 6.073e-6},
        "epochs": 17000,
        "stopping_patience": 0.1,
        "layer_type": "dense",
        "dropout": 0.0,
        "threshold_chi2": 3.5,
        "positivity": {"initial": 184.8},
        "integrability": {"initial": 10.0},
    }
