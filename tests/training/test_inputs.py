"""What a runcard asks for, on real data and the embedded theory."""

from dataclasses import replace

import numpy as np
import pytest

from n3fit.data import load_pdf_set
from n3fit.errors import DataError, TheoryError
from n3fit.progress import Silence
from n3fit.runcard import Runcard
from n3fit.theory.flavours import EXPORT_PIDS, FLAVOUR_TO_FK
from n3fit.theory.theories import open_theory
from n3fit.theory.toy_pdf import les_houches_toy
from n3fit.training import inputs as room
from n3fit.training.inputs import DEFAULT_T0_SET, load_inputs, predict_with_set

DATASET = "HERA_CC_318GEV_EM-SIGMARED"


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """Keep the cache of the tests apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("N3FIT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def content(examples):
    return examples.make_runcard().model_dump() | {
        "dataset_inputs": [{"dataset": DATASET, "variant": "legacy"}],
        "datacuts": {"t0pdfset": "toy", "q2min": 3.49, "w2min": 12.5},
        "theory": {"theoryid": "dis_nnlo"},
        "positivity": {"posdatasets": [{"dataset": "NNPDF_POS_2P24GEV_XGL", "maxlambda": 1e6}]},
        "integrability": {"integdatasets": [{"dataset": "NNPDF_INTEG_3GEV_XT3", "maxlambda": 1e2}]},
        "added_filter_rules": [{"dataset": "NNPDF_POS_2P24GEV_XGL", "rule": "x > 0.1"}],
    }


@pytest.fixture(scope="module")
def loaded(content, toy_pdf_sets):
    return load_inputs(Runcard.model_validate(content), pdf_path=toy_pdf_sets, progress=Silence())


def test_sets_points_and_rules(loaded):
    assert [observable.name for observable in loaded.observables] == [DATASET]
    assert len(loaded.data) == loaded.observables[0].ndata == 42
    (gluon,), (t3,) = loaded.positivity, loaded.integrability
    assert 0 < gluon.ndata < 20
    assert t3.ndata == 1
    assert len(loaded.tables) == 3


def test_t0_covariance_takes_the_predictions_of_the_set(loaded, toy_pdf_sets):
    toy = load_pdf_set("toy", [toy_pdf_sets])
    predictions = predict_with_set(loaded.observables[0], toy, loaded.theory.q0)
    exact = loaded.observables[0].predict(lambda x: les_houches_toy(EXPORT_PIDS, x).T @ FLAVOUR_TO_FK.T)
    np.testing.assert_allclose(predictions, exact, rtol=2e-3)
    dataset = loaded.data.datasets[0]
    expected = np.diag(dataset.statistical**2)
    for column, kind in enumerate(dataset.systematic_kinds):
        shift = dataset.systematics[:, column]
        if kind == "MULT":
            shift = shift * predictions / dataset.central
        alone = dataset.systematic_correlations[column] in ("UNCORR", "THEORYUNCORR")
        expected += np.diag(shift**2) if alone else np.outer(shift, shift)
    np.testing.assert_allclose(loaded.data.t0_covariance, expected, rtol=1e-10)


def test_everything_that_goes_in_has_a_checksum(loaded):
    kinds = sorted(name.split()[0] for name in loaded.hashes)
    assert kinds == ["PDF", "data", "runcard", "theory", "theory", "theory"]
    assert all(len(digest) == 64 for digest in loaded.hashes.values())


def test_the_default_t0_set_comes_with_the_package(content):
    card = Runcard.model_validate(content | {"datacuts": {"q2min": 3.49, "w2min": 12.5}})
    assert load_inputs(card, progress=Silence()).t0_set == DEFAULT_T0_SET


def test_fault_33_a_theory_without_fitted_charm_is_refused(content, toy_pdf_sets, monkeypatch):
    theory = open_theory("dis_nnlo")
    without = replace(theory, card=dict(theory.card) | {"IC": 0})
    monkeypatch.setattr(room, "open_theory", lambda theoryid, path: without)
    with pytest.raises(TheoryError, match="fits charm"):
        load_inputs(Runcard.model_validate(content), pdf_path=toy_pdf_sets, progress=Silence())


def test_an_unknown_t0_set_is_named(content):
    card = Runcard.model_validate(content | {"datacuts": {"t0pdfset": "n3fit_dis_t1"}})
    with pytest.raises(DataError, match="did you mean 'n3fit_dis_t0'"):
        load_inputs(card, progress=Silence())
