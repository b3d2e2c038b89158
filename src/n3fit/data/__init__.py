"""Experimental data: data sets, cuts, covariance, pseudodata and the training/validation split."""

from n3fit.data.closure import ClosureTruth, WrongUncertainties, closure_datasets
from n3fit.data.commondata import CommonData
from n3fit.data.covariance import covariance_matrix, experiments
from n3fit.data.covariance_checks import cholesky_or_explain
from n3fit.data.cuts import Cuts, PointSelection, Removal, apply_cuts, select_all, select_points
from n3fit.data.default_cuts import DEFAULT_LIMITS, default_cuts, default_rules
from n3fit.data.filter_rules import FilterRule, TheoryFeatures
from n3fit.data.fit_data import FitData, assemble
from n3fit.data.loading import load_commondata
from n3fit.data.pseudodata import PseudodataGenerator
from n3fit.data.split import EigenbasisSplit, point_masks

__all__ = [
    "DEFAULT_LIMITS",
    "ClosureTruth",
    "CommonData",
    "Cuts",
    "EigenbasisSplit",
    "FilterRule",
    "FitData",
    "PointSelection",
    "PseudodataGenerator",
    "Removal",
    "TheoryFeatures",
    "WrongUncertainties",
    "apply_cuts",
    "assemble",
    "cholesky_or_explain",
    "closure_datasets",
    "covariance_matrix",
    "default_cuts",
    "default_rules",
    "experiments",
    "load_commondata",
    "point_masks",
    "select_all",
    "select_points",
]
