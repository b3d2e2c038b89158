"""Physics of sets of PDF replicas: members at any scale, bands, moments, luminosities, distances, correlations."""

from n3fit.ensembles.arc_length import ARC_LENGTH_FLAVOURS, arc_lengths
from n3fit.ensembles.bands import Band, band_of
from n3fit.ensembles.correlations import correlation_matrix
from n3fit.ensembles.distances import distances
from n3fit.ensembles.effective_exponents import large_x_exponents, next_ranges, small_x_exponents
from n3fit.ensembles.ensemble import Ensemble
from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.ensembles.integrability import INTEGRABILITY_FLAVOURS, integrability
from n3fit.ensembles.luminosities import luminosities
from n3fit.ensembles.moments import moments
from n3fit.ensembles.partons import find_parton, partons_of
from n3fit.ensembles.replica_ensemble import ReplicaEnsemble
from n3fit.ensembles.set_ensemble import SetEnsemble

__all__ = [
    "ARC_LENGTH_FLAVOURS",
    "INTEGRABILITY_FLAVOURS",
    "Band",
    "Ensemble",
    "EnsembleOnGrid",
    "ReplicaEnsemble",
    "SetEnsemble",
    "arc_lengths",
    "band_of",
    "correlation_matrix",
    "distances",
    "find_parton",
    "integrability",
    "large_x_exponents",
    "luminosities",
    "moments",
    "next_ranges",
    "partons_of",
    "small_x_exponents",
]
