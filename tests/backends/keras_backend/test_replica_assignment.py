"""To which replica a weight belongs, also in models whose layers set no replica axis."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops
from numpy.typing import NDArray

from n3fit.backends import Lambda, MetaLayer, MetaModel, MultiDense
from n3fit.backends import operations as op
from n3fit.backends.keras_backend.callbacks import DeviceCallback
from n3fit.backends.keras_backend.constraints import MinMaxWeight
from n3fit.backends.keras_backend.optimizers import ACCEPTED_OPTIMIZERS
from n3fit.backends.keras_backend.replica_assignment import ReplicaAssignment, assignment_of

GRID = np.linspace(0.05, 0.9, 12)[:, np.newaxis]
EXPONENTS = (0.3, 0.9, 1.4, 0.7)
SEEDS = (1, 2, 3, 4)
REPLICA = 2


class ClientPreprocessing(MetaLayer):
    """Factor x^alpha (1-x)^beta of R replicas, written without any mention of a replica axis."""

    def __init__(self, exponents: Sequence[float], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.exponents = np.array(exponents)[:, np.newaxis]

    def build(self, input_shape: Any) -> None:
        shape, limits = self.exponents.shape, MinMaxWeight(0.0, 2.0)
        self.alpha = self.builder_helper("alpha", shape, MetaLayer.init_constant(self.exponents), constraint=limits)
        self.beta = self.builder_helper("beta", shape, MetaLayer.init_constant(2 * self.exponents))

    def call(self, x: Any) -> Any:
        x = op.batchit(x, batch_dimension=1)
        alpha, beta = (ops.reshape(weight, (1, -1, 1, 1)) for weight in (self.alpha, self.beta))
        return ops.power(x, alpha) * ops.power(1 - x, beta)


class ClientNetworks(MetaLayer):
    """One linear layer of R replicas as a layer of a client, kernel (R, units), without a replica axis."""

    def __init__(self, seeds: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seeds = seeds

    def build(self, input_shape: Any) -> None:
        values = np.stack([np.random.default_rng(seed).normal(size=3) for seed in self.seeds])
        self.kernel = self.builder_helper("kernel", values.shape, MetaLayer.init_constant(values))

    def call(self, x: Any) -> Any:
        return ops.tanh(op.einsum("bnf,ru->brnu", x, self.kernel))


def client_networks(seeds: Sequence[int]) -> Callable[[Any], Any]:
    return ClientNetworks(seeds, name="all_NNs")


def stacked_networks(seeds: Sequence[int]) -> Callable[[Any], Any]:
    """Networks ``NN_0``, ``NN_1``, ... of plain dense layers, stacked by a model ``all_NNs``."""
    x = op.numpy_to_input(GRID, name="network_input")
    parts = []
    for number, seed in enumerate(seeds):
        initializer = MetaLayer.select_initializer("glorot_normal", seed=seed)
        dense = keras.layers.Dense(3, activation="tanh", kernel_initializer=initializer)
        parts.append(MetaModel({"x": x}, dense(x), name=f"NN_{number}")({"x": x}))
    stack = Lambda(lambda parts: op.stack(parts, axis=1), output_shape=(len(seeds), len(GRID), 3))
    networks = MetaModel({"x": x}, stack(parts), name="all_NNs")
    return lambda grid: networks({"x": grid})


def one_dense_layer(seeds: Sequence[int]) -> Callable[[Any], Any]:
    return MultiDense(3, seeds, "glorot_normal", is_first_layer=True, activation="tanh", name="all_NNs")


NETWORKS = {"client": client_networks, "stacked": stacked_networks, "dense": one_dense_layer}


@pytest.fixture(params=NETWORKS)
def networks(request: pytest.FixtureRequest) -> Callable[..., Any]:
    return NETWORKS[request.param]


def fitted_model(networks: Callable[..., Any], replicas: Sequence[int]) -> MetaModel:
    """A PDF model inside a model of its loss, for some of the replicas."""
    x = op.numpy_to_input(GRID, name="x")
    factor = ClientPreprocessing([EXPONENTS[row] for row in replicas], name="preprocessing_factor")(x)
    pdf = MetaModel({"x": x}, op.op_multiply([networks([SEEDS[row] for row in replicas])(x), factor]), name="PDFs")
    inputs, output = pdf.apply_as_layer({})
    chi2 = Lambda(lambda pdf: 30 * op.sum(op.pow(pdf - 0.3, 2), axis=[2, 3]), name="chi2")(output)
    model = MetaModel(inputs, chi2)
    model.pdf = pdf
    return model


def replica_weights(model: MetaModel, replica: int) -> list[NDArray[Any]]:
    weights = model.pdf.get_replica_weights(replica)
    return [array for name in sorted(weights) for array in weights[name]]


def compare(one: MetaModel, one_replica: int, other: MetaModel, other_replica: int, tolerance: float) -> None:
    pairs = zip(replica_weights(one, one_replica), replica_weights(other, other_replica), strict=True)
    for first, second in pairs:
        np.testing.assert_allclose(first, second, rtol=0, atol=tolerance)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(
            pytest.param("client", name, marks=() if name in ("SGD", "Nadam") else pytest.mark.slow)
            for name in sorted(ACCEPTED_OPTIMIZERS)
        ),
        ("stacked", "SGD"),
        ("stacked", "Nadam"),
    ],
)
@pytest.mark.usefixtures("double_precision")
def test_a_replica_among_others_equals_it_alone(kind: str, name: str) -> None:
    """50 epochs with a clip norm that is exceeded in every epoch."""
    together, alone = fitted_model(NETWORKS[kind], range(4)), fitted_model(NETWORKS[kind], [REPLICA])
    start = replica_weights(alone, 0)
    for model in (together, alone):
        model.compile(name, learning_rate=0.02, clipnorm=0.1)
        model.perform_fit(epochs=50)
    compare(together, REPLICA, alone, 0, 1e-10)
    assert any(
        np.abs(array - before).max() > 1e-3 for array, before in zip(replica_weights(alone, 0), start, strict=True)
    )


@pytest.mark.parametrize("name", ["SGD", "Nadam"])
@pytest.mark.parametrize("layer", ["all_NNs", "preprocessing_factor"])
def test_a_replica_with_nan_does_not_reach_the_others(networks: Callable[..., Any], name: str, layer: str) -> None:
    sound, broken = fitted_model(networks, range(4)), fitted_model(networks, range(4))
    weights = broken.pdf.get_replica_weights(1)
    broken.pdf.set_replica_weights({layer: [np.full_like(array, np.nan) for array in weights[layer]]}, 1)
    for model in (sound, broken):
        model.compile(name, learning_rate=0.02, clipnorm=0.1)
        model.perform_fit(epochs=10)
    for replica in (0, 2, 3):
        compare(sound, replica, broken, replica, 1e-6)
    assert np.isnan(broken.pdf.get_replica_weights(1)[layer][0]).any()


class Freeze(DeviceCallback):
    """Keep one replica as it is from an epoch on."""

    def __init__(self, replica: int, epoch: int) -> None:
        super().__init__()
        self.replica, self.last = replica, epoch

    def device_init(self, model: Any, replicas: int) -> dict[str, Any]:
        return {"numbers": np.arange(replicas, dtype="int32")}

    def device_update(
        self, state: dict[str, Any], epoch: Any, outputs: Any, weights: Any
    ) -> tuple[dict[str, Any], Any]:
        return state, ops.logical_or(state["numbers"] != self.replica, epoch < self.last)


def test_a_frozen_replica_keeps_its_weights_and_slots(networks: Callable[..., Any]) -> None:
    free, frozen, short = (fitted_model(networks, range(4)) for _ in range(3))
    for model in (free, frozen, short):
        model.compile("Nadam", learning_rate=0.02, clipnorm=0.1)
    free.perform_fit(epochs=12)
    frozen.perform_fit(epochs=12, callbacks=[Freeze(REPLICA, 5)])
    short.perform_fit(epochs=5)
    compare(frozen, REPLICA, short, REPLICA, 1e-6)
    for replica in (0, 1, 3):
        compare(frozen, replica, free, replica, 1e-6)
    state, early = (model.get_training_state().select([REPLICA]) for model in (frozen, short))
    of_replica = [index for index, assignment in enumerate(state.assignments) if not assignment.shared]
    assert len(of_replica) == 3 * len(fitted_model(networks, [REPLICA]).trainable_variables)
    for index in of_replica:
        np.testing.assert_allclose(state.values[index], early.values[index], rtol=1e-5, atol=1e-7)


@pytest.mark.usefixtures("double_precision")
def test_a_training_state_of_some_replicas_is_continued(networks: Callable[..., Any]) -> None:
    uninterrupted, first = fitted_model(networks, range(4)), fitted_model(networks, range(4))
    rows = [3, 1]
    second = fitted_model(networks, rows)
    for model in (uninterrupted, first, second):
        model.compile("Adam", learning_rate=0.02, clipnorm=0.1)
    uninterrupted.perform_fit(epochs=20)
    first.perform_fit(epochs=8)
    second.set_training_state(first.get_training_state().select(rows))
    second.perform_fit(epochs=20, initial_epoch=8)
    for place, row in enumerate(rows):
        compare(second, place, uninterrupted, row, 1e-10)


def test_weights_are_assigned_by_the_names_of_their_layers() -> None:
    client = fitted_model(client_networks, range(3))
    assert {assignment_of(weight) for weight in client.trainable_variables} == {ReplicaAssignment(axis=0)}
    stacked = fitted_model(stacked_networks, range(3))
    owners = [assignment_of(weight).replica for weight in stacked.pdf.get_layer("all_NNs").weights]
    assert owners == [0, 0, 1, 1, 2, 2]


class NetworksAlongAxisOne(MetaLayer):
    """The kernel of the client, transposed, and an offset that all replicas share."""

    def __init__(self, seeds: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seeds = seeds

    def build(self, input_shape: Any) -> None:
        self.kernel = self.builder_helper("kernel", (3, len(self.seeds)), "ones", replica_axis=1)
        self.offset = self.builder_helper("offset", (), "ones")

    def call(self, x: Any) -> Any:
        return op.einsum("bnf,ur->brnu", x, self.kernel) + self.offset


def test_other_layers_are_shared_and_a_set_axis_stays() -> None:
    x = op.numpy_to_input(GRID, name="x")
    layer, named = ClientNetworks([1, 2], name="networks"), NetworksAlongAxisOne([1, 2], name="all_NNs")
    MetaModel({"x": x}, op.op_multiply([layer(x), named(x)]))
    assert assignment_of(layer.kernel).shared
    assert assignment_of(named.kernel) == ReplicaAssignment(axis=1)
    assert assignment_of(named.offset).shared


def test_a_weight_with_another_number_of_replicas_is_refused() -> None:
    flags = ops.convert_to_tensor([True, False, True])
    with pytest.raises(ValueError, match=r"expected 3 replicas along axis 0, received the shape \(1, 1\)"):
        ReplicaAssignment(axis=0).choose(flags, ops.ones((1, 1)), ops.zeros((1, 1)))
