"""Fixtures: toy fits on disk and the page of one of them."""

from __future__ import annotations

import pytest
from support import outcomes

from n3fit.ensembles.partons import partons_of
from n3fit.report.figure_files import FigureFiles
from n3fit.report.page import make_report
from n3fit.results import FitFolder

THEORY = {"id": "dis_nnlo"}
"""Without the theory card, since building evolution operators is slow."""


@pytest.fixture(scope="session")
def fit(tmp_path_factory: pytest.TempPathFactory) -> FitFolder:
    """A fit of six replicas, the third of which is vetoed, and three small data sets."""
    outcome = outcomes.make_outcome(6, sets=outcomes.SMALL_SETS)
    outcome.positivity_passed[:] = [True, True, False, True, True, True]
    return outcomes.write_outcome(outcome, tmp_path_factory.mktemp("fits") / "toy", theory=THEORY)


@pytest.fixture(scope="session")
def smaller_fit(tmp_path_factory: pytest.TempPathFactory) -> FitFolder:
    """A fit of four replicas, with other random numbers, to two of the three data sets, with other points."""
    outcome = outcomes.make_outcome(4, sets=outcomes.SMALL_SETS[:2], seed=8, name="smaller")
    outcome.positivity_passed[:] = True
    return outcomes.write_outcome(outcome, tmp_path_factory.mktemp("fits") / "smaller", theory=THEORY)


@pytest.fixture(scope="session")
def bare_fit(tmp_path_factory: pytest.TempPathFactory) -> FitFolder:
    """A fit of one replica without data, positivity, timing or a theory that can be evolved."""
    outcome = outcomes.make_outcome(1, sets=(), positivity_losses={}, integrability_losses={}, timing={}, seeds={})
    return outcomes.write_outcome(outcome, tmp_path_factory.mktemp("fits") / "toy", theory={"id": "none"})


@pytest.fixture(scope="session")
def page(fit: FitFolder) -> str:
    """The page of ``fit``, with two distributions of each basis."""
    with pytest.MonkeyPatch.context() as patch:
        limit_partons(patch, 2)
        return make_report(fit).read_text()


@pytest.fixture(autouse=True)
def one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw figures in this process: starting others takes longer than drawing a few."""
    monkeypatch.setattr("n3fit.report.figure_rendering.usable_cores", lambda: 1)


@pytest.fixture
def few_pdfs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restrict pages to the first distribution of each basis."""
    limit_partons(monkeypatch, 1)


@pytest.fixture
def blank_figures(monkeypatch: pytest.MonkeyPatch, few_pdfs: None) -> None:
    """Replace the images of pages by empty ones, which saves time."""
    blank = FigureFiles("data:image/svg+xml,<svg/>", 1, 1, b"%PDF-", "x\n1\n")
    monkeypatch.setattr(
        "n3fit.report.page.render_figures", lambda figures, **_: {figure.name: blank for figure in figures}
    )


def limit_partons(patch: pytest.MonkeyPatch, number: int) -> None:
    """Restrict pages to the first ``number`` distributions of each basis, since drawing all is slow."""
    patch.setattr("n3fit.report.pdf_plots.partons_of", lambda basis: partons_of(basis)[:number])
