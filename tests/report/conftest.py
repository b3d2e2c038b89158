"""Fixtures: an imaginary fit on disk and its page."""

from __future__ import annotations

import pytest
from support import outcomes

from n3fit.ensembles.partons import partons_of
from n3fit.report.page import make_report
from n3fit.report.rendering import RenderedFigure
from n3fit.results import FitFolder

THEORY = {"id": "dis_nnlo"}
"""Without the card: evolution operators take long to build."""


@pytest.fixture(scope="session")
def fit(tmp_path_factory: pytest.TempPathFactory) -> FitFolder:
    """Six replicas, not all of which pass, and three small data sets."""
    outcome = outcomes.make_outcome(6, sets=outcomes.SMALL_SETS)
    outcome.positivity_passed[:] = [True, True, False, True, True, True]
    return outcomes.write_outcome(outcome, tmp_path_factory.mktemp("fits") / "toy", theory=THEORY)


@pytest.fixture(scope="session")
def page(fit: FitFolder) -> str:
    """The page of ``fit``, with two distributions of each basis."""
    with pytest.MonkeyPatch.context() as patch:
        show_few_pdfs(patch, 2)
        return make_report(fit).read_text()


def show_few_pdfs(patch: pytest.MonkeyPatch, number: int) -> None:
    """Let pages show only the first ``number`` distributions of a basis: drawing all takes long."""
    patch.setattr("n3fit.report.ensemble_plots.partons_of", lambda basis: partons_of(basis)[:number])


@pytest.fixture
def few_pdfs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages show the first distribution of a basis only."""
    show_few_pdfs(monkeypatch, 1)


@pytest.fixture
def blank_figures(monkeypatch: pytest.MonkeyPatch, few_pdfs: None) -> None:
    """Pages hold empty pictures, which takes no time."""
    blank = RenderedFigure("data:image/svg+xml,<svg/>", 1, 1, b"%PDF-", "x\n1\n")
    monkeypatch.setattr(
        "n3fit.report.page.render_figures", lambda figures, **_: {figure.name: blank for figure in figures}
    )


@pytest.fixture(scope="session")
def smaller_fit(tmp_path_factory: pytest.TempPathFactory) -> FitFolder:
    """Four replicas, other random numbers, and only the first two of the three data sets, with other points."""
    outcome = outcomes.make_outcome(4, sets=outcomes.SMALL_SETS[:2], seed=8, name="smaller")
    outcome.positivity_passed[:] = True
    return outcomes.write_outcome(outcome, tmp_path_factory.mktemp("fits") / "smaller", theory=THEORY)


@pytest.fixture(scope="session")
def bare_fit(tmp_path_factory: pytest.TempPathFactory) -> FitFolder:
    """One replica without data, positivity, timing or a theory that can be evolved."""
    outcome = outcomes.make_outcome(1, sets=(), positivity_losses={}, integrability_losses={}, timing={}, seeds={})
    return outcomes.write_outcome(outcome, tmp_path_factory.mktemp("fits") / "toy", theory={"id": "none"})
