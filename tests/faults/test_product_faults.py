"""Faults 82, 88, 89 and 92: what is made from a fit: reports and PDF sets."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from support import outcomes

from n3fit import api
from n3fit.lhapdf.pdf_sets import PDFSet, load_pdf_set
from n3fit.report.figure_files import FigureFiles
from n3fit.report.inline_content import inline_content
from n3fit.report.page import make_report
from n3fit.results import FitFolder
from n3fit.results.evolve import evolve_fit
from n3fit.theory.flavours import EXPORT_PIDS

# ------------------------------------------------------------------------------------------------------------ reports


@pytest.fixture(autouse=True)
def blank_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no figures, which takes long; what they show is prepared all the same."""
    blank = FigureFiles("data:image/svg+xml,<svg/>", 1, 1, b"%PDF-", "x\n1\n")
    monkeypatch.setattr(
        "n3fit.report.page.render_figures", lambda figures, **_: {figure.name: blank for figure in figures}
    )
    monkeypatch.setattr("n3fit.report.pdf_plots.partons_of", lambda basis: [])


class Page(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not [key for key, _ in attrs if key.startswith("on")]
        assert not [value for key, value in attrs if key in ("href", "src") and "javascript:" in (value or "")]

    def handle_data(self, data: str) -> None:
        self.text += data


ATTACKS = (
    "</pre></code><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    '" onmouseover="alert(3)" x=\'',
    "{{ 7 * 7 }} {% raw %}",
    "&lt;already&gt; &amp; escaped",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_fault_82_text_of_a_runcard_stays_text_in_the_report(tmp_path: Path, attack: str) -> None:
    """In the description, the names of sets and inputs, the theory and its card, and the text of the runcard."""
    outcome = outcomes.make_outcome(2, sets=((attack, None, attack, "DIS", 3),), inputs={attack: attack})
    outcome = replace(outcome, title=attack, positivity_losses={attack: np.zeros(2)}, integrability_losses={})
    text = f"description: {json.dumps(attack)}\n"
    theory = {"id": attack, "card": {attack: attack}}
    fit = outcomes.write_outcome(
        outcome, tmp_path / "toy", runcard_text=text, theory=theory, environment={attack: attack}
    )
    for page in (make_report(fit).read_text(), api.open_fit(fit.path)._repr_html_()):
        # the page has one script of its own, and numbers of figures, in which no tag can begin
        own = page.replace(f"<script>{inline_content().script}</script>", "")
        found = Page(re.sub(r'<script type="application/json">[^<]*</script>', "", own))
        assert attack in " ".join(found.text.split())
        assert found.tags.isdisjoint({"script", "iframe", "object", "form"})
        assert "<img src=x" not in page
        assert "49" not in re.findall(r"\b\d+ \{% raw", found.text)
    assert Page(make_report(fit, force=True).read_text()).text.count(attack) >= 6


def test_fault_92_no_data_and_one_replica(tmp_path: Path) -> None:
    outcome = outcomes.make_outcome(1, sets=(), positivity_losses={}, integrability_losses={}, timing={}, seeds={})
    fit = outcomes.write_outcome(outcome, tmp_path / "toy", theory={"id": "none"})
    text = Page(make_report(fit).read_text()).text
    assert "The fit has no data sets." in text
    assert "Means and bands are over the 1 passing replica." in text
    assert re.findall(r"\b(nan|inf)\b", text) == []


def test_fault_92_chi2_that_is_not_finite(tmp_path: Path) -> None:
    """Replicas 2 and 3 count as not finite; the numbers are those of a fit in which they are marked so."""
    outcome = outcomes.make_outcome(3, sets=outcomes.SMALL_SETS)
    predictions = outcome.predictions.copy()
    predictions[1, 0], predictions[2, 3] = np.inf, np.nan
    broken = np.array([1.0, np.nan, np.inf])
    outcome = replace(outcome, predictions=predictions, training_chi2=broken, validation_chi2=broken)
    fit = outcomes.write_outcome(outcome, tmp_path / "toy", theory={"id": "none"})
    page = Page(make_report(fit).read_text())
    assert re.findall(r"\b(nan|inf)\b", page.text) == []
    marked = outcomes.make_outcome(3, sets=outcomes.SMALL_SETS, finite=np.array([True, False, False]))
    other = outcomes.write_outcome(marked, tmp_path / "whole", theory={"id": "none"})
    name = outcomes.SMALL_SETS[2][0]  # the set whose predictions are finite
    pages = [make_report(one, force=True).read_text().replace("<wbr>", "") for one in (fit, other)]
    rows = [re.search(rf"<td>{name}</td>.*?</tr>", page[page.index('id="chi2"') :], re.DOTALL) for page in pages]
    assert rows[0] is not None
    assert rows[1] is not None
    assert rows[0][0] == rows[1][0]


# ---------------------------------------------------------------------------------------------------------- PDF sets

SMALL = {"q_max": 100.0, "q_nodes": 8}


@pytest.fixture
def evolved(make_fit: Callable[..., FitFolder]) -> tuple[FitFolder, PDFSet]:
    fit = make_fit(3)
    folder = evolve_fit(fit, **SMALL)
    return fit, load_pdf_set(folder.name, [folder.parent])


NEOPDF = """
import json, sys, neopdf
path, pids, x, scales = json.load(sys.stdin)
pdf = neopdf.pdf.PDF.mkPDF_lhapdf_file(path)
json.dump([[[pdf.xfxQ2(pid, v, q * q) for v in x] for pid in pids] for q in scales], sys.stdout)
"""


def test_fault_88_two_readers_give_the_same_numbers_at_the_nodes(evolved: tuple[FitFolder, PDFSet]) -> None:
    """Ours and that of neopdf, for a fit that n3fit evolved; at the lowest scale they are the exportgrids."""
    fit, pdf = evolved
    x = fit.xgrid[1:-1]  # neopdf takes a node at the edge as the end of an interval
    for member in (1, 3):
        scales = [q for grid in pdf.member(member).subgrids for q in grid.q[1:-1].tolist()]
        assert len(scales) >= 4
        request = json.dumps([str(pdf.folder / f"toy_{member:04d}.dat"), list(EXPORT_PIDS), x.tolist(), scales])
        done = subprocess.run([sys.executable, "-c", NEOPDF], input=request, capture_output=True, text=True, check=True)
        for q, found in zip(scales, json.loads(done.stdout), strict=True):
            expected = pdf.xfx(EXPORT_PIDS, x, q, member)
            np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6 * np.abs(expected).max() * 1e-6)
        at_start = pdf.xfx(EXPORT_PIDS, fit.xgrid, fit.description.q0, member)
        np.testing.assert_allclose(at_start, fit.pdf[member - 1].T, rtol=1e-7, atol=1e-12)


def sums(pdf: PDFSet, xgrid: np.ndarray, q: float, member: int) -> dict[str, float]:
    """Integrate x f and f - fbar by Gauss-Legendre between the nodes."""
    roots, weights = np.polynomial.legendre.leggauss(3)
    low, high = np.log(xgrid[:-1, None]), np.log(xgrid[1:, None])
    x = np.exp((0.5 * (low + high) + 0.5 * (high - low) * roots).ravel())
    measure = (0.5 * (high - low) * weights).ravel()
    values = dict(zip(EXPORT_PIDS, pdf.xfx(EXPORT_PIDS, x, q, member), strict=True))
    valence = {name: float(measure @ (values[pid] - values[-pid])) for name, pid in (("u", 2), ("d", 1), ("s", 3))}
    return valence | {"momentum": float(measure @ (x * sum(values.values())))}


@pytest.mark.parametrize("q", [1.65, 4.93, 100.0])
def test_fault_89_sum_rules_hold_after_the_evolution(evolved: tuple[FitFolder, PDFSet], q: float) -> None:
    fit, pdf = evolved
    for member in range(pdf.members):
        expected = {"u": 2.0, "d": 1.0, "s": 0.0, "momentum": 1.0}
        assert sums(pdf, fit.xgrid, q, member) == pytest.approx(expected, abs=1e-3)
