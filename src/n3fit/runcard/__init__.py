"""Reading and checking runcards: schema, defaults, consistency, and errors with file, line and key."""

from n3fit.runcard.data_keys import AddedFilterRule as AddedFilterRule
from n3fit.runcard.data_keys import DataCuts as DataCuts
from n3fit.runcard.data_keys import DatasetInput as DatasetInput
from n3fit.runcard.data_keys import LagrangeDataset as LagrangeDataset
from n3fit.runcard.fitting import BasisFlavour as BasisFlavour
from n3fit.runcard.fitting import Fitting as Fitting
from n3fit.runcard.notes import RuncardWarning as RuncardWarning
from n3fit.runcard.other_cards import NotAFitError as NotAFitError
from n3fit.runcard.parameters import Optimizer as Optimizer
from n3fit.runcard.parameters import Parameters as Parameters
from n3fit.runcard.reading import build_runcard as build_runcard
from n3fit.runcard.reading import parse_runcard as parse_runcard
from n3fit.runcard.reading import read_runcard as read_runcard
from n3fit.runcard.reference import REFERENCE as REFERENCE
from n3fit.runcard.schema import Runcard as Runcard
