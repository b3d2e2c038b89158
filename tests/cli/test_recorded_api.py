"""The stand-ins of these tests accept what the functions of the api accept, and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from n3fit import api as real_api


def test_calls_are_bound_to_the_signature(api: Any) -> None:
    real_api.fit(Path("card.yml"), replicas=range(1, 3))
    for arguments, options in (((), {}), (("a", "b"), {}), (("a",), {"replica": range(1, 3)})):
        with pytest.raises(TypeError):
            real_api.fit(*arguments, **options)
    assert api.calls == [("fit", (Path("card.yml"),), {"replicas": range(1, 3)})]


def test_every_function_is_recorded_and_classes_are_real(api: Any) -> None:
    with pytest.raises(KeyError):
        real_api.build_theory("there")
    assert api.calls == [("build_theory", ("there",), {})]
    assert issubclass(real_api.TooFewReplicasError, Exception)
