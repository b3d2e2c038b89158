"""Adding replicas: to the right fit, and nothing is lost when it goes wrong."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import outcomes
from support.outcomes import Outcome

from n3fit.errors import CommandLineError, DataError, ResourceError
from n3fit.results import FitFolder
from n3fit.results.adding import add_replicas, addition_folder, check_inputs, open_to_add
from n3fit.results.reader import read_fit_folder


@pytest.fixture
def outcome() -> Outcome:
    return outcomes.make_outcome(3, sets=outcomes.SMALL_SETS)


@pytest.fixture
def fit(outcome: Outcome, tmp_path: Path) -> FitFolder:
    return outcomes.write_outcome(outcome, tmp_path / "toy", status="interrupted")


def test_the_fit_must_be_of_this_card_and_without_these_replicas(fit: FitFolder) -> None:
    assert open_to_add(fit.path, outcomes.RUNCARD, [4, 5]).replicas.tolist() == [1, 2, 3]
    with pytest.raises(CommandLineError, match="is the fit of another runcard"):
        open_to_add(fit.path, outcomes.RUNCARD + "# new\n", [4])
    with pytest.raises(CommandLineError, match="has replicas 2-3 already") as caught:
        open_to_add(fit.path, outcomes.RUNCARD, [2, 3, 4])
    assert "--replicas 4-6" in caught.value.hint
    with pytest.raises(ResourceError, match="no such folder"):
        open_to_add(fit.path.with_name("none"), outcomes.RUNCARD, [4])


def test_inputs_that_have_changed_are_named(fit: FitFolder) -> None:
    check_inputs(fit, fit.manifest.inputs)
    with pytest.raises(DataError, match="made with other inputs: runcard, t0 set "):
        check_inputs(fit, {**fit.manifest.inputs, "runcard": "0" * 64, "t0 set": "1" * 64})


def test_added_replicas_leave_their_own_folder(fit: FitFolder, outcome: Outcome) -> None:
    place = addition_folder(fit.path, [7, 9])
    assert place == fit.path.with_name("toy.replicas-7-9")
    added = outcomes.write_outcome(replace(outcome, replicas=np.array([7, 8, 9])), place)
    merged = add_replicas(fit, added)
    assert merged.path == fit.path
    assert merged.replicas.tolist() == [1, 2, 3, 7, 8, 9]
    assert merged.manifest.status == "complete"  # that of what was added
    assert [path.name for path in fit.path.parent.iterdir()] == ["toy"]


def test_replicas_that_do_not_fit_stay_where_they_are(fit: FitFolder, outcome: Outcome) -> None:
    place = addition_folder(fit.path, [7, 9])
    changed = replace(outcome, replicas=np.array([7, 8, 9]), central=outcome.central + 1)
    added = outcomes.write_outcome(changed, place)
    with pytest.raises(CommandLineError, match="the central data are not those of") as caught:
        add_replicas(fit, added)
    assert f"the new replicas are kept in {place}" in caught.value.hint
    assert read_fit_folder(place).replicas.tolist() == [7, 8, 9]
    assert read_fit_folder(fit.path).replicas.tolist() == [1, 2, 3]
