"""Cuts that would select other points than a card means: its rules hit nothing, or are read in part.

The inputs are those of a card of one deep-inelastic set with 211 points in the file and 33 after the default cuts.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from n3fit import api
from n3fit.errors import N3fitError, RuncardError
from n3fit.runcard import RuncardWarning

CARD = (Path(__file__).parents[1] / "support" / "small_fit.yml").read_text()
SLAC = "SLAC_NC_NOTFIXED_P_EM-F2"

Points = Callable[..., int]


@pytest.fixture
def card(tmp_path, monkeypatch) -> Callable[..., Path]:
    """Write the card with the data set and with rules added."""
    monkeypatch.setenv("N3FIT_CACHE_DIR", str(tmp_path / "cache"))

    def write(rule: str = "", dataset: str = f"{SLAC}, variant: legacy_dw") -> Path:
        path = tmp_path / "card.yml"
        text = CARD.replace("HERA_CC_318GEV_EM-SIGMARED, variant: legacy", dataset)
        path.write_text(text + (f"- {rule}\n" if rule else ""))
        return path

    return write


@pytest.fixture
def points(card) -> Points:
    return lambda *arguments, **options: api.data_cuts(card(*arguments, **options)).points


def test_the_default_cuts_apply(points) -> None:
    assert points() == 33


def test_a_rule_with_a_misspelt_data_set_is_refused(points) -> None:
    with pytest.raises(RuncardError) as caught:
        points('{dataset: SLAC_NC_NOTFIXED_P_EM_F2, rule: "x > 0.3"}')
    place, _, text = caught.value.message.partition(": added_filter_rules[1].dataset: ")
    assert Path(place.rpartition(":")[0]).name == "card.yml"
    assert text == f"expected the name of a data set, received SLAC_NC_NOTFIXED_P_EM_F2 (did you mean '{SLAC}'?)"


def test_a_rule_for_an_unknown_process_is_refused(points) -> None:
    with pytest.raises(RuncardError, match=r"process_type: expected a type of process, received DIS_NCP"):
        points('{process_type: DIS_NCP, rule: "Q2 > 20"}')


def test_a_rule_under_an_old_name_applies(points) -> None:
    rule = '{dataset: SLACP_dwsh, rule: "x > 0.3"}'
    assert points(rule) == 14
    with pytest.warns(RuncardWarning, match="old names of data sets: SLACP_dwsh is SLAC_NC_NOTFIXED_P_EM-F2"):
        assert points(rule, dataset="SLACP_dwsh") == 14


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (f'{{dataset: {SLAC}, rule: "idat != 200"}}', 33),  # the default cuts remove this point already
        (f'{{dataset: {SLAC}, rule: "idat != 41"}}', 32),
        (f'{{dataset: {SLAC}, rule: "fabs(x - 0.3) < 0.1"}}', 17),
        ('{process_type: DIS_ALL, local_variables: {w2: "Q2 * (1 - x) / x"}, rule: "w2 > 20"}', 10),
    ],
)
def test_the_language_of_rules(points, rule, expected) -> None:
    assert points(rule) == expected


@pytest.mark.parametrize(
    "condition", ["__import__('os').system('true')", "x.real > 0", "[x > 0][0]", "(lambda: x)() > 0"]
)
def test_no_rule_runs_code(points, condition) -> None:
    with pytest.raises(RuncardError, match="is not allowed"):
        points(f'{{dataset: {SLAC}, rule: "{condition}"}}')
    with pytest.raises(RuncardError, match="is not allowed"):
        points(f'{{dataset: {SLAC}, local_variables: {{v: "{condition}"}}, rule: "v > 0"}}')


def test_fault_27_cuts_remove_all_data(card, toy_pdf_sets) -> None:
    path = card(f'{{dataset: {SLAC}, rule: "x > 2"}}')
    assert api.data_cuts(path).points == 0
    with pytest.raises(N3fitError, match=rf"{SLAC}: none of its 211 points passes the cuts: .*x > 2") as caught:
        api.check(path, pdf_path=toy_pdf_sets)
    assert caught.value.exit_code == 3


def test_the_command_warns_of_a_rule_for_a_set_that_is_not_in_the_fit(card) -> None:
    path = card('{dataset: LHCB_Z0_7TEV_MUON_Y, rule: "y > 3"}')
    command = [sys.executable, "-m", "n3fit", "data", "cuts", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120, env=dict(os.environ))
    assert "added_filter_rules[1]: the rule is about no data set of this fit: LHCB_Z0_7TEV_MUON_Y" in done.stderr
    assert "points: 33" in done.stdout
