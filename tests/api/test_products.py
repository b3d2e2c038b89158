"""Pages and sets of fit folders through the api."""

import pytest
from support import outcomes

from n3fit import api
from n3fit.errors import DataError, OutputExistsError, ResourceError
from n3fit.report import page as page_module
from n3fit.results.reader import read_fit_folder


@pytest.fixture
def write(tmp_path):
    """Write an imaginary fit and give its folder."""

    def write(name):
        outcome = outcomes.make_outcome(4, sets=outcomes.SMALL_SETS, name=name)
        return outcomes.write_outcome(outcome, tmp_path / name).path

    return write


@pytest.fixture
def requests(monkeypatch):
    """The arguments of the calls that would draw a page."""
    calls = []

    def make_report(fits, **options):
        calls.append(([fit.name for fit in fits], options))
        return fits[0].path / "report.html"

    monkeypatch.setattr(page_module, "make_report", make_report)
    return calls


def test_one_folder_or_several_in_their_order(write, requests, tmp_path):
    first, second = write("first"), write("second")
    assert api.report(str(first)) == first / "report.html"
    api.report([second, str(first)], output=str(tmp_path / "a.html"), force=True)
    assert [names for names, _ in requests] == [["first"], ["second", "first"]]
    assert requests[0][1] == {"reference": None, "output": None, "force": False, "progress": None}
    assert (requests[1][1]["output"], requests[1][1]["force"]) == (tmp_path / "a.html", True)


def test_the_reference_is_a_set_or_a_fit(write, requests, toy_pdf_sets):
    first, second = write("first"), write("second")
    api.report(first, reference="toy", pdf_path=toy_pdf_sets)
    api.report(first, reference=second)
    assert [options["reference"].label for _, options in requests] == ["toy", "second"]
    with pytest.raises(DataError, match="toy"):
        api.report(first, reference="toy")
    assert len(requests) == 2


def test_a_folder_that_is_no_fit_is_named(write, requests, tmp_path):
    first = write("first")
    for make in (api.report, api.evolve, lambda folder: api.report([first, folder])):
        with pytest.raises(ResourceError, match="nothing") as caught:
            make(tmp_path / "nothing")
        assert caught.value.exit_code == 4
    assert requests == []


def test_a_set_that_is_there_is_kept(write):
    folder = write("first")
    there = folder / "postfit" / "mine"
    there.mkdir(parents=True)
    (there / "mine.info").write_text("precious")
    with pytest.raises(OutputExistsError, match="mine") as caught:
        api.evolve(str(folder), name="mine", output=str(folder / "postfit"))
    assert caught.value.exit_code == 4
    assert (there / "mine.info").read_text() == "precious"
    assert read_fit_folder(folder).replicas.tolist() == [1, 2, 3, 4]
