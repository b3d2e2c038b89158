"""Experimental data: data sets, cuts, covariance, pseudodata and the training/validation split."""

from n3fit.data.closure import ClosureTruth, WrongUncertainties, closure_datasets
from n3fit.data.commondata import CommonData
from n3fit.data.covariance import covariance_matrix, experiments
from n3fit.data.covariance_checks import cholesky_or_explain
from n3fit.data.cuts import FilterRule, apply_cuts
from n3fit.data.fit_data import FitData, assemble
from n3fit.data.loading import load_commondata
from n3fit.data.pseudodata import PseudodataGenerator
from n3fit.data.split import EigenbasisSplit, point_masks

__all__ = [
    "ClosureTruth",
    "CommonData",
    "EigenbasisSplit",
    "FilterRule",
    "FitData",
    "PseudodataGenerator",
    "WrongUncertainties",
    "apply_cuts",
    "assemble",
    "cholesky_or_explain",
    "closure_datasets",
    "covariance_matrix",
    "experiments",
    "load_commondata",
    "point_masks",
]
