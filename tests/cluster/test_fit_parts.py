"""Parts of a fit by processes of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import cluster_tasks
from support.fits_in_parts import assert_same_fit, write_card
from support.progress import RecordedSteps

from n3fit import api
from n3fit.cluster.pool import open_pool
from n3fit.errors import CommandLineError, DataError
from n3fit.progress import NullReporter


@pytest.fixture(scope="module")
def card(place: Path) -> Path:
    return write_card(place, epochs=30)


@pytest.fixture(scope="module")
def alone(place: Path, card: Path, toy_pdf_sets: Path) -> Path:
    """The fit of three replicas in one process."""
    return api.fit(card, replicas=range(1, 4), output=place / "alone" / "small", pdf_path=toy_pdf_sets).path


def test_the_job_that_finishes_last_merges_the_parts(place: Path, card: Path, alone: Path, toy_pdf_sets: Path) -> None:
    folder, progress = place / "array" / "small", RecordedSteps()
    options = {"replicas": range(1, 4), "output": folder, "pdf_path": toy_pdf_sets}
    part = api.fit_part(card, part=(2, 2), **options, progress=progress)  # type: ignore[arg-type]
    assert part.path == folder.with_name("small.parts") / "replicas-3-3"
    assert progress.messages[-1] == "1 of 3 replicas are finished; the last job merges them"
    with pytest.raises(DataError, match="small: replicas 1-2 are not finished"):
        api.collect(card, replicas=range(1, 4), output=folder)
    fit = api.fit_part(card, part=(1, 2), **options)  # type: ignore[arg-type]
    assert fit.path == folder
    assert_same_fit(alone, folder)
    assert sorted(path.name for path in folder.parent.iterdir()) == ["small"]
    again = api.fit_part(card, part=(2, 2), **options, progress=progress)  # type: ignore[arg-type]
    assert again.path == folder
    assert progress.messages[-1].endswith("small: has replicas 3 already, nothing to do")
    assert api.collect(card, replicas=range(1, 4), output=folder).path == folder


def test_jobs_add_their_replicas_at_the_same_time(place: Path, card: Path, alone: Path, toy_pdf_sets: Path) -> None:
    folder = place / "jobs" / "small"
    with open_pool(2, progress=NullReporter()) as pool:
        for number in (2, 3, 1):
            pool.submit(f"replica {number}", cluster_tasks.add_replica, card, number, folder, toy_pdf_sets)
        finished = [pool.next_finished() for _ in range(3)]
    assert [one.error for one in finished] == [None] * 3
    assert max((one.value for one in finished), key=len) == [1, 2, 3]
    assert_same_fit(alone, folder)
    assert sorted(path.name for path in folder.parent.iterdir()) == ["small"]


def test_a_replica_that_is_there_is_not_fitted_again(card: Path, alone: Path, toy_pdf_sets: Path) -> None:
    progress = RecordedSteps()
    fit = api.add_replicas(card, replicas=[2], output=alone, pdf_path=toy_pdf_sets, progress=progress)
    assert fit.path == alone
    assert progress.messages == [f"{alone}: has replicas 2 already, nothing to do"]


def test_replicas_of_another_runcard_are_not_added(place: Path, alone: Path, toy_pdf_sets: Path) -> None:
    (place / "other").mkdir()
    other = write_card(place / "other", epochs=31)
    with pytest.raises(CommandLineError, match="is the fit of another runcard"):
        api.add_replicas(other, replicas=[7], output=alone, pdf_path=toy_pdf_sets)


@pytest.mark.parametrize("part", [(0, 2), (3, 2), (1, 4)])
def test_parts_that_there_are_not(place: Path, card: Path, toy_pdf_sets: Path, part: tuple[int, int]) -> None:
    with pytest.raises(CommandLineError, match=rf"expected K/N .* at most 3 replicas, received {part[0]}/{part[1]}"):
        api.fit_part(card, part=part, replicas=range(1, 4), output=place / "no", pdf_path=toy_pdf_sets)
