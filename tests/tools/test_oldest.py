"""Constraints of the oldest versions are the lower bounds of pyproject.toml."""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent.parent
PYPROJECT = """
[project]
dependencies = ["a>=1.2,<2", "b.c[fast] >= 0.19.1, <0.20", "d~=3.4; python_version < '4'", "e<3,>=2.0rc1"]
[project.optional-dependencies]
more = ["f==5"]
none = ["g"]
"""


@pytest.fixture(scope="module")
def oldest() -> ModuleType:
    spec = importlib.util.spec_from_file_location("oldest", ROOT / "tools" / "oldest.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_lower_bounds(oldest: ModuleType) -> None:
    assert list(oldest.oldest(PYPROJECT, ["more"])) == ["a==1.2", "b.c==0.19.1", "d==3.4", "e==2.0rc1", "f==5"]


@pytest.mark.parametrize(
    ("extras", "message"),
    [
        (["none"], "g: expected a lower bound, as in name>=1.2"),
        (["more", "other"], "extras: expected some of more, none, received other"),
    ],
)
def test_wrong_bounds_and_extras(oldest: ModuleType, extras: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(oldest.oldest(PYPROJECT, extras))


def test_every_dependency_of_the_project_has_a_lower_bound(
    oldest: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert oldest.main(list(extras)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(project["dependencies"]) + sum(map(len, extras.values()))
    assert "eko==0.15.7" in lines


def test_an_unknown_extra_ends_with_exit_code_2(oldest: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert oldest.main(["nothing"]) == 2
    assert capsys.readouterr().err.startswith("oldest: extras: expected some of ")
