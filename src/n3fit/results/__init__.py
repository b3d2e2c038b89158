"""The fit folder: written completely or not at all, and read."""

from n3fit.results.describe import Chi2Row, FitSummary
from n3fit.results.fit_record import FitRecord
from n3fit.results.folder import FitFolder
from n3fit.results.layout import fit_name, prepare_folder
from n3fit.results.merging import merge_fits
from n3fit.results.postfit import Postfit, read_postfit, write_postfit
from n3fit.results.reader import read_fit_folder
from n3fit.results.selecting import TooFewReplicasError, choose_and_record, select_replicas
from n3fit.results.vetoes import Thresholds
from n3fit.results.writer import write_fit_folder

__all__ = [
    "Chi2Row",
    "FitFolder",
    "FitRecord",
    "FitSummary",
    "Postfit",
    "Thresholds",
    "TooFewReplicasError",
    "choose_and_record",
    "fit_name",
    "merge_fits",
    "prepare_folder",
    "read_fit_folder",
    "read_postfit",
    "select_replicas",
    "write_fit_folder",
    "write_postfit",
]
