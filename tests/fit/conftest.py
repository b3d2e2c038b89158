"""Fixtures: the inputs of a small fit; n3fit chooses the Keras backend before a test module imports Keras."""

import pytest
from support import problems

import n3fit.backends  # noqa: F401
from n3fit.fit.inputs import load_inputs
from n3fit.paths import SearchPaths
from n3fit.progress import NullReporter
from n3fit.runcard import Runcard


@pytest.fixture(scope="session")
def card():
    """A runcard with positivity and integrability, and a way to change its top-level keys."""
    base = problems.make_runcard(epochs=1000, positivity={"initial": 10}, integrability={"initial": 2, "multiplier": 3})
    content = base.model_dump() | {
        "datacuts": {"t0pdfset": "toy", "q2min": 3.49, "w2min": 12.5},
        "positivity": {"posdatasets": [{"dataset": "NNPDF_POS_2P24GEV_XGL", "maxlambda": 1e6}]},
        "integrability": {"integdatasets": [{"dataset": "NNPDF_INTEG_3GEV_XT3", "maxlambda": 1e2}]},
        "added_filter_rules": [{"dataset": "NNPDF_POS_2P24GEV_XGL", "rule": "x > 0.1"}],
    }
    return lambda **changes: Runcard.model_validate(content | changes)


@pytest.fixture(scope="session")
def inputs(card, toy_pdf_sets, tmp_path_factory):
    """One real data set with the embedded theory, a positivity and an integrability set."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("N3FIT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield load_inputs(card(), SearchPaths(pdf_sets=toy_pdf_sets), progress=NullReporter())


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory):
    """Keep the cache of a module apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("N3FIT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def compiled(compiled_once):
    """Share compiled programs between tests."""
