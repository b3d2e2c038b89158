"""Real data: chi2 in single precision, and the fit of them with tables of another origin."""

from pathlib import Path

import numpy as np
import pytest
from support import problems

from n3fit.backends import set_initial_state
from n3fit.fit.inputs import FitInputs, load_inputs
from n3fit.fit.problem import make_architecture, make_problem, make_pseudodata
from n3fit.fit.settings import fit_settings
from n3fit.model.pdf_model import build_pdf_model, evaluate_pdf
from n3fit.model.training_model import build_training_model
from n3fit.paths import SearchPaths
from n3fit.progress import NullReporter
from n3fit.runcard import Runcard
from n3fit.theory.flavours import EVOLUTION_TO_FK
from n3fit.training.trainer import train_replicas

DATASETS = (("HERA_CC_318GEV_EM-SIGMARED", "legacy"), ("HERA_CC_318GEV_EP-SIGMARED", "legacy"))
REPLICAS = [1, 2]


def make_card(*, theory: object = "dis_nnlo", positivity=(), **changes) -> Runcard:
    content = problems.make_runcard(
        epochs=100, optimizer={"optimizer_name": "Nadam", "learning_rate": 2e-3}
    ).model_dump()
    content |= {
        "dataset_inputs": [{"dataset": name, "variant": variant, "frac": 0.75} for name, variant in DATASETS],
        "datacuts": {"t0pdfset": "toy", "q2min": 3.49, "w2min": 12.5},
        "theory": {"theoryid": theory},
        "positivity": {"posdatasets": [{"dataset": name, "maxlambda": 1e3} for name in positivity]},
    }
    return Runcard.model_validate(content | changes)


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """Keep the cache of the tests apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("N3FIT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield
    set_initial_state()


@pytest.fixture(scope="module")
def inputs(toy_pdf_sets, cache) -> FitInputs:
    return load_inputs(make_card(), SearchPaths(pdf_sets=toy_pdf_sets), progress=NullReporter())


def plain_chi2(inputs: FitInputs, pdf_model, data: np.ndarray, masks: np.ndarray | None = None) -> np.ndarray:
    """Return chi2 of each replica in float64 from the tables, of all points or of those of a mask."""

    def pdf(x):
        return evaluate_pdf(pdf_model, x) @ EVOLUTION_TO_FK.T

    predictions = np.concatenate([observable.predict(pdf) for observable in inputs.observables], axis=1)
    values = []
    for replica, row in enumerate(predictions - data):
        points = np.ones(len(row), dtype=bool) if masks is None else masks[replica]
        values.append(row[points] @ np.linalg.inv(inputs.data.t0_covariance[np.ix_(points, points)]) @ row[points])
    return np.array(values)


@pytest.mark.parametrize("trained", [False, True], ids=["first weights", "trained"])
@pytest.mark.parametrize("diagonal", [True, False], ids=["eigenbasis", "points"])
def test_chi2_in_single_precision(diagonal, trained, inputs):
    """1e-5 relative to plain numpy in float64, also for a chi2 near that of a fit."""
    card = make_card(diagonal_basis=diagonal)
    settings = fit_settings(card)
    data = make_pseudodata(settings, inputs, REPLICAS)
    problem = make_problem(settings, inputs, REPLICAS, data)
    if trained:
        pdf_model = train_replicas(
            settings.training, make_architecture(card, inputs), problem, REPLICAS, progress=NullReporter()
        ).pdf_model
    else:
        pdf_model = build_pdf_model(make_architecture(card, inputs), REPLICAS)
    losses = build_training_model(pdf_model, problem).compute_losses()
    if diagonal:
        total = losses["training_loss"] + losses["validation_loss"]
        np.testing.assert_allclose(total, plain_chi2(inputs, pdf_model, data), rtol=1e-5)
    else:
        masks = problem.chi2.training
        np.testing.assert_allclose(losses["training_loss"], plain_chi2(inputs, pdf_model, data, masks), rtol=1e-5)
        np.testing.assert_allclose(losses["validation_loss"], plain_chi2(inputs, pdf_model, data, ~masks), rtol=1e-5)
    if trained:
        assert (losses["training_loss"] < 20 * problem.training_points).all()


def test_same_card_on_theory_400(shared_theories: Path, inputs, toy_pdf_sets):
    """Predictions of the toy PDF agree between the two theories, and the fit of theory 400 goes the same way."""
    card = make_card(theory=400, positivity=["NNPDF_POS_2P24GEV_F2U", "NNPDF_POS_2P24GEV_DYU"])
    other = load_inputs(card, SearchPaths(shared_theories, toy_pdf_sets), progress=NullReporter())
    assert other.positivity[1].tables[0].hadronic
    ratio = np.diag(other.data.t0_covariance) / np.diag(inputs.data.t0_covariance)
    np.testing.assert_allclose(ratio, 1, atol=0.05)
    settings, architecture = fit_settings(card), make_architecture(card, other)
    problem = make_problem(settings, other, REPLICAS, make_pseudodata(settings, other, REPLICAS))
    trained = train_replicas(settings.training, architecture, problem, REPLICAS, progress=NullReporter())
    assert trained.record.finite.all()
    assert (trained.record.training_chi2 < 20).all()
