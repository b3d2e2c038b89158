"""Default values are the published ones, and the functions that have them agree."""

import inspect

from n3fit import api, defaults
from n3fit.data import DEFAULT_LIMITS
from n3fit.results import Thresholds
from n3fit.runcard import DataCuts


def test_published_values() -> None:
    """Cuts and vetoes of arXiv:2109.02653."""
    assert (defaults.Q2_MIN, defaults.W2_MIN, defaults.MAX_TAU) == (3.49, 12.5, 0.08)
    assert (defaults.CHI2_DEVIATIONS, defaults.ARC_LENGTH_DEVIATIONS, defaults.INTEGRABILITY_LIMIT) == (4.0, 4.0, 0.5)
    assert defaults.Q_MAX == 1e5


def test_a_runcard_without_cuts_has_the_default_ones() -> None:
    assert DataCuts().model_dump(include={*DEFAULT_LIMITS}) == dict.fromkeys(DEFAULT_LIMITS)
    assert dict(DEFAULT_LIMITS) == {"q2min": defaults.Q2_MIN, "w2min": defaults.W2_MIN, "maxTau": defaults.MAX_TAU}


def test_postfit_in_python_has_the_default_thresholds() -> None:
    parameters = inspect.signature(api.postfit).parameters
    thresholds = {name: parameters[name].default for name in ("chi2", "arc_length", "integrability")}
    assert Thresholds(**thresholds) == Thresholds()
