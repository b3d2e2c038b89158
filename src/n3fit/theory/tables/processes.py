"""Lepton-hadron processes, and their settings in yadism."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from n3fit.errors import MissingExtraError
from n3fit.theory.theory_card import TheoryCard

TARGETS = MappingProxyType(
    {
        "proton": MappingProxyType({"Z": 1.0, "A": 1.0}),
        "isoscalar": MappingProxyType({"Z": 1.0, "A": 2.0}),
        # the steel of the NuTeV calorimeter (D. A. Mason, thesis, p. 323)
        "iron": MappingProxyType({"Z": 23.403, "A": 49.618}),
        "lead": MappingProxyType({"Z": 82.0, "A": 208.0}),
    }
)
"""Protons and nucleons of the targets. Up and down quarks of their neutrons are those of the proton exchanged."""

PROJECTILES = MappingProxyType({"electron": 11, "positron": -11, "neutrino": 12, "antineutrino": -12})
"""PDG numbers of the projectiles."""


@dataclass(frozen=True)
class Process:
    """A projectile, the exchanged bosons and a target.

    Attributes
    ----------
    current : str
        EM (photon), NC (photon and Z) or CC (W).
    projectile : str
        One of PROJECTILES.
    target : str
        One of TARGETS; per nucleon, with isospin symmetry and no other nuclear effect.
    charge : str or None
        Only this quark couples to the boson: up, down or strange; ``light`` for the sum of the three, ``all`` for
        every quark. For positivity observables.
    """

    current: str
    projectile: str = "electron"
    target: str = "proton"
    charge: str | None = None

    def by_charge(self) -> tuple[Process, ...]:
        """Return the processes whose sum is this one, each with a charge of yadism."""
        if self.charge != "light":
            return (self,)
        return tuple(replace(self, charge=charge) for charge in ("up", "down", "strange"))

    def observable_card(self) -> dict[str, Any]:
        """Return the part of yadism's observable card that describes the process."""
        return {
            "prDIS": self.current,
            "ProjectileDIS": self.projectile,
            "TargetDIS": dict(TARGETS[self.target]),
            "PolarizationDIS": 0.0,
            "PropagatorCorrection": 0.0,
            "NCPositivityCharge": self.charge,
        }


def yadism_configs(card: TheoryCard, process: Process, *, fns: str, nf: int, logarithms: int, dispatcher: Any) -> Any:
    """Return yadism's configuration of a process in a flavour-number scheme.

    Parameters
    ----------
    card : TheoryCard
    process : Process
    fns : str
        ZM-VFNS, FFNS (all heavier quarks massive), FONLL-FFNS (one massive quark) or FONLL-FFN0 (its massless limit).
    nf : int
        Light flavours.
    logarithms : int
        Towers of logarithms of the massless limit besides the leading one.
    dispatcher : eko InterpolatorDispatcher
        Of the x-grid, for its lower end.
    """
    try:
        from eko import matchings
        from eko.quantities.heavy_quarks import MatchingScales
        from yadism.coefficient_functions.coupling_constants import CouplingConstants
        from yadism.input import compatibility
        from yadism.runner import RunnerConfigs
    except ImportError as error:
        raise MissingExtraError("yadism", "theory") from error

    raw: dict[str, Any] = {
        "FNS": fns, "NfFF": nf, "PTO": card.PTO, "FONLLParts": "full", "MZ": card.MZ, "MW": card.MW,
        "SIN2TW": card.SIN2TW, "CKM": card.CKM, "GF": card.GF, "MP": card.MP, "kcThr": 1.0, "kbThr": 1.0, "ktThr": 1.0,
    }  # fmt: skip
    if fns == "ZM-VFNS":
        # all thresholds at zero or infinity: exactly nf flavours at any scale
        raw |= {f"k{quark}Thr": 0.0 if index + 4 <= nf else np.inf for index, quark in enumerate("cbt")}
    theory, observables = compatibility.update(raw, process.observable_card())
    masses = np.array([card.mc, card.mb, card.mt]) ** 2
    ratios = np.array([theory["kcThr"], theory["kbThr"], theory["ktThr"]]) ** 2
    managers = {
        "interpolator": dispatcher,
        "threshold": matchings.Atlas(
            matching_scales=MatchingScales(list(masses * ratios)), origin=(card.Q0**2, card.nf0)
        ),
        "coupling_constants": CouplingConstants.from_dict(theory, observables),
        "sv_manager": None,
    }
    settings = {
        "pto": card.PTO,
        "pto_evol": logarithms,
        "scheme": fns,
        "nf_ff": nf,
        "ZMq": (theory["ZMc"], theory["ZMb"], theory["ZMt"]),
        "m2hq": masses,
        "TMC": 0,
        "target": observables["TargetDIS"],
        "GF": card.GF,
        "M2W": card.MW**2,
        "M2target": card.MP**2,
        "fonllparts": "full",
        "n3lo_cf_variation": (0, 0, 0, 0),
    }
    return RunnerConfigs(theory=settings, managers=managers)
