import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest

from n3fit.errors import OutputExistsError
from n3fit.report import make_report
from n3fit.report.page import render
from n3fit.results import FitFolder

EMPTY_TAGS = {"wbr", "meta", "img", "br", "link", "input", "hr"}


class Outline(HTMLParser):
    """Collect tags, addresses and text, and check that every tag is closed by its own."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.text = ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for key, value in attrs if key in ("src", "href", "srcset", "data", "action")]
        assert not [key for key, _ in attrs if key.startswith("on")]
        if tag == "img":
            self.pictures.append(dict(attrs))
        if tag not in EMPTY_TAGS:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_page_needs_nothing_else(page: str) -> None:
    outline = Outline(page)
    assert all(address.startswith(("#", "data:image/")) for address in outline.addresses)
    assert outline.tags.isdisjoint({"script", "link", "iframe", "object", "base", "form"})
    assert "default-src 'none'" in page
    assert re.findall(r"url\(|@import", page) == []
    anchors = {address for address in outline.addresses if address.startswith("#")}
    assert anchors == {f"#{name}" for name in re.findall(r'<section id="(\w+)">', page)}


def test_pictures_are_whole_and_described(page: str) -> None:
    pictures = Outline(page).pictures
    alternatives = [picture["alt"] for picture in pictures]
    assert len(set(alternatives)) == len(alternatives) == 2 + 2 * 8 + 4 + 5 + 3
    for name in ("gluon", "up valence", "down valence", "sea", "strange plus anti-strange", "charm plus anti-charm"):
        for scale in ("logarithmic axis", "linear axis"):
            assert f"x times the {name} distribution against x, {scale}" in alternatives
    for picture in pictures:
        kind, _, content = (picture["src"] or "").partition(";base64,")
        data = base64.b64decode(content, validate=True)
        if kind == "data:image/svg+xml":
            assert ElementTree.fromstring(data).tag.endswith("svg")
            assert b"script" not in data
        else:
            assert kind == "data:image/png"
            assert data.endswith(b"IEND\xaeB\x60\x82")
    assert len(page) < 3_000_000


def test_numbers_on_the_page_are_those_of_the_fit(page: str, fit: FitFolder) -> None:
    summary, page = fit.summary(), page.replace("<wbr>", "")
    for row in (*summary.datasets, *summary.experiments, summary.total):
        line = re.search(rf"<tr[^>]*><td>{re.escape(row.name)}</td>.*?</tr>", page)
        assert line is not None
        cells = re.findall(r"<td>(.*?)</td>", line[0])
        expected = [row.name, str(row.points), f"{row.t0:.2f}"]
        assert [cells[0], cells[1], re.sub("<.*?>", "", cells[2])] == expected
        assert cells[4:] == [f"{row.experimental:.2f}", f"{row.replicas_mean:.2f} ± {row.replicas_deviation:.2f}"]
    assert "5 / 6" in page
    assert page.count(">vetoed by positivity<") == 1
    assert "5 min 30 s" in page
    assert "b" * 64 in page


def test_same_fit_gives_the_same_page_and_leaves_no_trace(page: str, fit: FitFolder) -> None:
    before = dict(mpl.rcParams)
    assert render(FitFolder.open(fit.path)) == page
    assert dict(mpl.rcParams) == before


def test_existing_page_is_kept_unless_forced(fit: FitFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("n3fit.report.page.render", lambda _fit: "new")
    target = tmp_path / "report.html"
    target.write_text("mine")
    with pytest.raises(OutputExistsError, match="exists already") as caught:
        make_report(fit, output=target)
    assert "--force" in caught.value.hint
    assert target.read_text() == "mine"
    assert make_report(fit, output=tmp_path, force=True) == target
    assert target.read_text() == "new"


def test_fault_82_text_of_the_user_is_escaped(outcomes: ModuleType, tmp_path: Path) -> None:
    attack = "</pre><script>alert(1)</script><img src=x onerror=alert(2)>"
    outcome = outcomes.make_outcome(2, sets=((attack, None, attack, "DIS", 3),), inputs={attack: attack})
    outcome = replace(
        outcome, finite=np.zeros(2, bool), name="a <b>", positivity_losses={attack: np.full(2, np.nan)},
        integrability_losses={},
    )  # fmt: skip
    runcard = f"description: '{attack}'\n"
    theory = {"id": attack, "card": {attack: attack}}
    fit = outcomes.write_outcome(
        outcome, tmp_path / "toy", runcard_text=runcard, theory=theory, environment={attack: attack}
    )
    page = render(fit)
    outline = Outline(page)
    assert "script" not in outline.tags
    assert "<img src=x" not in page
    assert outline.text.count(attack) >= 8
    assert "No replica is finite" in outline.text


def test_fault_92_one_replica_and_no_data(outcomes: ModuleType, tmp_path: Path) -> None:
    outcome = outcomes.make_outcome(1, sets=(), positivity_losses={}, integrability_losses={}, timing={}, seeds={})
    text = Outline(render(outcomes.write_outcome(outcome, tmp_path / "toy"))).text
    assert "The fit has no data sets." in text
    assert "Means and bands are over the 1 passing replica." in text
    assert "Nothing to compare." in text


def test_fault_92_interrupted_none_passing_and_numbers_that_are_not_finite(
    outcomes: ModuleType, tmp_path: Path
) -> None:
    outcome = outcomes.make_outcome(3, sets=outcomes.SMALL_SETS)
    pdf, predictions, history = outcome.pdf.copy(), outcome.predictions.copy(), outcome.history
    pdf[1], predictions[1] = np.nan, np.inf
    training = history.training.copy()
    training[:, 1], training[3:, 2] = np.nan, np.inf
    broken = np.array([1.0, np.nan, np.inf])
    datasets = tuple(replace(dataset, x=np.full_like(dataset.x, np.nan)) for dataset in outcome.datasets)
    outcome = replace(
        outcome,
        pdf=pdf,
        predictions=predictions,
        datasets=datasets,
        history=replace(history, training=training),
        positivity_passed=np.zeros(3, bool),
        finite=np.array([True, False, True]),
        guarded=np.array([False, False, True]),
        best_epoch=np.full(3, -1),
        training_chi2=broken,
        validation_chi2=broken,
        arc_lengths=np.full((3, 5), np.nan),
        integrability=np.full((3, 5), np.inf),
        positivity_losses={"POS": broken},
    )
    text = Outline(render(outcomes.write_outcome(outcome, tmp_path / "toy", status="interrupted"))).text
    assert "The fit was interrupted." in text
    assert "No replica passes positivity." in text
    assert text.count("no acceptable epoch") == 3
    assert text.count("sum rule guarded") == 1
    assert "1 not finite." in text
    assert "nan" not in text
    assert "inf" not in text.replace("information", "")
