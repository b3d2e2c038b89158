"""From the initial scale to an LHAPDF set."""

from n3fit.evolution.evolve import Members, evolve_fit
from n3fit.evolution.grids import Q_NODES

__all__ = ["Q_NODES", "Members", "evolve_fit"]
