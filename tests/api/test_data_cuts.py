"""The cuts of a runcard, from its file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from n3fit import api
from n3fit.errors import RuncardError, TheoryError

CARD = (Path(__file__).parents[1] / "support" / "small_fit.yml").read_text()
DATASET = "{dataset: HERA_CC_318GEV_EM-SIGMARED, variant: legacy}"


@pytest.fixture
def cuts(tmp_path, monkeypatch):
    """Return the cuts of the card with texts replaced."""
    monkeypatch.setenv("N3FIT_CACHE_DIR", str(tmp_path / "cache"))

    def run(*changes: tuple[str, str], **options):
        text = CARD
        for old, new in changes:
            assert text.count(old) == 1
            text = text.replace(old, new)
        (tmp_path / "card.yml").write_text(text)
        return api.data_cuts(tmp_path / "card.yml", **options)

    return run


def test_points_of_each_set_and_the_rules_that_remove_them(cuts) -> None:
    summary = cuts(("q2min: 3.49", "q2min: 1000"))
    (row,) = summary.datasets
    assert (row.dataset, row.variant, row.points) == ("HERA_CC_318GEV_EM-SIGMARED", "legacy", 42)
    (removed,) = row.removed
    assert row.kept == summary.points == 42 - len(removed.points)
    assert removed.rule == "Q2 > q2min and w2 > w2min, w2 = Q2 * (1 - x) / x, q2min = 1000, w2min = 12.5"
    assert removed.origin == "default"
    assert [(entry.dataset, entry.points, entry.kept) for entry in summary.positivity] == [
        ("NNPDF_POS_2P24GEV_F2U", 20, 20),
        ("NNPDF_POS_2P24GEV_XGL", 20, 10),
    ]
    assert summary.positivity[1].removed == (
        api.RemovedPoints("x > 0.1", "", "added_filter_rules[0]", tuple(range(10))),
    )
    assert [entry.kept for entry in summary.integrability] == [1]


def test_a_notebook_shows_what_each_rule_removes() -> None:
    removed = (api.RemovedPoints("x > 0.1", "", "default", (0, 1)), api.RemovedPoints("y < 1", "", "default", (1,)))
    sets = (api.DatasetCuts("one", None, 9, 7, removed), api.DatasetCuts("two", "legacy", 3, 3, ()))
    html = api.CutSummary(sets, (), ())._repr_html_()
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", html)]
    assert cells == [
        ["data set", "variant", "points", "kept", "removed, by rule"],
        ["one", "", "9", "7", "x &gt; 0.1: 2; y &lt; 1: 1"],
        ["two", "legacy", "3", "3", ""],
    ]


def test_the_card_of_nnpdf_data_is_enough(cuts) -> None:
    charm = "{dataset: HERA_NC_318GEV_EAVG_CHARM-SIGMARED, variant: legacy}"
    at_nnlo, at_nlo = (cuts((DATASET, charm), ("dis_nnlo", theory)).datasets[0] for theory in ("708", "701"))
    assert (at_nnlo.kept, at_nlo.kept) == (37, 47)
    assert [len(entry.points) for entry in at_nnlo.removed] == [5, 15]
    with pytest.raises(TheoryError, match="theory 12345: there is no theory card"):
        cuts(("dis_nnlo", "12345"))


def test_the_card_of_a_folder_comes_first(cuts, tmp_path) -> None:
    folder = tmp_path / "theory_708"
    (folder / "fastkernel").mkdir(parents=True)
    change = (DATASET, "{dataset: LHCB_Z0_7TEV_MUON_Y}"), ("dis_nnlo", "708")
    assert cuts(*change, theory_path=tmp_path).points == 15
    (folder / "708.yaml").write_text("{Q0: 1.65, PTO: 1, FNS: FONLL-B, IC: 1}")
    assert cuts(*change, theory_path=tmp_path).points == 17


def test_an_emptied_set_is_shown_not_refused(cuts) -> None:
    (row,) = cuts((DATASET, "{dataset: E142_NC_NOTFIXED_EN_G1}")).datasets
    assert (row.points, row.kept) == (8, 0)


def test_errors_have_the_place_in_the_file(cuts, tmp_path) -> None:
    with pytest.raises(RuncardError) as caught:
        cuts(("{dataset: NNPDF_POS_2P24GEV_XGL, rule", "{dataset: NNPDF_POS_2P24GEV_XGLL, rule"))
    line = 1 + CARD[: CARD.index("rule: x > 0.1")].count("\n")
    assert caught.value.message.startswith(f"{tmp_path / 'card.yml'}:{line}: added_filter_rules[0].dataset: expected")
