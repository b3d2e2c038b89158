"""The check of a runcard, without a fit."""

import re
from pathlib import Path

import pytest

from n3fit import api
from n3fit.errors import DataError, RuncardError
from n3fit.fit import resources
from n3fit.progress import NullReporter

CARD = (Path(__file__).parents[1] / "support" / "small_fit.yml").read_text()


class Listener(NullReporter):
    """Keeps the stages."""

    def __init__(self) -> None:
        self.phases: list[str] = []

    def phase(self, name):
        self.phases.append(name)


@pytest.fixture(scope="module")
def check(place, toy_pdf_sets):
    """Check the card for ten replicas, with ``old`` replaced by ``new``."""

    def run(old="epochs: 120", new="epochs: 120", *, replicas=(1, 10), **options):
        assert CARD.count(old) == 1
        (place / "card.yml").write_text(CARD.replace(old, new))
        return api.check(place / "card.yml", replicas=replicas, pdf_path=toy_pdf_sets, **options)

    return run


def test_check_tells_data_sets_parameters_and_resources(check):
    listener = Listener()
    summary = check(progress=listener)
    (row,) = summary.datasets
    assert (row.name, row.variant, row.points_kept, row.tables) == ("HERA_CC_318GEV_EM-SIGMARED", "legacy", 42, 1)
    assert row.points_file == 42
    assert summary.points == 42
    assert summary.positivity == ("NNPDF_POS_2P24GEV_F2U", "NNPDF_POS_2P24GEV_XGL")
    assert summary.integrability == ("NNPDF_INTEG_3GEV_XT3",)
    assert summary.parameters == 2 * 6 + 6 + 6 * 8 + 8
    assert 100 < summary.memory_mb < 2000
    assert summary.minutes == pytest.approx((resources.COMPILATION_SECONDS + summary.seconds_per_epoch * 120) / 60)
    assert listener.phases == ["reading data and theory"]


def test_a_notebook_shows_data_sets_and_resources():
    rows = (api.DatasetCheck("a<b", "legacy", 42, 30, 1), api.DatasetCheck("c", None, 10, 10, 1))
    html = api.CheckSummary(rows, 40, (), (), 74, 512.0, 0.1, 1.5)._repr_html_()
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", html)]
    assert cells == [
        ["data set", "variant", "points", "kept"],
        ["a&lt;b", "legacy", "42", "30"],
        ["c", "", "10", "10"],
        ["total", "", "52", "40"],
    ]
    assert "74 parameters of a replica; the fit requires about 0.5 GB and at most 1 min 30 s</caption>" in html


def test_cuts_take_points_away(check):
    """Of the 42 points, those with Q2 of at least 1000 GeV2 are left."""
    summary = check("q2min: 3.49", "q2min: 1000")
    assert summary.datasets[0].points_file == 42
    assert summary.datasets[0].points_kept == summary.points
    assert 20 < summary.points < 42


def test_estimates_grow_with_what_is_asked(check, monkeypatch):
    monkeypatch.setattr(resources, "measure_matrix_rate", lambda double_precision: 1e9)
    few, many = check(replicas=range(1, 11)), check(replicas=range(101, 201))
    assert few.parameters == many.parameters
    beyond_overhead = [summary.seconds_per_epoch - resources.EPOCH_OVERHEAD for summary in (few, many)]
    assert beyond_overhead[1] == pytest.approx(10 * beyond_overhead[0], rel=1e-9)
    assert few.memory_mb < many.memory_mb
    trainable = check("{fl: g, trainable: false", "{fl: g, trainable: true")
    assert trainable.parameters == few.parameters + 2  # alpha and beta


def test_a_check_meets_the_mistakes_that_a_fit_would(check):
    with pytest.raises(RuncardError, match=r"card\.yml:13: parameters\.epoch") as caught:
        check("epochs: 120", "epoch: 120")
    assert caught.value.exit_code == 2


def test_a_card_for_validphys_has_nothing_to_fit(place, toy_pdf_sets):
    """Its PDF sets are looked for."""
    card = place / "actions.yml"
    card.write_text("pdf: toy\nactions_: [mc2hessian]\n")
    assert api.check(card, pdf_path=toy_pdf_sets) == api.OtherCardSummary(("mc2hessian",), ("toy",))
    card.write_text("pdf: not_here\nactions_: [mc2hessian]\n")
    with pytest.raises(DataError, match="not_here"):
        api.check(card, pdf_path=toy_pdf_sets)
    with pytest.raises(RuncardError, match="expected a card of a fit"):
        api.fit(card, output=place / "none")


def test_weights_are_looked_at_before_the_data(check, place):
    listener = Listener()
    with pytest.raises(DataError, match=r"load: w.h5 is not there"):
        check("trvlseed: 1", "trvlseed: 1\nload: w.h5", progress=listener)
    (place / "w.h5").write_bytes(b"no weights")
    with pytest.raises(DataError, match="expected an HDF5 file"):
        check("trvlseed: 1", "trvlseed: 1\nload: w.h5", progress=listener)
    assert listener.phases == []
