"""The fit folder: written whole or not at all, and read back."""

from n3fit.results.folder import FitFolder, lock_fit
from n3fit.results.merging import merge_fits
from n3fit.results.naming import fit_name, prepare_folder
from n3fit.results.outcome import DatasetSummary, FitOutcome, TrainingHistory
from n3fit.results.postfit import Postfit, TooFewReplicasError, make_postfit, read_postfit, write_postfit
from n3fit.results.selection import Thresholds
from n3fit.results.summary import Chi2Row, FitSummary
from n3fit.results.writer import write_fit_folder
from n3fit.results.xgrid import export_xgrid
from n3fit.storage.locks import lock_folder

__all__ = [
    "Chi2Row",
    "DatasetSummary",
    "FitFolder",
    "FitOutcome",
    "FitSummary",
    "Postfit",
    "Thresholds",
    "TooFewReplicasError",
    "TrainingHistory",
    "export_xgrid",
    "fit_name",
    "lock_fit",
    "lock_folder",
    "make_postfit",
    "merge_fits",
    "prepare_folder",
    "read_postfit",
    "write_fit_folder",
    "write_postfit",
]
