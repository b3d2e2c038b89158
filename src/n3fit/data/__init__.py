"""Experimental data: data sets, cuts, covariance, pseudodata, training/validation split, and PDF sets for t0."""

from n3fit.data.closure import ClosureTruth, closure_datasets
from n3fit.data.commondata import CommonData
from n3fit.data.covariance import covariance_matrix, experiments
from n3fit.data.covariance_checks import cholesky_or_explain
from n3fit.data.cuts import FilterRule, apply_cuts
from n3fit.data.fit_data import FitData, assemble
from n3fit.data.loading import load_commondata
from n3fit.data.pseudodata import PseudodataGenerator, draw_pseudodata
from n3fit.data.split import EigenbasisSplit, point_masks
from n3fit.lhapdf.pdf_sets import PDFSet, load_pdf_set

__all__ = [
    "ClosureTruth",
    "CommonData",
    "EigenbasisSplit",
    "FilterRule",
    "FitData",
    "PDFSet",
    "PseudodataGenerator",
    "apply_cuts",
    "assemble",
    "cholesky_or_explain",
    "closure_datasets",
    "covariance_matrix",
    "draw_pseudodata",
    "experiments",
    "load_commondata",
    "load_pdf_set",
    "point_masks",
]
