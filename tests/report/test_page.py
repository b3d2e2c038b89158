import base64
import csv
import json
import re
from dataclasses import replace
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from support import nnpdf_folders, outcomes

from n3fit.errors import CommandLineError, OutputExistsError
from n3fit.report.figure_values import decode_numbers
from n3fit.report.inline_content import inline_content
from n3fit.report.page import make_report
from n3fit.results import FitFolder
from n3fit.results.nnpdf_fit import ABSENT
from n3fit.results.reader import read_fit_folder
from n3fit.results.records import TrialRecord

EMPTY_TAGS = {"wbr", "meta", "img", "br", "link", "input", "hr"}


class Outline(HTMLParser):
    """Collect tags, addresses and text, and check that every tag is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.identities: list[str] = []
        self.addresses: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.text = ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.identities += [value or "" for key, value in attrs if key == "id"]
        assert "style" not in dict(attrs)
        if tag == "script":
            self.scripts.append((dict(attrs), ""))
        self.addresses += [value or "" for key, value in attrs if key in ("src", "href", "srcset", "data", "action")]
        assert not [key for key, _ in attrs if key.startswith("on")]
        if tag == "img":
            self.images.append(dict(attrs))
        if tag not in EMPTY_TAGS:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[-1] = (self.scripts[-1][0], data)
        else:
            self.text += data


def test_page_needs_nothing_else(page: str) -> None:
    outline = Outline(page)
    links = [address for address in outline.addresses if not address.startswith(("#", "data:image/"))]
    assert links
    assert all(re.fullmatch(r"report_figures/[\w.+-]+\.(pdf|csv)", address) for address in links)
    assert outline.tags.isdisjoint({"link", "iframe", "object", "base", "form"})
    assert "default-src 'none'" in unescape(page)
    assert re.findall(r"url\((?!%23)|@import", page) == []


def test_headings_follow_each_other_in_one_main_part(page: str) -> None:
    levels = [int(level) for level in re.findall(r"<h(\d)", page)]
    assert levels.count(1) == 1
    assert len(levels) > 20
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    main = page.partition("<main>")[2].partition("</main>")[0]
    assert len(re.findall("<section", main)) == len(re.findall("<section", page)) > 5
    assert "<th></th>" not in page


def test_links_within_the_page_have_targets(page: str) -> None:
    outline = Outline(page)
    anchors = {address.removeprefix("#") for address in outline.addresses if address.startswith("#")}
    sections = set(re.findall(r'<section id="([\w-]+)">', page))
    figures = [name for name in outline.identities if name.startswith("figure-")]
    assert anchors == sections | set(figures)
    assert len(set(outline.identities)) == len(outline.identities)
    assert len(figures) == len(outline.images)
    assert "figure-pdf_flavour_g_1.65GeV" in figures


def test_the_only_script_is_that_of_the_policy(page: str) -> None:
    scripts = Outline(page).scripts
    programs = [text for attributes, text in scripts if not attributes]
    digest = base64.b64encode(sha256(programs[0].encode()).digest()).decode()
    assert len(programs) == 1
    assert f"script-src 'sha256-{digest}'" in unescape(page)
    assert {attributes.get("type") for attributes, _ in scripts} == {None, "application/json"}


def test_values_of_figures_are_those_of_their_files(page: str, fit: FitFolder) -> None:
    found = dict(re.findall(r'<figure id="figure-([^"]*)"(?:(?!</figure>).)*?json">(.*?)</script>', page, re.DOTALL))
    assert {"pdf_flavour_g_1.65GeV", "training_history"} <= set(found)
    with (fit.path / "report_figures" / "pdf_flavour_g_1.65GeV.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    upper, lower = json.loads(found["pdf_flavour_g_1.65GeV"])["panels"]
    for panel, prefix in ((upper, ""), (lower, "ratio ")):
        (curve,) = panel["curves"]
        for name in ("central", "low", "high"):
            expected = [float(row[f"{prefix}{name}"]) for row in rows]
            np.testing.assert_allclose(decode_numbers(curve[name]), expected, rtol=2.0**-16)
        np.testing.assert_allclose(decode_numbers(panel["points"]), [float(row["x"]) for row in rows], rtol=2.0**-16)


def test_tables_are_sorted_by_numbers(page: str) -> None:
    tables = re.findall(r'<table class="(?:replicas )?sortable">(.*?)</table>', page, re.DOTALL)
    assert len(tables) == 3
    cells = re.findall(r"<td[^>]*>(.*?)</td>", "".join(tables).split("</thead>", 1)[1], re.DOTALL)
    numbers = [re.sub("<.*?>", "", cell) for cell in cells if re.match(r"(<[^>]*>)*[+−]?\d", cell)]
    assert len(numbers) > 50
    assert [text for text in numbers if not re.fullmatch(r"[+−]?\d+(\.\d+)?(e[+−]\d+)?( %| ± .*)?", text)] == []


def test_images_are_complete_and_described(page: str) -> None:
    images = Outline(page).images
    alternatives = [image["alt"] for image in images]
    assert len(set(alternatives)) == len(alternatives) >= 1 + 2 * 2 + 5 + 5 + 3
    for name in ("Gluon at 1.65 GeV (flavour basis)", "Singlet Σ at 1.65 GeV (evolution basis)", "Positivity"):
        assert name in alternatives
    for image in images:
        kind, _, content = (image["src"] or "").partition(",")
        if kind == "data:image/svg+xml":
            root = ElementTree.fromstring(unquote(content))
            assert root.tag.endswith("svg")
            assert "script" not in {element.tag.rpartition("}")[2] for element in root.iter()}
        else:
            assert kind == "data:image/png;base64"
            assert base64.b64decode(content, validate=True).endswith(b"IEND\xaeB\x60\x82")
    assert len(page) < 4_000_000


def test_every_figure_has_a_pdf_and_its_numbers_beside_the_page(page: str, fit: FitFolder) -> None:
    files = {path.name for path in (fit.path / "report_figures").iterdir()}
    named = {address.rpartition("/")[2] for address in Outline(page).addresses if "report_figures/" in address}
    assert files == named
    assert len(files) == 2 * len(Outline(page).images)
    for path in (fit.path / "report_figures").glob("*.csv"):
        assert len(path.read_text().splitlines()) > 1
        assert path.with_suffix(".pdf").read_bytes().startswith(b"%PDF-")


def test_numbers_on_the_page_are_those_of_the_fit(page: str, fit: FitFolder) -> None:
    summary, page = fit.summary(), page.replace("<wbr>", "")
    for row in (*summary.datasets, *summary.experiments, summary.total):
        line = re.search(rf"<tr[^>]*><td>{re.escape(row.name)}</td>.*?</tr>", page, flags=re.DOTALL)
        assert line is not None
        cells = re.findall(r"<td>(.*?)</td>", line[0])
        expected = [row.name, str(row.points), f"{row.t0:.2f}".replace("-", "−")]
        assert [cells[0], cells[1], re.sub("<.*?>", "", cells[2])] == expected
        assert cells[4:6] == [f"{row.experimental:.2f}", f"{row.replicas_mean:.2f} ± {row.replicas_deviation:.2f}"]
    kept = fit.results.training.training_chi2[fit.chosen]
    assert f"<td>{kept.mean():.2f} ± {kept.std(ddof=1):.2f}</td>" in page
    assert "5 / 6" in page
    assert page.count(">vetoed by positivity<") == 1
    assert "5 min 30 s" in page
    assert "b" * 64 in page


def test_momentum_sum_is_on_the_page_as_integrated_from_the_replicas(page: str, fit: FitFolder) -> None:
    everything = fit.pdf[fit.chosen].sum(axis=2)
    total = np.trapezoid(everything, fit.xgrid, axis=1)
    line = re.search(r"<tr><td>∫ x \(g \+ Σ\) dx</td><td>1</td><td>([\d.]+) ± ([\d.]+)</td></tr>", page)
    assert line is not None
    assert float(line[1]) == pytest.approx(total.mean(), rel=2e-3)  # of the trapezoidal rule on 196 nodes
    assert float(line[2]) == pytest.approx(total.std(ddof=1), rel=2e-2)


@pytest.mark.usefixtures("blank_figures")
def test_the_same_fit_has_the_same_page_and_settings_are_restored(bare_fit: FitFolder, tmp_path: Path) -> None:
    before = dict(mpl.rcParams)
    pages = [make_report(read_fit_folder(bare_fit.path), output=tmp_path / name).read_text() for name in "ab"]
    assert pages[0] == pages[1]
    assert dict(mpl.rcParams) == before


@pytest.mark.usefixtures("blank_figures")
def test_an_existing_page_is_kept_without_force(bare_fit: FitFolder, tmp_path: Path) -> None:
    target = tmp_path / "mine.html"
    target.write_text("mine")
    with pytest.raises(OutputExistsError, match="exists already") as caught:
        make_report(bare_fit, output=target)
    assert "--force" in caught.value.hint
    assert target.read_text() == "mine"
    assert make_report(bare_fit, output=target, force=True) == target
    assert target.read_text().startswith("<!DOCTYPE html>")
    assert (tmp_path / "mine_figures" / "arc_lengths.pdf").is_file()


@pytest.mark.usefixtures("blank_figures")
def test_page_of_a_fit_of_nnpdf_names_what_its_folder_lacks(bare_fit: FitFolder, tmp_path: Path) -> None:
    card = nnpdf_folders.CARD | {"theory": {"theoryid": 5}}  # without a card nothing is evolved
    changes = {3: {"pos_state": "POS_VETO"}}
    folder = nnpdf_folders.write_nnpdf_fit(tmp_path / "theirs", card=card, changes=changes)
    page = make_report([read_fit_folder(folder), bare_fit], output=tmp_path / "page").read_text()
    text = " ".join(Outline(page.replace("<wbr>", "")).text.split())
    assert "theirs: The fit was made with nnpdf 4.1.5. Its folder does not hold, and this page does not show: " in text
    for part in ABSENT:
        assert part in text
    assert "HERA_CC_318GEV_EM-SIGMARED3–––" in text
    assert "1.20 ± 0.00" in text  # chi2 of the replicas
    assert "toy: The fit was made with" not in text
    names = {path.stem for path in (tmp_path / "page" / "report_figures").iterdir()}
    assert {"arc_lengths", "integrability"} <= names
    assert not [name for name in names if name.startswith(("data_", "positivity"))]


@pytest.mark.usefixtures("blank_figures")
def test_networks_of_trials_are_on_the_page(bare_fit: FitFolder, tmp_path: Path) -> None:
    values = {
        "optimizer": "Nadam", "learning_rate": 2e-3, "clipnorm": None, "epochs": 1500, "stopping_patience": 0.25,
        "initial": 1.0, "nodes_per_layer": [31, 17, 8], "number_of_layers": 2, "activation": "tanh",
        "layer_type": "dense", "initializer": "glorot_normal", "dropout": 0.03,
    }  # fmt: skip
    trials = tuple(TrialRecord(tid=tid, loss=1.5, hyperparameters=values) for tid in (404, 415))
    description = bare_fit.description.model_copy(update={"trials": trials})
    text = make_report(replace(bare_fit, description=description), output=tmp_path / "page.html").read_text()
    rows = re.findall(r"<tr><td>(404|415)</td><td>([^<]*)</td><td>1.500</td><td>31-17-8</td><td>tanh</td>", text)
    assert rows == [("404", "–"), ("415", "1")]  # replica 1 uses the second trial


def test_no_fit_is_an_error() -> None:
    with pytest.raises(CommandLineError, match="at least one fit folder"):
        make_report([])


@pytest.mark.usefixtures("blank_figures")
def test_two_fits_are_compared(
    fit: FitFolder, smaller_fit: FitFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    target = make_report([fit, smaller_fit])
    assert target == tmp_path / "report_toy_smaller" / "report.html"
    page = target.read_text()
    outline = Outline(page)
    text = page.replace("<wbr>", "")
    for folder in (fit, smaller_fit):
        total = folder.summary().total
        assert f"<td>{total.replicas_mean:.3f} ± {total.replicas_deviation:.3f}</td>" in text
    table = text[text.index('<section id="chi2">') :]
    line = re.search(r"<td>SLAC_NC_NOTFIXED_P_EM-F2</td>.*?</tr>", table, flags=re.DOTALL)
    assert line is not None
    assert line[0].count("<td>–</td>") == 4  # the second fit does not have the set
    alternatives = [image["alt"] or "" for image in outline.images]
    assert any("istance" in name for name in alternatives)
    assert "luminosities: " in outline.text  # the note why there are none: the theory cannot be evolved
    assert {"#comparison", "#moments"} <= set(outline.addresses)


@pytest.mark.usefixtures("blank_figures")
def test_fault_82_text_of_the_user_is_escaped(tmp_path: Path) -> None:
    attack = "</pre><script>alert(1)</script><img src=x onerror=alert(2)>"
    outcome = outcomes.make_outcome(2, sets=((attack, None, attack, "DIS", 3),), inputs={attack: attack})
    outcome = replace(outcome, name="a <b>", positivity_losses={attack: np.full(2, np.nan)}, integrability_losses={})
    runcard = f"description: '{attack}'\n"
    theory = {"id": attack, "card": {attack: attack}}  # which cannot be evolved
    fit = outcomes.write_outcome(
        outcome, tmp_path / "toy", runcard_text=runcard, theory=theory, environment={attack: attack}
    )
    page = make_report(fit).read_text()
    outline = Outline(page)
    assert [text for attributes, text in outline.scripts if not attributes] == [inline_content().script]
    assert "<img src=x" not in page
    assert outline.text.count(attack) >= 8
    assert outline.text.count("a <b>") >= 2
    assert {path.suffix for path in (fit.path / "report_figures").iterdir()} == {".pdf", ".csv"}


@pytest.mark.usefixtures("few_pdfs")
def test_fault_92_one_replica_and_no_data(bare_fit: FitFolder, tmp_path: Path) -> None:
    text = Outline(make_report(bare_fit, output=tmp_path).read_text()).text
    assert "The fit has no data sets." in text
    assert "The fit has no positivity sets." in text
    assert "Means and bands are over the 1 passing replica." in text
    assert "Nothing to compare." in text
    assert "Q: expected 1.65 GeV alone, received 100 GeV" in text


@pytest.mark.usefixtures("few_pdfs")
def test_fault_92_interrupted_none_passing_and_numbers_that_are_not_finite(tmp_path: Path) -> None:
    outcome = outcomes.make_outcome(3, sets=outcomes.SMALL_SETS)
    pdf, predictions = outcome.pdf.copy(), outcome.predictions.copy()
    pdf[1], predictions[1] = np.nan, np.inf
    training = outcome.training_history.copy()
    training[1], training[2, 3:] = np.nan, np.inf
    broken = np.array([1.0, np.nan, np.inf])
    datasets = tuple(replace(dataset, x=np.full_like(dataset.x, np.nan)) for dataset in outcome.datasets)
    outcome = replace(
        outcome,
        pdf=pdf,
        predictions=predictions,
        datasets=datasets,
        training_history=training,
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
    written = outcomes.write_outcome(outcome, tmp_path / "toy", status="interrupted", theory={"id": "none"})
    text = Outline(make_report(written).read_text()).text
    assert "The fit was interrupted." in text
    assert "No replica passes positivity." in text
    assert text.count("no acceptable epoch") == 3
    assert text.count("sum rule guarded") == 1
    assert "1 not finite." in text
    assert re.findall(r"\b(nan|inf)\b", text) == []


def test_fault_92_nothing_finite(tmp_path: Path) -> None:
    outcome = outcomes.make_outcome(2, sets=outcomes.SMALL_SETS, finite=np.zeros(2, bool))
    text = Outline(make_report(outcomes.write_outcome(outcome, tmp_path / "toy")).read_text()).text
    assert "No replica is finite." in text
    assert "toy: no replica is finite, so it has no PDFs." in text
    assert "There are no PDFs to integrate." in text
