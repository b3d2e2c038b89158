"""Kinematic variables of the process types: their labels and units, and examples of their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Variable:
    """A kinematic variable.

    Parameters
    ----------
    description, label, units : str
        Units are powers of GeV, empty for pure numbers.
    low, high : float
        Range of an example.
    """

    description: str
    label: str
    units: str
    low: float
    high: float


_MASSES = {"m_W2": ("W", 80.4), "m_Z2": ("Z", 91.2), "m_t2": ("top", 172.5), "m_V2": ("vector boson", 91.2)}

VARIABLES: Mapping[str, Variable] = MappingProxyType(
    {
        "x": Variable("Bjorken x", "$x$", "", 1e-3, 0.3),
        "Q2": Variable("Virtuality of the boson", "$Q^2$", "GeV^2", 150.0, 150.0),
        "y": Variable("Rapidity", "$y$", "", 0.0, 2.5),
        "abs_y": Variable("Absolute rapidity", "$|y|$", "", 0.0, 2.5),
        "eta": Variable("Pseudorapidity", r"$\eta$", "", 0.0, 2.5),
        "abs_eta": Variable("Absolute pseudorapidity", r"$|\eta|$", "", 0.0, 2.5),
        "abs_eta_1": Variable("Absolute pseudorapidity of the first jet", r"$|\eta_1|$", "", 0.5, 0.5),
        "abs_eta_2": Variable("Absolute pseudorapidity of the second jet", r"$|\eta_2|$", "", 0.5, 0.5),
        "pT": Variable("Transverse momentum", "$p_T$", "GeV", 40.0, 400.0),
        "ET": Variable("Transverse energy", "$E_T$", "GeV", 40.0, 400.0),
        "pT_t": Variable("Transverse momentum of the top quark", "$p_T^t$", "GeV", 0.0, 400.0),
        "y_t": Variable("Rapidity of the top quark", "$y_t$", "", 0.0, 2.5),
        "y_ttBar": Variable("Rapidity of the top pair", r"$y_{t\bar{t}}$", "", 0.0, 2.5),
        "m_ttBar": Variable("Mass of the top pair", r"$m_{t\bar{t}}$", "GeV", 350.0, 1200.0),
        "m_jj": Variable("Mass of the two jets", "$m_{jj}$", "GeV", 200.0, 2000.0),
        "ystar": Variable("Half of the difference of the rapidities of the jets", "$y^*$", "", 0.25, 0.25),
        "yb": Variable("Half of the sum of the rapidities of the jets", "$y_b$", "", 0.25, 0.25),
        "m_ll": Variable("Mass of the lepton pair", r"$m_{\ell\ell}$", "GeV", 15.0, 1000.0),
        "m_ll2": Variable("Squared mass of the lepton pair", r"$m_{\ell\ell}^2$", "GeV^2", 91.2**2, 91.2**2),
        "M2": Variable("Squared mass of the lepton pair", "$M^2$", "GeV^2", 40.0, 40.0),
        "sqrts": Variable("Centre-of-mass energy", r"$\sqrt{s}$", "GeV", 13000.0, 13000.0),
        **{
            name: Variable(f"Squared mass of the {who}", f"$m_{name[2]}^2$", "GeV^2", mass**2, mass**2)
            for name, (who, mass) in _MASSES.items()
        },
    }
)
"""Variables of the skeletons of data sets; nnpdf-data has more."""

_COVERAGE = {
    "DIS_NC DIS_CC DIS_POL DIS_NC_CHARM DIS_NC_BOTTOM": "x Q2 y",
    "JET": "pT y sqrts",
    "JET_POL": "pT eta sqrts",
    "DIJET": "m_jj ystar sqrts",
    "DIJET_3D": "m_jj ystar yb",
    "DIJET_POL": "m_jj abs_eta_1 abs_eta_2",
    "DYP_FT": "y M2 sqrts",
    "DY_MLL": "m_ll sqrts",
    "DY_NC_PT": "pT m_Z2 sqrts",
    "DY_CC_PT": "pT m_W2 sqrts",
    "DY_NC_PTRAP": "pT y m_ll2",
    "DY_Z_Y": "y m_Z2 sqrts",
    "DY_W_ETA": "eta m_W2 sqrts",
    "DY_VB_ETA": "abs_eta m_V2 sqrts",
    "HERAJET HERADIJET": "pT Q2 sqrts",
    "HQP_MQQ": "m_ttBar m_t2 sqrts",
    "HQP_PTQ": "pT_t m_t2 sqrts",
    "HQP_YQ": "y_t m_t2 sqrts",
    "HQP_YQQ": "y_ttBar m_t2 sqrts",
    "INC": "sqrts m_t2",
    "PHT": "ET eta sqrts",
    "SHP_ASY": "pT eta sqrts",
    "SINGLETOP": "y_t m_t2 sqrts",
}

COVERAGE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {kind: tuple(names.split()) for kinds, names in _COVERAGE.items() for kind in kinds.split()}
)
"""The variables of a skeleton of each type of process; its points are in the first one."""


def word_of_units(name: str) -> str | None:
    """Return the units of a variable as a word: GeV, GeV2 or nothing; None for a variable that is not known.

    >>> word_of_units("Q2"), word_of_units("x"), word_of_units("other")
    ('GeV2', '', None)
    """
    known = VARIABLES.get(name)
    return None if known is None else known.units.replace("^", "")
