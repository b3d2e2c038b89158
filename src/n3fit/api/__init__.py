"""The commands of n3fit as functions."""

from n3fit.api.checking import CheckSummary, DatasetCheck, check
from n3fit.api.closure_tests import ClosureSummary, closure
from n3fit.api.ensembles import open_ensemble
from n3fit.api.fitting import fit
from n3fit.api.iteration import NextRuncard, next_runcard
from n3fit.api.pdf import PdfCheck, PdfDescription, PdfSummary, check_pdf, describe_pdf, list_pdfs
from n3fit.api.products import evolve, report
from n3fit.api.selection import PostfitSummary, merge, open_fit, postfit
from n3fit.api.steps import check_steps
from n3fit.api.theories import TheorySummary, build_theory, check_theory, list_theories

__all__ = [
    "CheckSummary",
    "ClosureSummary",
    "DatasetCheck",
    "NextRuncard",
    "PdfCheck",
    "PdfDescription",
    "PdfSummary",
    "PostfitSummary",
    "TheorySummary",
    "build_theory",
    "check",
    "check_pdf",
    "check_steps",
    "check_theory",
    "closure",
    "describe_pdf",
    "evolve",
    "fit",
    "list_pdfs",
    "list_theories",
    "merge",
    "next_runcard",
    "open_ensemble",
    "open_fit",
    "postfit",
    "report",
]
