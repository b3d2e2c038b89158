"""Fits put together equal the fit of all their replicas."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import outcomes
from support.data import build_dataset
from support.outcomes import Outcome

from n3fit.data.closure import ClosureTruth
from n3fit.errors import CommandLineError, OutputExistsError
from n3fit.results import FitFolder, merge_fits, select_replicas, write_postfit
from n3fit.results.closure import closure_estimates
from n3fit.results.fit_record import FitRecord, record_arrays
from n3fit.results.layout import CLOSURE, RESIDUALS
from n3fit.results.reader import read_fit_folder
from n3fit.results.records import ReplicaInfo, read_record

Write = Callable[..., FitFolder]


def part(outcome: Outcome, rows: list[int], name: str, epochs: int | None = None) -> Outcome:
    """Return the outcome of some of the replicas, trained for ``epochs`` recorded epochs."""
    return replace(
        outcomes.take(outcome, rows),
        name=name,
        history_epochs=outcome.history_epochs[:epochs],
        training_history=outcome.training_history[rows, :epochs],
        validation_history=outcome.validation_history[rows, :epochs],
    )


def record_arrays_of(fit: FitFolder) -> dict[str, np.ndarray]:
    """Return copies of all arrays of a fit by name."""
    arrays = record_arrays(FitRecord(fit.description, fit.points, fit.results))
    return {name: np.array(values) for name, values in arrays.items()}


def json_of(fit: FitFolder, number: int) -> ReplicaInfo:
    return read_record(fit.path / "nnfit" / f"replica_{number}" / f"{fit.name}.json", ReplicaInfo)


@pytest.fixture
def outcome() -> Outcome:
    return outcomes.make_outcome(5, sets=outcomes.SMALL_SETS)


def test_the_record_of_kept_points_is_kept(write: Write, outcome: Outcome, tmp_path: Path) -> None:
    name = outcome.record(outcomes.THEORY).description.datasets[0].name
    kept = [build_dataset(name, np.ones(6), 0.1).select([1, 4, 5])]
    parts = [
        write(part(outcome, rows, "a"), tmp_path / label, datasets=kept) for label, rows in (("a", [0]), ("b", [1]))
    ]
    merged = merge_fits(parts, tmp_path / "all")
    relative = f"filter/{name}/FKMASK_{name}.dat"
    assert [(fit.path / relative).read_text() for fit in (*parts, merged)] == ["1\n4\n5\n"] * 3
    assert relative in merged.manifest.files


def test_two_halves_are_the_whole(write: Write, outcome: Outcome, tmp_path: Path) -> None:
    whole = write(outcome)
    first = write(part(outcome, [0, 3], "one"), tmp_path / "one")
    second = write(part(outcome, [1, 2, 4], "two", epochs=20), tmp_path / "two", status="interrupted")
    merged = merge_fits([second, first], tmp_path / "all")
    assert merged.name == "all"
    received, expected = record_arrays_of(merged), record_arrays_of(whole)
    assert received.keys() == expected.keys()
    for name, values in expected.items():
        if name.endswith("history"):
            assert np.isnan(received[name][[1, 2, 4], 20:]).all()
            values[[1, 2, 4], 20:] = np.nan
        np.testing.assert_array_equal(received[name], values, err_msg=name)
    for number in (1, 2, 3, 4, 5):
        assert json_of(merged, number) == json_of(whole, number)
    for level, table in whole.chi2.items():
        np.testing.assert_array_equal(merged.chi2[level].t0_replicas, table.t0_replicas)
        np.testing.assert_array_equal(merged.chi2[level].experimental, table.experimental)
        np.testing.assert_array_equal(merged.chi2[level].t0, table.t0)
    np.testing.assert_array_equal(merged.weights(4)["all_NNs"][0], outcome.weights[3]["all_NNs"][0])
    assert merged.manifest.status == "interrupted"
    assert merged.manifest.timing["training"] == 2 * whole.manifest.timing["training"]
    assert [entry["replicas"] for entry in merged.manifest.environment["parts"]] == ["1, 4", "2-3, 5"]
    assert merged.description == whole.description.model_copy(update={"name": "all"})
    read_fit_folder(merged.path, checksums=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all", "one", "toy", "two"]


def test_closure_tests_are_merged(write: Write, outcome: Outcome, tmp_path: Path) -> None:
    test = ClosureTruth(2, "known", "f" * 64, 11, 1.02 * outcome.central, 1.1 * outcome.experimental_covariance)
    outcome = replace(outcome, closure=test, positivity_passed=np.ones(5, dtype=bool))
    whole = write(outcome)
    parts = [write(part(outcome, rows, "a"), tmp_path / str(rows[0])) for rows in ([1, 2, 4], [0, 3])]
    merged = merge_fits(parts, tmp_path / "all")
    for name in (CLOSURE, RESIDUALS, "tables/chi2_total.csv", "filter/points.csv"):
        assert (merged.path / name).read_bytes() == (whole.path / name).read_bytes()
    assert closure_estimates(merged).rows == closure_estimates(whole).rows
    assert CLOSURE in merged.manifest.files


def test_replicas_are_added_in_place_and_the_sets_stay(write: Write, outcome: Outcome, tmp_path: Path) -> None:
    first = write(part(outcome, [0, 1, 2], "toy"))
    write_postfit(first.path, select_replicas(first, count=1))
    (first.path / "postfit" / "toy").mkdir(parents=True)
    (first.path / "postfit" / "toy" / "toy.info").write_text("SetDesc: old\n")
    more = write(part(outcome, [3, 4], "more"), tmp_path / "more")
    with pytest.raises(OutputExistsError, match="the fit exists already"):
        merge_fits([first, more], first.path)
    (kept,) = tmp_path.glob("toy.*.kept")
    assert read_fit_folder(kept).replicas.tolist() == [1, 2, 3, 4, 5]
    merged = merge_fits([first, more], first.path, force=True)
    assert merged.replicas.tolist() == [1, 2, 3, 4, 5]
    assert merged.postfit is None
    assert (merged.path / "postfit" / "toy" / "toy.info").read_text() == "SetDesc: old\n"
    assert len(merge_fits([merged, write(replace(part(outcome, [0], "six"), replicas=np.array([6])), tmp_path / "six")],
                          tmp_path / "again").manifest.environment["parts"]) == 3  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({}, {"runcard_text": "trvlseed: 2\n"}, "the runcard's keys are not those of"),
        ({"epochs": 500}, {}, "data sets, basis, theory and scale are not those of"),
        ({"inputs": {"runcard": "c" * 64}}, {}, "the checksums of the inputs are not those of"),
        ({"central": np.ones(10)}, {}, "the central data are not those of"),
        ({"replicas": np.array([2, 9])}, {}, "replicas 2 are in more than one of"),
    ],
)
def test_fits_that_do_not_belong_together_are_refused(
    write: Write, outcome: Outcome, tmp_path: Path, changes: Any, options: Any, message: str
) -> None:
    first = write(part(outcome, [0, 1, 2], "one"), tmp_path / "one")
    second = write(replace(part(outcome, [3, 4], "two"), **changes), tmp_path / "two", **options)
    with pytest.raises(CommandLineError, match=message) as caught:
        merge_fits([first, second], tmp_path / "all")
    assert str(second.path) in caught.value.message
    assert not (tmp_path / "all").exists()
