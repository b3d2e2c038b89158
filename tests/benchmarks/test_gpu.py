"""The benchmark for GPUs: outcomes of tests, its report, the bundle's wheels."""

from __future__ import annotations

import argparse
import zipfile
from pathlib import Path

import pytest

MACHINE = {"processor": "P", "cores": 2, "memory_gb": 8.0, "python": "3.12", "versions": {"jax": "1"}}
PRODUCTS = {"kind": "products", "device_name": "G", "backend": "jax", "backend_version": "1", "limit": 1e-5}


def test_outcomes_are_read_with_and_without_workers(load) -> None:
    alone = ["a.py::test_x PASSED   [ 50%]\n", "a.py::test_y[a b] FAILED [100%]\n", "a.py::test_s SKIPPED (no) [ 1%]\n"]
    beside = ["[gw0] [ 50%] PASSED a.py::test_x \n", "[gw1] [ 75%] FAILED a.py::test_y[a b] \n"]
    beside += ["[gw1] [ 99%] SKIPPED a.py::test_s \n"]
    end = ["FAILED a.py::test_y[a b] - assert 1 == 2\n", "1 failed, 1 passed in 3 s\n"]
    expected = 1, 1, {"a.py::test_y[a b]": "assert 1 == 2"}
    read = load("pytest_runs").read_outcomes
    assert read([*alone, *end]) == expected
    assert read([*beside, *end]) == expected
    assert read(beside) == (1, 1, {"a.py::test_y[a b]": ""})  # ended before its summary


def test_tests_are_run_and_counted(load, tmp_path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\nmarkers = ['slow']\n")
    (tmp_path / "test_a.py").write_text(
        "import pytest\ndef test_good(): pass\ndef test_bad(): assert 1 == 2\n"
        "@pytest.mark.slow\ndef test_long(): pass\n"
    )
    done = load("pytest_runs").run_tests(tmp_path, ["test_a.py"], environment={}, timeout=120)
    assert (done.passed, done.skipped, done.ended) == (1, 0, "")
    assert list(done.failed) == ["test_a.py::test_bad"]
    assert "1 == 2" in done.failed["test_a.py::test_bad"]
    assert "exit code" in load("pytest_runs").run_tests(tmp_path, ["none.py"], environment={}, timeout=120).ended


@pytest.mark.parametrize(
    ("error", "failed", "text", "good"),
    [
        (1e-7, {}, "in full single precision", True),
        (3e-4, {}, "NOT EXACT", False),
        (1e-7, {"a::b": "no"}, "- a::b: no", False),
    ],
)
def test_the_report_says_whether_products_are_exact_and_what_failed(load, error, failed, text, good) -> None:
    tests = {"kind": "tests", "passed": 3, "skipped": 0, "failed": failed, "seconds": 1.0, "ended": ""}
    records = [{"kind": "machine", "run": "1", **MACHINE}, PRODUCTS | {"product_error": error}, tests]
    records.append({"kind": "left out", "what": "epochs, dis"})
    report = load("gpu_tables").gpu_report(records, markdown=False)
    assert text in report
    assert f"3 passed, {len(failed)} failed" in report
    assert "Left out for lack of time: epochs, dis." in report
    assert load("gpu").succeeded(records) is good


def test_what_does_not_fit_into_the_budget_is_left_out(load, tmp_path) -> None:
    gpu, versions = load("gpu"), load("versions")
    version = versions.Version("after", "", tmp_path, tmp_path)
    arguments = argparse.Namespace(
        output=tmp_path,
        budget=1.0,
        backend="jax",
        replicas=2,
        epochs=200,
        rows=[1, 10],
        theories=None,
        pdfs=None,
        cards=None,
        tests=["tests"],
    )
    bench = gpu.GpuBench(arguments, version)
    bench.commands()
    bench.epochs()
    bench.tests()
    left_out = [record["what"] for record in bench.records if record["kind"] == "left out"]
    assert left_out == [
        "whole commands, dis, 2 replicas, 200 epochs",
        "epochs, dis, 1 replica",
        "epochs, dis, 10 replicas",
        "tests",
    ]


def test_requirements_of_a_wheel_follow_its_markers_and_extras(load, tmp_path) -> None:
    path = tmp_path / "a-1-py3-none-any.whl"
    lines = ["Name: a", "Requires-Dist: b>=2", "Requires-Dist: c; python_version < '3.12'"]
    lines += ["Requires-Dist: d; extra == 'more'", ""]
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("a-1.dist-info/METADATA", "\n".join(lines))
    read = load("wheels").read_requirements
    old, new = {"python_version": "3.11"}, {"python_version": "3.13"}
    assert [entry.name for entry in read(path, (), old)] == ["b", "c"]
    assert [entry.name for entry in read(path, {"more"}, new)] == ["b", "d"]


def test_the_names_of_packages_are_read_from_lists_of_several_forms(load, tmp_path) -> None:
    path: Path = tmp_path / "have.txt"
    path.write_text("numpy==2.1\nml_dtypes 0.5\n\n# comment\n  jax @ file:///x\n")
    assert load("bundle").read_names(path) == {"numpy", "ml_dtypes", "jax"}
