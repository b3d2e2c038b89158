"""Whole commands: their stages, versions in alternation, and tables."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def lines_of(*events: tuple[float, dict[str, object]]) -> tuple[tuple[float, str], ...]:
    return tuple((when, json.dumps(event)) for when, event in events)


def test_the_stages_of_a_fit_add_up_to_the_whole_command(load) -> None:
    processes, commands = load("processes"), load("commands")
    lines = lines_of(
        (1.0, {"event": "phase", "name": "training"}),
        (6.0, {"event": "epoch", "epoch": 100}),
        (8.0, {"event": "epoch", "epoch": 200}),
        (8.5, {"event": "phase", "name": "writing the fit folder"}),
    )
    stages = commands.fit_stages(processes.Finished(0, 11.0, 900.0, lines, "", processor_s=15.0))
    assert stages["start_s"] == pytest.approx(6.0 - 99 * 0.02)
    assert stages["training_s"] == pytest.approx(199 * 0.02)
    assert stages["end_s"] == pytest.approx(3.0)
    assert stages["start_s"] + stages["training_s"] + stages["end_s"] == pytest.approx(stages["seconds"])
    assert (stages["processor_s"], stages["peak_mb"]) == (15.0, 900.0)


class Recorded:
    """A version of which every command takes the time that it was made with."""

    def __init__(self, load, name: str, work: Path, seconds: float, order: list[str], *, fails: str = "") -> None:
        self.name, self.revision, self.work = name, "", work
        self._processes, self._fits = load("processes"), load("fits")
        self._seconds, self._order, self._fails = seconds, order, fails

    def empty(self) -> None:
        self._order.append(f"{self.name} emptied")

    def warm_up(self, *, add: bool) -> None:
        self._order.append(f"{self.name} warmed up")

    def run(self, words, *, backend="jax", environment=None, timeout=0.0):
        self.environment = environment
        fit = words[words.index("-o") + 1] if words[0] == "fit" else words[1]
        self._order.append(f"{self.name} {words[0]} {fit.name}")
        if words[0] == self._fails:
            raise sys.modules["fits"].FitError("no")
        epochs = lines_of((1.0, {"event": "epoch", "epoch": 100}), (1.5, {"event": "epoch", "epoch": 200}))
        return self._processes.Finished(0, self._seconds, 100.0, epochs, "", processor_s=2 * self._seconds)


@pytest.fixture
def case(load):
    return load("command_cases").Case("dis", ROOT / "runcards" / "dis.yml", 3, 200)


def test_versions_alternate_and_change_their_order_with_each_round(load, case, tmp_path) -> None:
    order: list[str] = []
    versions = [Recorded(load, name, tmp_path / name, 2.0, order) for name in ("before", "after")]
    load("commands").CommandBench(versions, tmp_path / "c.jsonl").measure(case, ["fit", "postfit"], 2)
    steps = {"cold": ["emptied", "fit cold"], "warm": ["warmed up", "fit warm"], "after": ["postfit warm"]}

    def expected(*names: str) -> list[str]:
        return [f"{name} {word}" for words in steps.values() for name in names for word in words]

    assert order == [*expected("before", "after"), *expected("after", "before")]


def test_a_table_of_two_versions_has_medians_and_ratios(load, case, tmp_path) -> None:
    order: list[str] = []
    commands, records, tables = load("commands"), load("records"), load("command_tables")
    versions = [
        Recorded(load, "before", tmp_path / "a", 6.0, order),
        Recorded(load, "after", tmp_path / "b", 2.0, order),
    ]
    commands.CommandBench(versions, tmp_path / "c.jsonl").measure(case, ["fit", "postfit"], 3, cold=False)
    assert sum(line.endswith("fit cold") for line in order) == 2  # one fills the cache of each version
    table = tables.command_table(records.read_records(tmp_path / "c.jsonl")[1:], markdown=False)
    rows = {line.partition("epochs: ")[2][:14].strip(): line.split() for line in table.splitlines()[1:-2]}
    assert not any("cold" in name for name in rows)
    assert rows["postfit"][-9:] == ["6", "2", "3", "12", "4", "3", "100", "100", "1"]
    assert rows["fit: whole"][-9:-6] == ["6", "2", "3"]
    assert rows["fit: start"][-9:] == ["0.505", "0.505", "1", *["-"] * 6]
    assert "Medians of 3 rounds" in table


def test_commands_after_a_hadronic_fit_find_its_theory(load, tmp_path) -> None:
    version = Recorded(load, "after", tmp_path / "a", 1.0, [])
    options = "--theory-path", "/theories", "--pdf-path", "/sets"
    case = load("command_cases").Case("hadronic", ROOT / "runcards" / "dis.yml", 1, 200, options)
    load("commands").CommandBench([version], tmp_path / "c.jsonl").measure(case, ["report"], 1)
    assert version.environment == {"N3FIT_THEORY_PATH": "/theories", "N3FIT_PDF_PATH": "/sets"}


def test_a_failure_ends_the_case_of_its_version_alone(load, case, tmp_path) -> None:
    order: list[str] = []
    versions = [
        Recorded(load, "before", tmp_path / "a", 6.0, order, fails="postfit"),
        Recorded(load, "after", tmp_path / "b", 2.0, order),
    ]
    bench = load("commands").CommandBench(versions, tmp_path / "c.jsonl")
    bench.measure(case, ["fit", "postfit", "report"], 1)
    assert "before report warm" not in order
    assert "after report warm" in order
    assert "Failed: dis, 3 replicas, 200 epochs: no." in load("command_tables").command_table(
        bench.records, markdown=True
    )


def test_a_version_is_a_compiled_copy_of_a_source_tree(load, tmp_path) -> None:
    package = tmp_path / "tree" / "src" / "n3fit"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    code = "import os, sys\nprint(os.environ['N3FIT_CACHE_DIR'], __file__)\nsys.exit(sys.argv[1] == 'wrong')\n"
    (package / "__main__.py").write_text(code)
    versions = load("versions")
    version = versions.prepare_version("after", tmp_path / "tree", tmp_path / "scratch")
    assert list(version.sources.glob("n3fit/__pycache__/__main__*.pyc"))
    ((_, line),) = version.run(["fit"]).lines
    assert line.split() == [str(version.cache), str(version.sources / "n3fit" / "__main__.py")]
    with pytest.raises(RuntimeError, match="exit code 1"):
        version.run(["wrong"])
    with pytest.raises(ValueError, match=r"no src/n3fit/__main__\.py"):
        versions.prepare_version("other", tmp_path, tmp_path / "scratch")


def test_a_cache_that_was_put_aside_comes_back_with_or_without_what_was_added(load, tmp_path) -> None:
    version = load("versions").Version("after", "", tmp_path, tmp_path)

    def fill(name: str) -> list[str]:
        """Return what a cold command finds, and let it leave an entry."""
        version.empty()
        found = list(version.cache.glob("*"))
        version.cache.mkdir()
        (version.cache / name).touch()
        return found

    assert fill("a") == []
    version.warm_up(add=True)
    assert fill("b") == []
    version.warm_up(add=False)
    assert sorted(path.name for path in version.cache.iterdir()) == ["a"]
    fill("c")
    version.warm_up(add=True)
    version.warm_up(add=False)
    assert sorted(path.name for path in version.cache.iterdir()) == ["a", "c"]
