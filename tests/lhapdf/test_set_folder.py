"""The folder of a set: whole or not at all, and never over something else."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from n3fit.errors import CommandLineError, OutputExistsError, ResourceError
from n3fit.lhapdf.set_folder import check_set_name, open_set_folder, replicas_of_set


def write_set(folder: Path, text: str, *, force: bool = False) -> None:
    with open_set_folder(folder, force=force) as target:
        (target.staging / f"{folder.name}.info").write_text(text)


def test_folder_appears_when_the_block_ends_and_nothing_stays_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "sets" / "mine"
    with open_set_folder(folder, force=False) as target:
        assert target.path == folder
        (target.staging / "mine.info").write_text("one")
        assert not folder.exists()
    assert (folder / "mine.info").read_text() == "one"
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]


def test_existing_set_is_replaced_only_when_forced(tmp_path: Path) -> None:
    write_set(tmp_path / "mine", "one")
    with pytest.raises(OutputExistsError, match="the PDF set exists already"):
        write_set(tmp_path / "mine", "two")
    assert (tmp_path / "mine" / "mine.info").read_text() == "one"
    write_set(tmp_path / "mine", "two", force=True)
    assert (tmp_path / "mine" / "mine.info").read_text() == "two"


@pytest.mark.parametrize("kind", ["file", "other folder"])
def test_what_is_no_set_is_left_alone(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "mine"
    if kind == "file":
        target.write_text("precious")
    else:
        target.mkdir()
        (target / "notes.txt").write_text("precious")
    with pytest.raises(OutputExistsError, match="expected a (PDF set or an empty )?folder"):
        write_set(target, "two", force=True)
    assert (target if kind == "file" else target / "notes.txt").read_text() == "precious"


def break_off(folder: Path, error: BaseException) -> None:
    with open_set_folder(folder, force=True) as target:
        (target.staging / f"{folder.name}.info").write_text("half")
        raise error


@pytest.mark.parametrize("error", [RuntimeError("ours"), KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_failure_leaves_the_old_set_and_nothing_else(tmp_path: Path, error: BaseException) -> None:
    write_set(tmp_path / "mine", "one")
    expected = ResourceError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        break_off(tmp_path / "mine", error)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert (tmp_path / "mine" / "mine.info").read_text() == "one"


def _try_to_write(folder: str, queue: multiprocessing.Queue[str]) -> None:
    try:
        write_set(Path(folder), "two")
    except ResourceError as error:
        queue.put(error.message)


def test_second_process_is_refused(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue[str] = context.Queue()
    with open_set_folder(tmp_path / "mine", force=False):
        process = context.Process(target=_try_to_write, args=(str(tmp_path / "mine"), queue))
        process.start()
        assert "is writing" in queue.get(timeout=60)
        process.join()


@pytest.mark.parametrize("name", ["NNPDF40_nnlo", "fit-1.2+b", "7"])
def test_plain_names_are_accepted(name: str) -> None:
    check_set_name(name)


@pytest.mark.parametrize("name", ["", "my fit", "../up", "a/b", ".hidden", "-r", "täst", "a\nb", "a:b"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(CommandLineError, match="expected a name of letters, digits and"):
        check_set_name(name)


@given(st.text(max_size=12))
def test_accepted_names_are_safe_everywhere(name: str) -> None:
    try:
        check_set_name(name)
    except CommandLineError:
        return
    assert name
    assert Path(name).name == name
    assert name.isprintable()
    assert not set(name) & set(" \t\n/\\:*?\"'<>|")


def test_members_tell_the_replicas_that_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    assert replicas_of_set(folder) == ()
    header = "PdfType: {}\nFormat: lhagrid1\n{}---\n"
    (folder / "mine_0000.dat").write_text(header.format("central", ""))
    (folder / "mine_0002.dat").write_text(header.format("replica", "FromMCReplica: 12\n") + "FromMCReplica: 5\n")
    (folder / "mine_0001.dat").write_text(header.format("replica", "FromMCReplica: 7\n"))
    assert replicas_of_set(folder) == (7, 12)
