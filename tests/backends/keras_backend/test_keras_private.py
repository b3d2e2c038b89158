"""The private names of Keras, JAX and PyTorch that n3fit uses exist in the installed versions, in one module."""

import re
from importlib.metadata import version
from pathlib import Path

import keras
import pytest

import n3fit
from n3fit.backends.keras_backend import keras_private
from n3fit.errors import ResourceError

SOURCES = Path(n3fit.__file__).parent
PRIVATE_MODULE = re.compile(r"keras\.src|jax\._src|tensorflow\.python|torch\._")
PRIVATE_ATTRIBUTE = re.compile(r"\b(?!self\b|cls\b)\w+\._[a-z]\w+")
WITH_KERAS = ("backends", "layers", "model", "training")


@pytest.mark.parametrize(("library", "names"), [("keras", keras_private.KERAS_NAMES), ("jax", keras_private.JAX_NAMES)])
def test_the_names_exist(library: str, names: tuple[str, ...]) -> None:
    missing = keras_private.missing_names(names)
    assert not missing, (
        f"{library} {version(library)} no longer has {', '.join(missing)}; "
        f"tested with {library} {keras_private.TESTED_WITH[library]}: adapt keras_private.py"
    )


def test_the_schema_of_an_operator_names_what_it_changes() -> None:
    torch = pytest.importorskip("torch")
    assert keras_private.missing_names(keras_private.TORCH_NAMES) == []
    schemas = [keras_private.operator_schema(operator) for operator in (torch.ops.aten.add_.Tensor, len)]
    assert [argument.alias_info.is_write for argument in schemas[0].arguments[:1]] == [True]
    assert schemas[1] is None


def test_missing_names_are_found() -> None:
    names = ["keras.layers:Layer._no_such", "no_such_module:x", keras_private.NESTED_LAYERS]
    assert keras_private.missing_names(names) == names[:2]


def test_a_missing_name_is_an_error_with_the_tested_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras_private, "FLOAT64_TABLE", "keras.src.backend.common.dtypes:NO_SUCH_TABLE")
    with pytest.raises(ResourceError, match=r"keras .* does not have keras\.src.*NO_SUCH_TABLE") as caught:
        keras_private.keep_float64(True)
    assert keras_private.TESTED_WITH["keras"] in caught.value.hint


def test_no_other_module_uses_private_modules_of_these_libraries() -> None:
    users = [path.name for path in SOURCES.rglob("*.py") if PRIVATE_MODULE.search(path.read_text(encoding="utf-8"))]
    assert users == ["keras_private.py"]


def test_no_other_module_uses_private_attributes_of_their_objects() -> None:
    users = [
        path.name
        for package in WITH_KERAS
        for path in (SOURCES / package).rglob("*.py")
        if PRIVATE_ATTRIBUTE.search(path.read_text(encoding="utf-8"))
    ]
    assert users == ["keras_private.py"]


def test_nested_layers_are_found_at_any_depth() -> None:
    inner = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="deep")], name="inner")
    outer = keras.Sequential([keras.Input((2,)), inner], name="outer")
    assert {"outer", "inner", "deep"} <= {layer.name for layer in keras_private.nested_layers(outer)}
