"""The fit folder: written whole or not at all, and read back."""

from n3fit.results.folder import FitFolder
from n3fit.results.lock import lock_folder
from n3fit.results.naming import fit_name, prepare_folder
from n3fit.results.outcome import DatasetSummary, FitOutcome, TrainingHistory
from n3fit.results.summary import Chi2Row, FitSummary
from n3fit.results.writer import write_fit_folder
from n3fit.results.xgrid import export_xgrid

__all__ = [
    "Chi2Row",
    "DatasetSummary",
    "FitFolder",
    "FitOutcome",
    "FitSummary",
    "TrainingHistory",
    "export_xgrid",
    "fit_name",
    "lock_folder",
    "prepare_folder",
    "write_fit_folder",
]
