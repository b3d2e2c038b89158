"""The Keras backend: the choice of the user, JAX otherwise, one line of error if it is missing (fault 66)."""

import importlib
import os
import subprocess
import sys
import threading

import pytest

from n3fit.backends import keras_choice
from n3fit.errors import MissingExtraError, ResourceError


@pytest.fixture
def without_keras(monkeypatch):
    monkeypatch.delitem(sys.modules, "keras")


@pytest.mark.usefixtures("without_keras")
@pytest.mark.parametrize("given", [{}, {"KERAS_BACKEND": ""}])
def test_jax_is_the_default(given, monkeypatch):
    monkeypatch.setattr(keras_choice, "find_spec", lambda name: object())
    assert keras_choice.choose_keras_backend(given) == "jax"
    assert given == {"KERAS_BACKEND": "jax"}


@pytest.mark.usefixtures("without_keras")
def test_the_choice_of_the_user_is_kept(monkeypatch):
    monkeypatch.setattr(keras_choice, "find_spec", lambda name: object())
    given = {"KERAS_BACKEND": "torch"}
    assert keras_choice.choose_keras_backend(given) == "torch"
    assert given == {"KERAS_BACKEND": "torch"}


@pytest.mark.usefixtures("without_keras")
@pytest.mark.parametrize("name", ["tensorflow", "torch"])
def test_a_missing_backend_is_one_line_that_names_the_extra(monkeypatch, name):
    monkeypatch.setattr(keras_choice, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=rf"{name} is not installed \(pip install 'n3fit\[{name}\]'\)"):
        keras_choice.choose_keras_backend({"KERAS_BACKEND": name})


@pytest.mark.usefixtures("without_keras")
def test_jax_comes_with_n3fit_itself(monkeypatch):
    monkeypatch.setattr(keras_choice, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"jax is not installed \(it comes with n3fit: .* `pip install jax`\)"):
        keras_choice.choose_keras_backend({})


@pytest.mark.usefixtures("without_keras")
def test_an_unknown_backend_is_refused_with_the_nearest():
    with pytest.raises(ResourceError, match=r"received 'tensorflw' \(did you mean 'tensorflow'\?\)"):
        keras_choice.choose_keras_backend({"KERAS_BACKEND": "tensorflw"})


def test_keras_that_is_loaded_already_counts(backend_name):
    assert keras_choice.choose_keras_backend({"KERAS_BACKEND": "something"}) == backend_name


def test_importing_n3fit_loads_no_keras_and_importing_backends_prints_nothing():
    code = (
        "import sys, n3fit; assert not {'keras', 'jax', 'torch', 'tensorflow'} & set(sys.modules); "
        "import n3fit.backends; assert 'keras' in sys.modules"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert run.stdout == ""


def test_modules_that_keras_need_not_import_appear_missing_in_one_thread_for_a_while(tmp_path, monkeypatch):
    (tmp_path / "hidden_from_keras.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    found = []
    with keras_choice.without_modules(frozenset({"hidden_from_keras", "json"})):
        with pytest.raises(ModuleNotFoundError, match="hidden_from_keras"):
            importlib.import_module("hidden_from_keras")
        import json  # was loaded before

        assert json is sys.modules["json"]
        other = threading.Thread(target=lambda: found.append(importlib.import_module("hidden_from_keras")))
        other.start()
        other.join()
    assert found == [importlib.import_module("hidden_from_keras")]
    monkeypatch.delitem(sys.modules, "hidden_from_keras")


def test_importing_backends_with_jax_loads_neither_matplotlib_nor_pandas(backend_name):
    if backend_name != "jax":
        assert keras_choice.unused_by_keras(backend_name) == frozenset()
        return
    code = (
        "import sys, n3fit.backends; assert not {'matplotlib', 'pandas'} & set(sys.modules); "
        "import matplotlib; assert 'matplotlib' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=dict(os.environ))
