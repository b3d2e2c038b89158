import logging
from dataclasses import replace

import numpy as np
import pytest

from n3fit.errors import CommandLineError
from n3fit.progress import NullReporter
from n3fit.report import pdf_contents
from n3fit.report.labelled_fit import label_fits
from n3fit.report.pdf_contents import collect_pdfs, true_ensemble
from n3fit.report.style import plot_style
from n3fit.results import FitFolder
from n3fit.results.ensembles import open_ensemble
from n3fit.results.records import ClosureRecord
from n3fit.theory.flavours import EXPORT_PIDS


@pytest.mark.usefixtures("few_pdfs")
def test_fits_that_cannot_be_evolved_are_shown_at_the_initial_scale_with_a_note(bare_fit: FitFolder) -> None:
    with plot_style():
        contents = collect_pdfs(label_fits([bare_fit]), None, progress=NullReporter())
    assert [group.heading for group in contents.groups] == [
        "Q = 1.65 GeV, flavours",
        "Q = 1.65 GeV, evolution basis",
    ]
    assert contents.notes == ["PDFs: toy: Q: expected 1.65 GeV alone, received 100 GeV"]
    assert contents.correlations == contents.comparison == []  # one replica


@pytest.mark.usefixtures("few_pdfs")
def test_moments_are_integrals_over_the_chosen_replicas(bare_fit: FitFolder, smaller_fit: FitFolder) -> None:
    reference = open_ensemble(bare_fit, label="reference")
    cannot = replace(smaller_fit, description=smaller_fit.description.model_copy(update={"theory": {"id": "none"}}))
    with plot_style():
        contents = collect_pdfs(label_fits([cannot]), reference, progress=NullReporter())
    (table,) = contents.moments
    assert table.q == 1.65
    assert table.labels == ("smaller", "reference")
    gluon = next(line for line in table.lines if line.formula == "∫ x g dx")
    integrals = np.trapezoid(smaller_fit.pdf[..., EXPORT_PIDS.index(21)], smaller_fit.xgrid)
    assert gluon.values[0] == pytest.approx((integrals.mean(), integrals.std(ddof=1)), rel=5e-3)
    assert gluon.kind == "momentum"
    assert gluon.expected is None
    assert table.lines[0].expected == 1.0


def test_fits_without_finite_replicas_are_noted(smaller_fit: FitFolder) -> None:
    training = replace(smaller_fit.results.training, finite=np.zeros(4, bool))
    broken = replace(smaller_fit, results=replace(smaller_fit.results, training=training))
    contents = collect_pdfs(label_fits([broken]), None, progress=NullReporter())
    assert contents.groups == contents.moments == []
    assert contents.notes == ["smaller: no replica is finite, so it has no PDFs."]


def test_each_error_is_noted_once() -> None:
    def fail() -> int:
        raise CommandLineError("too few", hint="fit more")

    notes: list[str] = []
    assert pdf_contents._or_note(notes, "distances", lambda: 3) == 3
    assert pdf_contents._or_note(notes, "distances", fail) is None
    assert pdf_contents._or_note(notes, "distances", fail) is None
    assert notes == ["distances: too few (fit more)"]


def test_ensembles_that_reach_100_gev_are_shown_there_too(
    smaller_fit: FitFolder, monkeypatch: pytest.MonkeyPatch, few_pdfs: None
) -> None:
    known = open_ensemble("n3fit_dis_t0")
    monkeypatch.setattr(pdf_contents, "fit_ensemble", lambda *_, **__: known)
    with plot_style():
        contents = collect_pdfs(
            label_fits([smaller_fit]), open_ensemble("n3fit_dis_t0", label="again"), progress=NullReporter()
        )
    assert [group.heading for group in contents.groups] == [
        f"Q = {q} GeV, {basis}" for q in ("1.65", "100") for basis in ("flavours", "evolution basis")
    ]
    assert [table.q for table in contents.moments] == [1.65, 100.0]
    assert [group.heading for group in contents.comparison] == ["Luminosities"]
    assert contents.notes == []


def with_closure(fit: FitFolder, name: str) -> FitFolder:
    """Return a fit as if it were a closure test from the PDF set ``name``."""
    record = ClosureRecord(level=1, pdf_set=name, sha256="0" * 64, filterseed=1)
    return replace(fit, description=fit.description.model_copy(update={"closure": record}))


def test_closure_tests_from_one_set_are_compared_with_its_central_member(bare_fit: FitFolder) -> None:
    truth = true_ensemble([with_closure(bare_fit, "n3fit_dis_t0")] * 2)
    assert truth is not None
    assert truth.label == "n3fit_dis_t0, the truth"
    assert truth.at().kind == "central"


def test_other_fits_and_different_truths_have_no_reference(bare_fit: FitFolder) -> None:
    assert true_ensemble([bare_fit]) is None
    assert true_ensemble([bare_fit, with_closure(bare_fit, "n3fit_dis_t0")]) is None
    assert true_ensemble([with_closure(bare_fit, "a"), with_closure(bare_fit, "b")]) is None


def test_a_missing_set_is_a_warning(bare_fit: FitFolder, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert true_ensemble([with_closure(bare_fit, "n3fit_dis_t1")]) is None
    assert "not compared with the truth" in caplog.text
    assert "n3fit_dis_t1" in caplog.text
