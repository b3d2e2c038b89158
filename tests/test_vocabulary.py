"""The names that the runcard and the backends share are those of Keras, and cannot be changed."""

import pytest

from n3fit import vocabulary
from n3fit.backends.keras_choice import choose_keras_backend


@pytest.mark.parametrize(
    "table", [vocabulary.OPTIMIZERS, vocabulary.INITIALIZERS, vocabulary.REGULARIZERS, vocabulary.LAYERS]
)
def test_tables_cannot_be_changed(table) -> None:
    with pytest.raises(TypeError):
        table["new"] = {}
    with pytest.raises(TypeError):
        next(iter(table.values()))["new"] = 1.0


def test_activations_are_those_of_keras() -> None:
    choose_keras_backend()
    keras = pytest.importorskip("keras")
    for name in vocabulary.KERAS_ACTIVATIONS:
        assert keras.layers.Activation(name)(keras.KerasTensor((2, 3))).shape == (2, 3), name


def test_arguments_of_optimisers_are_those_of_keras() -> None:
    choose_keras_backend()
    keras = pytest.importorskip("keras")
    for name, defaults in vocabulary.OPTIMIZERS.items():
        kind = keras.optimizers.Adam if name == "Amsgrad" else getattr(keras.optimizers, name)
        optimizer = kind(**defaults)
        assert optimizer.clipnorm == 1.0
        if "learning_rate" in defaults:
            assert float(optimizer.learning_rate.numpy()) == pytest.approx(defaults["learning_rate"])
