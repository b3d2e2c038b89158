"""Fits of other PDF models than the network: weights to start from, penalties, resuming, and complete fits."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from support.plug_ins import TOY, install
from support.runcards import SMALL_FIT, change

from n3fit import api
from n3fit.errors import DataError, FitError, RuncardError
from n3fit.fit.checkpoints import checkpoint_folder, has_checkpoints
from n3fit.fit.initial_weights import expected_shapes, read_initial_weights
from n3fit.fit.problem import make_architecture, make_problem, make_pseudodata
from n3fit.fit.run import run_fit
from n3fit.fit.settings import fit_settings
from n3fit.model.pdf_model import build_pdf_model, evaluate_pdf
from n3fit.paths import SearchPaths
from n3fit.progress import NullReporter
from n3fit.results import FitFolder, read_fit_folder
from n3fit.runcard import Runcard, RuncardWarning, parse_runcard
from n3fit.storage.weights import write_weights
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.vocabulary import PARAMETRISATION_LAYER

NO_TABLES: Any = SimpleNamespace(tables=())
NETWORK = "  nodes_per_layer: [6, 8]\n  activation_per_layer: [tanh, linear]\n"
MODELS = {
    "les_houches": "  model: les_houches\n  model_settings: {powers: [0.5, 1]}\n",
    "grid": "  model: grid\n  model_settings: {nodes: 8}\n",
}
X = np.geomspace(1e-6, 1, 20)


def card_text(model: str, *changes: tuple[str, str]) -> str:
    """Return the small fit with a model whose exponents are fitted."""
    return change(SMALL_FIT, (NETWORK, model), ("trainable: false", "trainable: true"), *changes)


def parse(model: str, *changes: tuple[str, str]) -> Runcard:
    return parse_runcard(card_text(model, *changes))


@pytest.mark.parametrize("name", MODELS)
def test_weights_of_a_file(name: str, tmp_path: Path) -> None:
    card = parse(MODELS[name])
    saved = build_pdf_model(make_architecture(card, NO_TABLES), [7])
    weights = saved.get_replica_weights(0)
    shapes = {layer: [array.shape for array in arrays] for layer, arrays in weights.items()}
    assert {layer: list(own.values()) for layer, own in expected_shapes(card).items()} == shapes
    path = tmp_path / "a.weights.h5"
    write_weights(path, weights)
    loading = parse(MODELS[name], ("nnseed: 2", f"nnseed: 2\nload: {path}"))
    start = read_initial_weights(loading, [1, 2], source=tmp_path / "card.yml")
    assert start is not None
    model = build_pdf_model(make_architecture(loading, NO_TABLES), [1, 2])
    model.set_weights_of_replicas(start.replicas)
    np.testing.assert_allclose(
        evaluate_pdf(model, X), np.repeat(evaluate_pdf(saved, X), 2, axis=0), rtol=2e-5, atol=1e-6
    )


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.weights.h5"
    network = build_pdf_model(make_architecture(parse_runcard(SMALL_FIT), NO_TABLES), [1])
    write_weights(path, network.get_replica_weights(0))
    card = parse(MODELS["grid"], ("nnseed: 2", f"nnseed: 2\nload: {path}"))
    with pytest.raises(DataError) as error:
        read_initial_weights(card, [1], source=tmp_path / "card.yml")
    assert "all_NNs: expected nothing, received 4 arrays" in error.value.message
    assert "parametrisation: values: expected (1, 8, 8), received nothing" in error.value.message


def test_a_model_without_penalties(card: Any, inputs: Any) -> None:
    settings = fit_settings(card())
    pseudodata = make_pseudodata(settings, inputs, [1, 2])
    with_penalties, without = (
        make_problem(settings, inputs, [1, 2], pseudodata, positivity=positivity) for positivity in (True, False)
    )
    assert len(with_penalties.positivity.observables) == 1
    assert without.positivity.observables == ()
    assert len(without.integrability.observables) == 1


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Install a package with the source of a PDF model."""

    def make(source: str) -> Path:
        monkeypatch.delitem(sys.modules, "fitted_toy", raising=False)
        folder = install(tmp_path / "package", {"fitted_toy.py": source}, {"toy": "fitted_toy:Toy"})
        monkeypatch.syspath_prepend(folder)
        return folder

    return make


def fit(place: Path, text: str, replicas: range, name: str) -> FitFolder:
    path = place / f"{name}.yml"
    path.write_text(text)
    return api.fit(path, replicas=replicas, output=place / name)


def test_a_model_of_a_package(place: Path, package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its constant replaces the network, and nothing else; the fit is read without the package."""
    installed = package(TOY + "\n    preprocessing = False\n    sum_rules = False\n    positivity = False\n")
    text = card_text("  model: toy\n", ("epochs: 120", "epochs: 20"))
    with pytest.warns(RuncardWarning) as found:
        folder = fit(place, text, range(1, 3), "toy")
    reason = "without effect beside parameters.model: toy, which has its own"
    assert [str(warning.message).partition(": ")[2] for warning in found if warning.category is RuncardWarning] == [
        f"parameters.positivity.initial: {reason}: the sets are only checked",
        f"fitting.basis[].{{smallx, largex, trainable}}: {reason} preprocessing",
    ]
    (name,) = (name for name in folder.manifest.inputs if name.startswith("PDF model"))
    assert name == "PDF model toy: toy-pdf 1.0"
    gluon = folder.pdf[..., EXPORT_PIDS.index(21)]
    np.testing.assert_allclose(gluon, np.broadcast_to(gluon[:, :1], gluon.shape), rtol=1e-6)
    assert folder.weights(1).keys() == {PARAMETRISATION_LAYER}
    assert np.isnan(folder.results.alpha).all()
    monkeypatch.delitem(sys.modules, "fitted_toy")
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry != str(installed)])
    api.postfit(folder.path, count=2, chi2=1e9, arc_length=1e9, integrability=1e9)
    again = read_fit_folder(folder.path, checksums=True)
    assert again.postfit is not None
    np.testing.assert_array_equal(again.pdf, folder.pdf)
    with pytest.raises(RuncardError) as error:
        fit(place, text, range(3, 4), "without")
    assert "toy'" in error.value.message
    assert "install the package that has it as an entry point of n3fit.pdf_models" in error.value.message


def test_a_model_that_fails(place: Path, package: Any) -> None:
    package(TOY.replace('variables["values"]', 'variables["value"]'))
    with pytest.raises(FitError, match=r"PDF model Toy: evaluate failed: .*value.* in fitted_toy.py, line \d+"):
        fit(place, card_text("  model: toy\n"), range(1, 2), "failing")
    assert not (place / "failing").exists()


@pytest.mark.parametrize("name", ["les_houches", pytest.param("grid", marks=pytest.mark.slow)])
def test_resumed_and_alone_to_the_bit(name: str, place: Path) -> None:
    """In deterministic mode, a replica alone, among others and after an interruption has the same files."""
    short = (("epochs: 120", "epochs: 250"), ("nnseed: 2", "nnseed: 2\ndebug: true"))
    text = card_text(MODELS[name], *short)
    several = fit(place, text, range(1, 3), f"{name}_several")
    assert set(several.weights(1)) == {PARAMETRISATION_LAYER, "preprocessing_factor"}
    path, folder = place / f"{name}.yml", place / f"{name}_resumed"
    path.write_text(text)
    checkpoints = checkpoint_folder(folder)
    options: dict[str, Any] = {"paths": SearchPaths(), "progress": NullReporter(), "checkpoint": 0.0}
    with pytest.raises(KeyboardInterrupt):
        run_fit(path, [2], folder, stop_requested=lambda: has_checkpoints(checkpoints), **options)
    resumed = run_fit(path, [2], folder, resume=True, **options)
    for file in ("weights.weights.h5", "chi2exps.log"):
        one, other = (found.path / "nnfit" / "replica_2" / file for found in (several, resumed))
        assert one.read_bytes() == other.read_bytes(), file
    np.testing.assert_array_equal(several.pdf[1], resumed.pdf[0])
