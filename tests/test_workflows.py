"""Continuous integration runs targets that exist, on each system and Python of the project; a release needs a tag."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z-]+(?: [a-z-]+)*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
TARGETS = {name for names in TARGETS for name in names.split()}


def load(name: str) -> Any:
    return YAML(typ="safe", pure=True).load(ROOT / ".github" / "workflows" / f"{name}.yml")


def commands(workflow: Any) -> list[str]:
    """Return the commands of all steps, with the values of the matrix of their job put in."""
    found = []
    for job in workflow["jobs"].values():
        matrix = job.get("strategy", {}).get("matrix", {})
        for command in (step["run"] for step in job["steps"] if "run" in step):
            names = re.findall(r"\$\{\{ matrix\.(\w+) \}\}", command)
            values = matrix[names[0]] if names and names[0] in matrix else [""]
            found += [re.sub(r"\$\{\{ matrix\.\w+ \}\}", str(value), command) for value in values]
    return found


def targets(text: str) -> set[str]:
    """Return the targets of make in a text of commands."""
    calls = re.findall(r"\bmake((?: [a-z-]+)+)", text)
    return {name for call in calls for name in call.split()}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_jobs_have_limits_and_read_only_permissions(path: Path) -> None:
    workflow = load(path.stem)
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 180
        assert all(step.get("uses", "x@").count("@") == 1 for step in job["steps"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_targets_exist(path: Path) -> None:
    assert targets("\n".join(commands(load(path.stem)))) <= TARGETS


def test_the_workflow_does_what_continuous_integration_does() -> None:
    """The tests run by pytest itself: Windows has no make."""
    wanted = targets((ROOT / ".ci" / "run").read_text(encoding="utf-8")) - {"test", "test-backends"}
    assert wanted | {"test-tensorflow", "test-torch"} <= targets("\n".join(commands(load("ci"))))
    assert 'python -m pytest --numprocesses auto --dist loadscope -m "not slow"' in commands(load("ci"))


def test_systems_and_versions_of_python() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    matches = [re.fullmatch(r".* :: Python :: (3\.\d+)", classifier) for classifier in project["classifiers"]]
    named = [match[1] for match in matches if match]
    matrix = load("ci")["jobs"]["tests"]["strategy"]["matrix"]
    assert matrix["python"] == named
    assert project["requires-python"] == f">={named[0]}"
    assert matrix["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"]


def test_extras_of_the_workflow_exist() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for entry in load("ci")["jobs"]["tests"]["strategy"]["matrix"]["include"]:
        assert set(entry["extras"].split(",")) <= set(extras)


def test_only_a_tag_publishes_and_only_that_job_has_an_identity() -> None:
    workflow = load("release")
    assert list(workflow["on"]) == ["push"]
    assert list(workflow["on"]["push"]) == ["tags"]
    jobs = workflow["jobs"]
    assert {name for name, job in jobs.items() if "id-token" in job.get("permissions", {})} == {"publish"}
    assert "startsWith(github.ref, 'refs/tags/v')" in jobs["publish"]["if"]
    assert jobs["publish"]["needs"] == "build"
    assert "secrets." not in (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
