"""Sets of replicas with fewer members: Hessian sets of principal directions, and choices of replicas (numpy)."""

from n3fit.reduction.choice import Choice, find_choice
from n3fit.reduction.deviations import DeviationRow, deviation_rows
from n3fit.reduction.error_functions import ESTIMATORS, ErrorFunctions
from n3fit.reduction.principal_directions import Directions, principal_directions
from n3fit.reduction.samples import Samples, choice_points, covariance_points, take_samples

__all__ = [
    "ESTIMATORS",
    "Choice",
    "DeviationRow",
    "Directions",
    "ErrorFunctions",
    "Samples",
    "choice_points",
    "covariance_points",
    "deviation_rows",
    "find_choice",
    "principal_directions",
    "take_samples",
]
