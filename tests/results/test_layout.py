from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from n3fit.errors import CommandLineError, OutputExistsError, ResourceError
from n3fit.results import fit_name, prepare_folder
from n3fit.results.layout import MANIFEST, RUNCARD, format_replicas


def test_fault_17_names_with_dots_and_spaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert fit_name(Path("fits/../my fit 4.0")) == "my fit 4.0"
    assert prepare_folder(Path("fits/../my fit")) == tmp_path / "my fit"
    assert fit_name(Path()) == tmp_path.name
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (" fit", "a space"),
        ("-fit", "begins with '-'"),
        (".fit", r"begins with '\.'"),
        ("a\nb", "control character"),
        ("a\\b", "path separator"),
        ("x" * 181, "longer than 180 bytes"),
        ("é" * 91, "longer than 180 bytes"),
    ],
)
def test_fault_17_impossible_names_are_refused(tmp_path: Path, name: str, problem: str) -> None:
    with pytest.raises(CommandLineError, match=problem):
        prepare_folder(tmp_path / name)


def make_fit(folder: Path) -> None:
    folder.mkdir()
    (folder / MANIFEST).write_text("{}")
    (folder / RUNCARD).write_text("")


def test_existing_fit_needs_force(tmp_path: Path) -> None:
    make_fit(tmp_path / "fit")
    with pytest.raises(OutputExistsError, match="the fit exists already") as caught:
        prepare_folder(tmp_path / "fit")
    assert "--force" in caught.value.hint
    assert prepare_folder(tmp_path / "fit", force=True) == tmp_path / "fit"


def test_what_is_no_fit_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    assert prepare_folder(tmp_path / "thesis") == tmp_path / "thesis"  # empty: nothing to lose
    (tmp_path / "thesis" / "chapter.tex").write_text("")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputExistsError, match="expected a fit or an empty folder"):
        prepare_folder(tmp_path / "thesis", force=True)
    with pytest.raises(OutputExistsError, match="expected a folder, found a file"):
        prepare_folder(tmp_path / "file", force=True)


def test_fault_84_loop_of_links_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(ResourceError, match="cannot be followed"):
        prepare_folder(tmp_path / "a" / "fit")


def test_parents_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError, match="cannot be created"):
        prepare_folder(tmp_path / "file" / "sub" / "fit")


@given(st.sets(st.integers(1, 60)))
def test_ranges_of_replicas_contain_every_number_once(numbers: set[int]) -> None:
    found: list[int] = []
    for part in filter(None, format_replicas(numbers).split(", ")):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    assert found == sorted(numbers)
    assert format_replicas([1, 2, 3, 7, 9, 10], dash="–") == "1–3, 7, 9–10"
