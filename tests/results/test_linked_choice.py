"""The choice of replicas by the program postfit of nnpdf."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.nnpdf_folders import write_nnpdf_fit, write_postfit

from n3fit.errors import DataError
from n3fit.results import choose_and_record
from n3fit.results.linked_choice import read_linked_choice
from n3fit.results.reader import read_fit_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Replicas 1, 2, 3 and 10."""
    return write_nnpdf_fit(tmp_path / "theirs")


def test_links_are_the_chosen_replicas_and_lists_the_vetoes(folder: Path) -> None:
    everyone = [True] * 4
    vetoes = {"Convergence check": everyone, "IntegNumber_3": [True, False, True, True], "ArcLength_0": everyone}
    # one for each replica, in the text order 1, 10, 2, 3
    write_postfit(folder, [1, 2], vetoes | {"Total": [True, False, True, True]})
    fit = read_fit_folder(folder)
    assert fit.postfit is not None
    assert (fit.postfit.chosen, fit.postfit.passing, fit.postfit.count) == ((1, 2), (1, 2, 3), 2)
    (veto,) = fit.postfit.vetoes
    assert (veto.replica, veto.veto, veto.quantity) == (10, "integrability", "integrability of T8")
    assert (fit.postfit.chi2, fit.postfit.arc_length, fit.postfit.integrability) == (4.0, 4.0, 0.5)
    assert (fit.selection, fit.chosen.tolist()) == ("postfit", [True, True, False, False])


def test_copies_in_place_of_links_are_recognised(folder: Path) -> None:
    write_postfit(folder, [])
    shutil.copytree(folder / "nnfit" / "replica_10", folder / "postfit" / "replica_1")
    choice = read_linked_choice(folder, [1, 2, 3, 10])
    assert choice is not None
    assert choice.chosen == choice.passing == (10,)


def test_the_program_that_ran_last_counts(folder: Path) -> None:
    write_postfit(folder, [2, 3])
    assert read_fit_folder(folder).chosen.tolist() == [False, True, True, False]
    choose_and_record(folder, count=1)
    assert read_fit_folder(folder).chosen.tolist() == [True, False, False, False]
    shutil.rmtree(folder / "postfit")  # as nnpdf's postfit does
    write_postfit(folder, [3])
    assert read_fit_folder(folder).chosen.tolist() == [False, False, True, False]


def test_an_unfinished_postfit_is_no_choice(folder: Path) -> None:
    write_postfit(folder, [2])
    (folder / "postfit" / "postfit.log").unlink()
    assert read_fit_folder(folder).postfit is None


@pytest.mark.parametrize("chosen", [[], [4]])
def test_links_to_other_replicas_are_an_error(folder: Path, chosen: list[int]) -> None:
    write_postfit(folder, chosen)
    with pytest.raises(
        DataError, match=f"expected links to replicas of the fit, received {chosen[0] if chosen else 'none'}"
    ):
        read_fit_folder(folder)


def test_a_link_elsewhere_is_an_error(folder: Path) -> None:
    write_postfit(folder, [1])
    (folder / "postfit" / "replica_1").unlink()
    (folder / "postfit" / "replica_1").mkdir()
    with pytest.raises(DataError, match="replica_1: expected a link to a replica of the fit"):
        read_fit_folder(folder)
