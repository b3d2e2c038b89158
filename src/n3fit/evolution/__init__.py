"""From the initial scale to an LHAPDF set."""

from n3fit.evolution.evolve import evolve_fit
from n3fit.evolution.grids import Q_MAX, Q_NODES

__all__ = ["Q_MAX", "Q_NODES", "evolve_fit"]
