"""The commands of n3fit as functions."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from n3fit.api.caching import cache_kinds, clear_cache, show_cache
from n3fit.api.campaigns import campaign
from n3fit.api.checking import CheckSummary, DatasetCheck, OtherCardSummary, TrialCheck, check
from n3fit.api.chi2_of_sets import Chi2Summary, chi2
from n3fit.api.closure_tests import ClosureSummary, closure
from n3fit.api.completions import data_choices, pdf_set_names, theory_names
from n3fit.api.data_cuts import CutSummary, DatasetCuts, RemovedPoints, data_cuts
from n3fit.api.diagnosing import doctor
from n3fit.api.ensembles import open_ensemble
from n3fit.api.example_cards import ExampleCard, examples
from n3fit.api.explaining import explain, runcard_keys
from n3fit.api.fetching import get_pdf, get_theory
from n3fit.api.fitting import fit
from n3fit.api.iteration import NextRuncard, next_runcard
from n3fit.api.new_cards import InitialRuncard, init
from n3fit.api.own_data import DataCheck, data_check, data_new, data_show
from n3fit.api.parts_of_fits import add_replicas, collect, fit_part, job_array, template_cluster
from n3fit.api.pdf import bundle_pdf, check_pdf, describe_pdf, list_pdfs
from n3fit.api.pdf_results import PdfCheck, PdfDescription, PdfSummary
from n3fit.api.products import evolve, report
from n3fit.api.reductions import compress, hessian
from n3fit.api.scan_products import TrialCard, best_card, scan_report
from n3fit.api.scans import ScanSummary, hyperopt
from n3fit.api.schemas import schema
from n3fit.api.selection import PostfitSummary, merge, open_fit, postfit
from n3fit.api.steps import check_steps, evolution_ahead
from n3fit.api.theories import TheorySummary, build_theory, check_theory, list_theories

if TYPE_CHECKING:
    from n3fit.api.fit_object import Fit
    from n3fit.campaign.result import CampaignResult, describe_alphas
    from n3fit.data.description import DatasetDescription
    from n3fit.diagnosis import Diagnosis, Finding, Place
    from n3fit.fetching import Fetched
    from n3fit.fit.evolution_ahead import EvolutionAhead
    from n3fit.reduction import DeviationRow
    from n3fit.results import Chi2Row, FitSummary, Postfit, TooFewReplicasError
    from n3fit.results.closure import ClosureEstimates
    from n3fit.results.closure_statistics import ClosureStatistics
    from n3fit.results.compressed_sets import CompressedSet, ErrorFunctionRow
    from n3fit.results.hessian_sets import HessianSet
    from n3fit.results.layout import format_replicas
    from n3fit.results.set_chi2 import SetChi2
    from n3fit.runcard.explanation import Explanation
    from n3fit.storage.cache_contents import CacheContents, CacheKind
    from n3fit.theory.fittable_sets import FittableSet, IncompleteSet
    from n3fit.theory.tables.checks.results import CheckedTable, CheckReport

_LOADED_ON_USE = MappingProxyType(
    {
        "CacheContents": "n3fit.storage.cache_contents",
        "CacheKind": "n3fit.storage.cache_contents",
        "CampaignResult": "n3fit.campaign.result",
        "CheckReport": "n3fit.theory.tables.checks.results",
        "CheckedTable": "n3fit.theory.tables.checks.results",
        "Chi2Row": "n3fit.results",
        "CompressedSet": "n3fit.results.compressed_sets",
        "DeviationRow": "n3fit.reduction",
        "ErrorFunctionRow": "n3fit.results.compressed_sets",
        "ClosureEstimates": "n3fit.results.closure",
        "ClosureStatistics": "n3fit.results.closure_statistics",
        "Diagnosis": "n3fit.diagnosis",
        "DatasetDescription": "n3fit.data.description",
        "EvolutionAhead": "n3fit.fit.evolution_ahead",
        "Explanation": "n3fit.runcard.explanation",
        "Fetched": "n3fit.fetching",
        "Finding": "n3fit.diagnosis",
        "Fit": "n3fit.api.fit_object",
        "FitSummary": "n3fit.results",
        "FittableSet": "n3fit.theory.fittable_sets",
        "HessianSet": "n3fit.results.hessian_sets",
        "IncompleteSet": "n3fit.theory.fittable_sets",
        "Place": "n3fit.diagnosis",
        "Postfit": "n3fit.results",
        "SetChi2": "n3fit.results.set_chi2",
        "TooFewReplicasError": "n3fit.results",
        "describe_alphas": "n3fit.campaign.result",
        "format_replicas": "n3fit.results.layout",
    }
)
"""Names whose modules need numpy, and are imported when the name is first used."""

__all__ = [
    "CacheContents",
    "CacheKind",
    "CampaignResult",
    "CheckReport",
    "CheckSummary",
    "CheckedTable",
    "Chi2Row",
    "Chi2Summary",
    "ClosureEstimates",
    "ClosureStatistics",
    "ClosureSummary",
    "CompressedSet",
    "CutSummary",
    "DataCheck",
    "DatasetCheck",
    "DatasetCuts",
    "DatasetDescription",
    "DeviationRow",
    "Diagnosis",
    "ErrorFunctionRow",
    "EvolutionAhead",
    "ExampleCard",
    "Explanation",
    "Fetched",
    "Finding",
    "Fit",
    "FitSummary",
    "FittableSet",
    "HessianSet",
    "IncompleteSet",
    "InitialRuncard",
    "NextRuncard",
    "OtherCardSummary",
    "PdfCheck",
    "PdfDescription",
    "PdfSummary",
    "Place",
    "Postfit",
    "PostfitSummary",
    "RemovedPoints",
    "ScanSummary",
    "SetChi2",
    "TheorySummary",
    "TooFewReplicasError",
    "TrialCard",
    "TrialCheck",
    "add_replicas",
    "best_card",
    "build_theory",
    "bundle_pdf",
    "cache_kinds",
    "campaign",
    "check",
    "check_pdf",
    "check_steps",
    "check_theory",
    "chi2",
    "clear_cache",
    "closure",
    "collect",
    "compress",
    "data_check",
    "data_choices",
    "data_cuts",
    "data_new",
    "data_show",
    "describe_alphas",
    "describe_pdf",
    "doctor",
    "evolution_ahead",
    "evolve",
    "examples",
    "explain",
    "fit",
    "fit_part",
    "format_replicas",
    "get_pdf",
    "get_theory",
    "hessian",
    "hyperopt",
    "init",
    "job_array",
    "list_pdfs",
    "list_theories",
    "merge",
    "next_runcard",
    "open_ensemble",
    "open_fit",
    "pdf_set_names",
    "postfit",
    "report",
    "runcard_keys",
    "scan_report",
    "schema",
    "show_cache",
    "template_cluster",
    "theory_names",
]


def __getattr__(name: str) -> Any:
    """Return one of the names that are loaded on use.

    Raises
    ------
    AttributeError
        There is no such name.
    """
    if name not in _LOADED_ON_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LOADED_ON_USE[name]), name)
