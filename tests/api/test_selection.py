"""postfit, merge and open_fit as functions."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import outcomes

from n3fit import api
from n3fit.errors import CommandLineError, ResourceError
from n3fit.results import FitFolder


@pytest.fixture
def fit(tmp_path: Path) -> FitFolder:
    """Five replicas that pass."""
    outcome = outcomes.make_outcome(5, sets=outcomes.SMALL_SETS, positivity_passed=np.ones(5, bool))
    return outcomes.write_outcome(outcome, tmp_path / "toy")


def write_set(folder: Path, name: str, replicas: list[int]) -> Path:
    """Write what is read of a PDF set: the headers of its members."""
    home = folder / name
    home.mkdir(parents=True)
    (home / f"{name}.info").write_text("SetDesc: toy\n")
    for member, replica in enumerate([0, *replicas]):
        source = f"FromMCReplica: {replica}\n" if member else ""
        (home / f"{name}_{member:04d}.dat").write_text(f"PdfType: replica\nFormat: lhagrid1\n{source}---\n1e-9 1\n")
    return home


def test_sets_of_other_replicas_are_told(fit: FitFolder) -> None:
    sets = fit.path / "postfit"
    write_set(sets, "same", [1, 2, 3])
    write_set(sets, "mean", [])
    other = write_set(sets, "other", [1, 2, 4])
    summary = api.postfit(fit.path, count=3)
    assert summary.selection.chosen == (1, 2, 3)
    assert summary.outdated == (other,)
    opened = api.open_fit(str(fit.path))
    assert opened.chosen.tolist() == [True, True, True, False, False]
    assert opened.passing.all()


def test_another_choice_replaces_the_first_whole(fit: FitFolder) -> None:
    first = api.postfit(fit.path, count=3).file.read_bytes()
    assert api.postfit(fit.path, count=4).selection.chosen == (1, 2, 3, 4)
    assert api.postfit(fit.path, count=3).file.read_bytes() == first
    assert [path.name for path in fit.path.parent.iterdir()] == ["toy"]


def test_thresholds_are_handed_on(fit: FitFolder) -> None:
    summary = api.postfit(fit.path, chi2=np.inf, arc_length=np.inf, integrability=1e3)
    assert (summary.selection.chi2, summary.selection.integrability) == (None, 1e3)
    with pytest.raises(CommandLineError, match="threshold of arc length must be positive, received 0"):
        api.postfit(fit.path, arc_length=0)


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    for folder in (tmp_path / "no", tmp_path / "no" / "fit"):
        with pytest.raises(ResourceError, match="no such folder"):
            api.postfit(folder)
    assert list(tmp_path.iterdir()) == []


def test_fits_are_merged_into_a_new_folder(fit: FitFolder, tmp_path: Path) -> None:
    more = outcomes.make_outcome(2, sets=outcomes.SMALL_SETS)
    more = replace(more, replicas=np.array([8, 9]), central=fit.points.central)
    for name in ("x", "q2", "y"):
        np.testing.assert_array_equal(
            getattr(fit.points, name), np.concatenate([getattr(d, name) for d in more.datasets])
        )
    second = outcomes.write_outcome(
        replace(more, experimental_covariance=np.diag(fit.points.experimental_error**2),
                t0_covariance=np.diag(fit.points.t0_error**2)), tmp_path / "more",
    )  # fmt: skip
    merged = api.merge([fit.path, str(second.path)], output=str(tmp_path / "all"))
    assert merged.replicas.tolist() == [1, 2, 3, 4, 5, 8, 9]
    with pytest.raises(CommandLineError, match="two fit folders or more, received 1"):
        api.merge([fit.path], output=tmp_path / "one")
