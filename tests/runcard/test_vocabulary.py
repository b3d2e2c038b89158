import pytest

from n3fit.backends.keras_choice import choose_keras_backend
from n3fit.runcard import vocabulary


def test_every_basis_has_eight_different_flavours() -> None:
    for name, flavours in vocabulary.FITTING_BASES.items():
        assert len(flavours) == len(set(flavours)) == 8, name
    assert not set(vocabulary.FITTING_BASES) & set(vocabulary.FITTING_BASES_LATER)


def test_constants_cannot_be_changed() -> None:
    for mapping in (vocabulary.OPTIMIZERS, vocabulary.FITTING_BASES, vocabulary.SUM_RULES, vocabulary.REGULARIZERS):
        with pytest.raises(TypeError):
            mapping["new"] = ()  # type: ignore[index]


def test_activations_and_optimisers_are_those_of_keras() -> None:
    choose_keras_backend()
    keras = pytest.importorskip("keras")
    for name in vocabulary.KERAS_ACTIVATIONS:
        assert keras.layers.Activation(name)(keras.KerasTensor((2, 3))).shape == (2, 3), name
    for name, options in vocabulary.OPTIMIZERS.items():
        kind = keras.optimizers.Adam if name == "Amsgrad" else getattr(keras.optimizers, name)
        values = {"amsgrad": True, "nesterov": True, "momentum": 0.5}
        optimizer = kind(**{option: values.get(option, 0.25) for option in options})
        assert optimizer.clipnorm == 0.25
