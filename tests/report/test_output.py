from pathlib import Path

import pytest

from n3fit.errors import OutputExistsError, ResourceError
from n3fit.report.figure_files import FigureFiles
from n3fit.report.output import check_free, choose_page, figures_folder, write_report

FIGURE = FigureFiles("data:,", 1, 1, b"%PDF-1", "x\n1.0\n")


def content(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("output", "page"),
    [
        (None, "fit/report.html"),
        ("elsewhere", "elsewhere/report.html"),
        ("v1.2", "v1.2/report.html"),
        ("a/mine.html", "a/mine.html"),
        ("a/MINE.HTM", "a/MINE.HTM"),
    ],
)
def test_place_of_the_page(output: str | None, page: str) -> None:
    assert choose_page(None if output is None else Path(output), Path("fit")) == Path(page)


def test_a_folder_may_be_named_like_a_page(tmp_path: Path) -> None:
    (tmp_path / "odd.html").mkdir()
    assert choose_page(tmp_path / "odd.html", Path("fit")) == tmp_path / "odd.html" / "report.html"


def test_page_and_figures_are_written_and_replaced_and_other_files_kept(tmp_path: Path) -> None:
    page = tmp_path / "deep" / "page.html"
    assert write_report(page, "one", {"a": FIGURE, "b": FIGURE}, force=False) == page
    assert content(page.parent) == {
        "page.html": "one", "page_figures/a.pdf": "%PDF-1", "page_figures/a.csv": "x\n1.0\n",
        "page_figures/b.pdf": "%PDF-1", "page_figures/b.csv": "x\n1.0\n",
    }  # fmt: skip
    (page.parent / "other.txt").write_text("mine")
    write_report(page, "two", {"c": FIGURE}, force=True)
    assert content(page.parent) == {
        "other.txt": "mine", "page.html": "two", "page_figures/c.pdf": "%PDF-1", "page_figures/c.csv": "x\n1.0\n",
    }  # fmt: skip


def test_an_existing_report_is_kept(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    write_report(page, "one", {"a": FIGURE}, force=False)
    before = content(tmp_path)
    with pytest.raises(OutputExistsError, match=r"report\.html: exists already"):
        write_report(page, "two", {}, force=False)
    assert content(tmp_path) == before
    page.unlink()
    with pytest.raises(OutputExistsError, match="report_figures: exists already"):
        check_free(page, force=False)


def test_a_folder_of_other_files_is_kept_even_with_force(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    figures_folder(page).mkdir()
    (figures_folder(page) / "thesis.tex").write_text("precious")
    with pytest.raises(OutputExistsError, match="expected a report, found other files"):
        write_report(page, "two", {}, force=True)
    assert content(tmp_path) == {"report_figures/thesis.tex": "precious"}


def test_a_failure_keeps_existing_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "report.html"
    write_report(page, "one", {"a": FIGURE}, force=False)
    before = content(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("n3fit.report.output.write_atomically", full)
    with pytest.raises(ResourceError, match=r"report\.html: cannot be written \(No space left"):
        write_report(page, "two", {"b": FIGURE}, force=True)
    assert content(tmp_path) == before
    assert not list(tmp_path.glob(".*"))
