"""Weights to start from: files of n3fit and of nnpdf, and what does not fit the runcard."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np
import pytest

from n3fit.errors import DataError
from n3fit.fit.initial_weights import expected_shapes, read_initial_weights
from n3fit.fit.problem import make_architecture
from n3fit.model.pdf_model import build_pdf_model, evaluate_pdf
from n3fit.runcard import Runcard, parse_runcard
from n3fit.storage import sha256_of_file
from n3fit.storage.weights import write_weights

FLAVOURS = ("sng", "g", "v", "v3", "v8", "t3", "t8", "t15")
FREE = ("v", "t8")
NODES = (10, 7, 8)
X = np.array([1e-5, 1e-3, 0.1, 0.3, 0.8])


NO_TABLES: Any = SimpleNamespace(tables=())
"""Inputs of an architecture that does not depend on them."""


def make_card(
    *,
    nodes: tuple[int, ...] = NODES,
    layer_type: str = "dense",
    scaling: bool = False,
    more: str = "",
    free: bool = True,
) -> Runcard:
    largex = "" if scaling else ", largex: [1.0, 3.0]"
    basis = "\n".join(
        f"  - {{fl: {name}, trainable: {str(free and name in FREE).lower()}, smallx: [0.1, 0.9]{largex}}}"
        for name in FLAVOURS
    )
    return parse_runcard(f"""\
dataset_inputs: [{{dataset: NMC_NC_NOTFIXED_P_EM-SIGMARED, variant: legacy}}]
theory: {{theoryid: dis_nnlo}}
trvlseed: 1
nnseed: 2
genrep: false
{more}
parameters:
  nodes_per_layer: {list(nodes)}
  activation_per_layer: [{", ".join(["tanh"] * (len(nodes) - 1))}, linear]
  layer_type: {layer_type}
  optimizer: {{optimizer_name: SGD}}
  epochs: 10
  stopping_patience: 1
  {"feature_scaling_points: 5" if scaling else ""}
fitting:
  fitbasis: EVOL
  sum_rules: false
  basis:
{basis}
""")


class FileOfNnpdf:
    """A file in the layout of nnpdf 4.1.5, with random numbers."""

    def __init__(self, *, per_flavour: bool = False, features: int = 2, nodes: tuple[int, ...] = NODES) -> None:
        random = np.random.default_rng(1)
        networks = len(FLAVOURS) if per_flavour else 1
        widths = (features, *nodes[:-1], 1 if per_flavour else nodes[-1])
        self.dense = [
            (random.normal(size=(inputs, outputs)), random.normal(size=outputs))
            for inputs, outputs in pairwise(widths)
            for _ in range(networks)
        ]
        self.exponents = {name: random.uniform(0.1, 0.9, size=2) for name in FLAVOURS}
        self.networks = networks

    def write(self, path: Path) -> Path:
        order = [*FREE, *(name for name in FLAVOURS if name not in FREE)]
        exponents = [value for name in order for value in self.exponents[name]]
        with h5py.File(path, "w") as file:
            network = "layers/meta_model/layers/meta_model/layers/dense"
            for number, arrays in enumerate(self.dense):
                group = file.require_group(f"{network}{f'_{number}' if number else ''}/vars")
                group.attrs["name"] = f"dense_{number + 6}"
                for place, array in enumerate(arrays):
                    group.create_dataset(str(place), data=array.astype(np.float32))
            for name, layer in (
                ("meta_model", "all_NNs"),
                ("meta_model/layers/meta_model", "NN_0"),
                ("fk_rotation", "x"),
            ):
                file.require_group(f"layers/{name}/vars").attrs["name"] = layer
            group = file.require_group("layers/preprocessing/vars")
            group.attrs["name"] = "preprocessing_factor"
            for number, value in enumerate(exponents):
                group.create_dataset(str(number), data=np.full((1, 1), value, dtype=np.float32))
        return path

    def pdf(self) -> np.ndarray:
        """Compute the PDFs (x, flavour), by hand."""
        columns = []
        for network in range(self.networks):
            values = np.stack([X, np.log(X)], axis=1)
            layers = self.dense[network :: self.networks]
            for number, (kernel, bias) in enumerate(layers):
                values = values @ kernel + bias
                values = np.tanh(values) if number < len(layers) - 1 else values
            columns.append(values)
        alpha, beta = np.array([self.exponents[name] for name in FLAVOURS]).T
        return np.concatenate(columns, axis=1) * X[:, None] ** (1 - alpha) * (1 - X[:, None]) ** beta


@pytest.mark.parametrize("layer_type", ["dense", "dense_per_flavour"])
def test_a_file_of_nnpdf_gives_the_pdfs_of_its_weights(tmp_path: Path, layer_type: str) -> None:
    """Fitted exponents come first in the file, and nets of single flavours layer by layer."""
    content = FileOfNnpdf(per_flavour=layer_type == "dense_per_flavour")
    path = content.write(tmp_path / "a.weights.h5")
    card = make_card(layer_type=layer_type, more=f"load: {path}")
    start = read_initial_weights(card, [3, 4], source=tmp_path / "card.yml")
    assert start is not None
    assert len(start.replicas) == 2
    assert start.hashes == {"weights a.weights.h5": sha256_of_file(path)}
    model = build_pdf_model(make_architecture(card, NO_TABLES), [3, 4])
    for index, one in enumerate(start.replicas):
        model.set_replica_weights(one, index)
    np.testing.assert_allclose(evaluate_pdf(model, X), [content.pdf()] * 2, rtol=2e-4, atol=1e-6)


@pytest.mark.parametrize("layer_type", ["dense", "dense_per_flavour"])
@pytest.mark.parametrize("scaling", [False, True])
def test_shapes_follow_from_the_runcard_alone(layer_type: str, scaling: bool) -> None:
    card = make_card(layer_type=layer_type, scaling=scaling)
    architecture = make_architecture(make_card(layer_type=layer_type), NO_TABLES)
    if scaling:
        knots = (np.array([1e-5, 0.1, 1.0]), np.array([-1.0, 0.0, 1.0]))
        ranges = tuple(replace(entry, largex=None) for entry in architecture.ranges)
        architecture = replace(architecture, ranges=ranges, feature_knots=knots)
    model = build_pdf_model(architecture, [1])
    shapes = expected_shapes(card)
    for layer, arrays in model.get_replica_weights(0).items():
        assert [array.shape for array in arrays] == list(shapes[layer].values())
        names = [weight.path.removeprefix(f"{layer}/") for weight in model.get_layer(layer).weights]
        assert names == list(shapes[layer])


def test_a_file_of_n3fit(tmp_path: Path) -> None:
    card = make_card(more="load: own.weights.h5")
    weights = build_pdf_model(make_architecture(card, NO_TABLES), [1]).get_replica_weights(0)
    write_weights(tmp_path / "own.weights.h5", weights)
    read = read_initial_weights(card, [1], source=tmp_path / "card.yml")
    assert read is not None
    for layer, arrays in weights.items():
        for one, other in zip(arrays, read.replicas[0][layer], strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("file", "card", "message"),
    [
        (FileOfNnpdf(nodes=(10, 6, 8)), make_card(more="load: a.weights.h5"),
         r"all_NNs: layer_1/kernel: expected \(1, 10, 7\), received \(1, 10, 6\); "
         r"all_NNs: layer_1/bias: expected \(1, 1, 7\), received \(1, 1, 6\); all_NNs: layer_2/kernel"),
        (FileOfNnpdf(nodes=(10, 8)), make_card(more="load: a.weights.h5"),
         r"layer_2/kernel: expected \(1, 7, 8\), received nothing; "),
        (FileOfNnpdf(features=1), make_card(more="load: a.weights.h5"),
         r"layer_0/kernel: expected \(1, 2, 10\), received \(1, 1, 10\) "),
        (FileOfNnpdf(), make_card(more="load: a.weights.h5", scaling=True),
         r"layer_0/kernel: expected \(1, 1, 10\), received \(1, 2, 10\) "),
        (FileOfNnpdf(), make_card(more="load: a.weights.h5", layer_type="dense_per_flavour"),
         r"all_NNs: v_layer_0/kernel: expected \(1, 2, 10\), received \(1, 7, 8\)"),
    ],
)  # fmt: skip
def test_other_shapes_are_listed(tmp_path: Path, file: FileOfNnpdf, card: Runcard, message: str) -> None:
    file.write(tmp_path / "a.weights.h5")
    with pytest.raises(DataError, match=message) as caught:
        read_initial_weights(card, [1], source=tmp_path / "card.yml")
    assert caught.value.message.startswith(f"{tmp_path}/a.weights.h5: weights of another architecture; ")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="load: w.h5 is not there, expected one of w.h5, .*/w.h5") as caught:
        read_initial_weights(make_card(more="load: w.h5"), [1], source=tmp_path / "card.yml")
    assert caught.value.exit_code == 3
    assert read_initial_weights(make_card(), [1], source=tmp_path / "card.yml") is None


def test_each_replica_starts_from_the_one_with_its_number(tmp_path: Path) -> None:
    card = make_card(more="load_weights_from_fit: before")
    architecture = make_architecture(card, NO_TABLES)
    start = {number: build_pdf_model(architecture, [number]).get_replica_weights(0) for number in (1, 2)}
    for number, weights in start.items():
        place = tmp_path / "fits" / "before" / "nnfit" / f"replica_{number}"
        place.mkdir(parents=True)
        write_weights(place / "saved.weights.h5", weights)
    source, output = tmp_path / "card.yml", tmp_path / "fits" / "next"
    read = read_initial_weights(card, [2, 1], source=source, output=output)
    assert read is not None
    for number, weights in zip((2, 1), read.replicas, strict=True):
        np.testing.assert_array_equal(weights["all_NNs"][0], start[number]["all_NNs"][0])
    with pytest.raises(DataError, match="replica_3: expected one file of weights, received none"):
        read_initial_weights(card, [1, 3], source=source, output=output)
    with pytest.raises(DataError, match="load_weights_from_fit: before is not there"):
        read_initial_weights(card, [1], source=source)
