"""Closure tests of level 0: a fit to exact data finds the PDF behind them (arXiv:1410.8849, section 4.2)."""

from pathlib import Path

import pytest

from n3fit import api
from n3fit.results import FitFolder
from n3fit.theory.flavours import EXPORT_PIDS

CARD = Path(__file__).parents[2] / "runcards" / "closure_level0.yml"
LEARNED = 0.01
"""Chi2 per point below which the truth counts as found."""


def write_card(place: Path, name: str, *changes: tuple[str, str], datasets: tuple[str, ...] = ()) -> Path:
    """Write the card of level 0 with lines replaced; with ``datasets`` it has these alone."""
    lines = CARD.read_text(encoding="utf-8").splitlines()
    if datasets:
        lines = [
            line
            for line in lines
            if not line.startswith("  - {dataset: ") or any(f" {set_}," in line for set_ in datasets) or "NNPDF" in line
        ]
    text = "\n".join(lines) + "\n"
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = place / f"{name}.yml"
    path.write_text(text, encoding="utf-8")
    return path


def write_as_set(fit: FitFolder, folder: Path, name: str) -> None:
    """Write the first replica of a fit as a PDF set that is the same at every scale."""
    home = folder / name
    home.mkdir()
    scales = (1.6, 1.65, 2.0, 100.0)
    rows = (" ".join(f"{value:.12e}" for value in values) for values in fit.pdf[0] for _ in scales)
    knots = (" ".join(f"{x:.12e}" for x in fit.xgrid), " ".join(map(str, scales)), " ".join(map(str, EXPORT_PIDS)))
    lines = ("PdfType: central", "Format: lhagrid1", "---", *knots, *rows, "---")
    (home / f"{name}_0000.dat").write_text("\n".join(lines) + "\n")
    (home / f"{name}.info").write_text("SetDesc: one replica\nNumMembers: 1\n")


def check_level_0(fit: FitFolder) -> None:
    """Check that every replica found the truth, by its own chi2 and by that of the mean."""
    summary = api.closure([fit.path]).fits[0]
    assert summary.test_level == 0
    assert summary.total.chi2_truth == 0
    assert summary.total.chi2 < LEARNED
    assert fit.chosen.all()
    assert (fit.results.training.training_chi2 < LEARNED).all()


FEW = ("SLAC_NC_NOTFIXED_P_EM-F2", "HERA_CC_318GEV_EM-SIGMARED")


def test_level_0_of_few_data_is_learned_soon(place):
    card = write_card(place, "few", ("epochs: 17000", "epochs: 3000"), datasets=FEW)
    fit = api.fit(card, replicas=range(1, 3), output=place / "few")
    check_level_0(fit)
    assert "filterseed" not in fit.manifest.seeds


@pytest.mark.slow
def test_a_fit_of_level_2_tells_its_truth_and_its_seeds(place):
    card = write_card(
        place,
        "level_2",
        ("epochs: 17000", "epochs: 100"),
        ("level: 0", "level: 2\n  filterseed: 12"),
        ("genrep: false", "mcseed: 3\ngenrep: true"),
        datasets=FEW,
    )
    fit = api.fit(card, replicas=range(1, 3), output=place / "level_2")
    closure = fit.description.closure
    assert closure is not None
    assert (closure.level, closure.pdf_set, closure.filterseed) == (2, "n3fit_dis_t0", 12)
    assert closure.sha256 == fit.manifest.inputs["PDF set n3fit_dis_t0: member 0"]
    assert fit.manifest.seeds["filterseed"] == 12
    total = api.closure([fit.path]).fits[0].total
    assert total.points == 75
    assert abs(total.chi2_truth - 1) < 5 * (2 / 75) ** 0.5


@pytest.mark.slow
def test_level_0_from_a_replica_of_the_same_model_is_learned(place):
    """A replica that learned little is the truth of the next fit, which starts from other weights and exponents."""
    short = write_card(place, "short", ("epochs: 17000", "epochs: 1500"))
    write_as_set(api.fit(short, replicas=range(1, 2), output=place / "short"), place, "own_replica")
    card = write_card(
        place,
        "whole",
        ("fakepdf: n3fit_dis_t0", "fakepdf: own_replica"),
        ("t0pdfset: n3fit_dis_t0", "t0pdfset: own_replica"),
        ("nnseed: 945709987", "nnseed: 1"),
    )
    fit = api.fit(card, replicas=range(2, 6), output=place / "whole", pdf_path=place)
    assert fit.description.closure is not None
    assert fit.description.closure.pdf_set == "own_replica"
    check_level_0(fit)
