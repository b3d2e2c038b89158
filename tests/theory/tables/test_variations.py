"""Theories with varied scales of a tiny theory, and the covariance that follows from them."""

import json
from pathlib import Path

import numpy as np
import pineappl
import pytest
from support.progress import RecordedSteps

pytest.importorskip("yadism")

from n3fit.errors import TheoryError
from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.storage.yaml_files import read_yaml
from n3fit.theory.covariance.prescriptions import PRESCRIPTIONS
from n3fit.theory.covariance.variation_tables import built_variations
from n3fit.theory.flavours import EXPORT_PIDS, FK_PIDS, FLAVOUR_TO_FK
from n3fit.theory.tables import build, check, variations
from n3fit.theory.tables.processes import Process
from n3fit.theory.tables.specifications import Row, TableSpecification
from n3fit.theory.tables.variations import build_variations, varied_card
from n3fit.theory.toy_pdf import les_houches_toy

CARD = {"ID": "tiny", "PTO": 1, "FNS": "ZM-VFNS", "TMC": 0}
TABLES = (
    TableSpecification("ONE", "D1", "F2_total", Process("EM"), True, tuple(Row(x, 25.0, np.nan) for x in (0.05, 0.3))),
)
SEVEN = PRESCRIPTIONS["7 point"]


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """The folder with the tiny theory and its variations."""
    folder = tmp_path_factory.mktemp("variations")
    with pytest.MonkeyPatch.context() as patch:
        for module in (build, check, variations):
            patch.setattr(module, "table_specifications", lambda: TABLES)
        patch.setattr(build, "standard_xgrid", lambda: standard_xgrid(30, 1e-3))
        assert build_variations(folder / "theory_tiny", card=CARD, points=7, jobs=1) == folder / "theory_tiny"
        progress = RecordedSteps()
        build_variations(folder / "theory_tiny", card=CARD, points=9, jobs=1, progress=progress)
        # all of the seven are there already
        assert max(total for name, _done, total in progress.steps if name == "rows") == 1
    return folder


def predictions(folder: Path, identifier: str) -> np.ndarray:
    table = pineappl.fk_table.FkTable.read(str(folder / f"theory_{identifier}" / "fastkernel" / "ONE.pineappl.lz4"))
    grid = np.asarray(table.x_grid())
    toy = FLAVOUR_TO_FK @ (les_houches_toy(EXPORT_PIDS, grid) / grid)
    channels = [FK_PIDS.index(channel[0]) for channel in table.channels()]
    return np.einsum("ncx,cx->n", np.asarray(table.table()), toy[channels])


def test_every_variation_has_its_theory_with_its_scales(built):
    theories = built_variations("tiny", path=built)
    assert theories["1 1"] == "tiny"
    assert set(theories) == {"1 1", *PRESCRIPTIONS["9 point"].variations}
    for variation, identifier in theories.items():
        card = read_yaml(built / f"theory_{identifier}" / "theory.yaml")
        assert f"{card['XIF']:g} {card['XIR']:g}" == variation
        assert card["ID"] == identifier
        assert variation == "1 1" or card["ModSV"] == "expanded"
        manifest = json.loads((built / f"theory_{identifier}" / "manifest.json").read_text())
        # only the reference is compared with a direct calculation
        assert ("check" in manifest) == (variation == "1 1")


def test_shifts_are_of_the_size_of_the_next_order(built):
    theories = built_variations("tiny", path=built)
    central = predictions(built, "tiny")
    for variation, identifier in theories.items():
        shift = predictions(built, identifier) / central - 1
        if variation != "1 1":
            assert np.all((np.abs(shift) > 1e-4) & (np.abs(shift) < 0.1)), variation


def test_the_covariance_is_that_of_the_shifts_by_hand(built):
    """7 points, one category: 1/3 sum of all products of shifts (arXiv:1906.10698, eq. 4.18)."""
    theories = built_variations("tiny", path=built)
    central = predictions(built, "tiny")
    shifts = {name: predictions(built, theories[name]) - central for name in SEVEN.variations}
    columns = SEVEN.columns(np.stack([shifts[name] for name in SEVEN.variations]), ["DIS NC"] * len(central))
    expected = sum(np.outer(shift, shift) for shift in shifts.values()) / 3
    np.testing.assert_allclose(columns @ columns.T, expected, rtol=1e-10)


def test_varied_cards():
    assert varied_card({"ID": 7, "ModSV": "exponentiated"}, "2 1")["ModSV"] == "exponentiated"
    assert varied_card({"ID": 7, "ModSV": None}, "2 0.5") == {
        "ID": "7_xif2_xir0.5", "XIF": 2.0, "XIR": 0.5, "ModSV": "expanded",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "points", "message"),
    [({"XIF": 2.0}, 7, "XIF: 1 and XIR: 1, received 2 and 1"), ({}, 5, "expected 7 or 9, received 5")],
)
def test_what_cannot_be_varied(tmp_path, changes, points, message):
    with pytest.raises(TheoryError, match=message):
        build_variations(tmp_path / "theory_tiny", card=CARD | changes, points=points)
    assert not list(tmp_path.iterdir())


def test_a_foreign_theory_of_this_name_is_not_the_reference(tmp_path, monkeypatch):
    """Its tables come from another program: shifts are relative to a theory of our own."""
    (tmp_path / "theory_tiny" / "fastkernel").mkdir(parents=True)
    (tmp_path / "theory_tiny" / "theory.yaml").write_text("Q0: 1.65\n")
    cards = {}
    monkeypatch.setattr(variations, "build_theories", lambda found, **_settings: cards.update(found))
    monkeypatch.setenv("N3FIT_THEORY_PATH", str(tmp_path))
    folder = build_variations(tmp_path / "mine" / "theory_tiny", card=CARD, points=7)
    assert folder == tmp_path / "theory_tiny"
    assert {path.name for path in cards} >= {"theory_tiny_xif1_xir1", "theory_tiny_xif2_xir1"}
    assert built_variations("tiny", path=tmp_path / "mine")["1 1"] == "tiny_xif1_xir1"
