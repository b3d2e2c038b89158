"""Every theory card of nnpdf-data up to NNLO without QED can be built."""

import warnings
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("yadism")

from n3fit.data.library import package_folder
from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.storage.yaml_files import read_yaml
from n3fit.theory.capabilities import check_building
from n3fit.theory.flavours import EXPORT_PIDS, FK_PIDS, FLAVOUR_TO_FK
from n3fit.theory.tables.card_keys import check_card
from n3fit.theory.tables.channels import channel_pids
from n3fit.theory.tables.processes import Process
from n3fit.theory.tables.rows import RowCalculator, Unit
from n3fit.theory.tables.specifications import Row, TableSpecification
from n3fit.theory.toy_pdf import les_houches_toy

GRID = standard_xgrid(20, 1e-4)
_LABELS = {"ID": "", "Comments": "", "alphaqed": 1.0}


def read_cards():
    """Read the cards up to NNLO without QED, without variations of scales."""
    for path in sorted((package_folder() / "theory_cards").glob("*.yaml")):
        content = read_yaml(path)
        if content["PTO"] <= 2 and not content["QED"]:
            yield path.stem, check_card(content, source=path.stem)


def test_no_card_is_refused_for_its_scheme():
    schemes = Counter()
    for name, card in read_cards():
        check_building(replace(card, XIF=1.0, XIR=1.0), source=name)
        schemes[card.FNS, card.PTO] += 1
    assert schemes == {
        ("ZM-VFNS", 0): 10, ("ZM-VFNS", 1): 1, ("ZM-VFNS", 2): 1,
        ("FONLL-A", 1): 11, ("FONLL-B", 1): 28, ("FONLL-C", 2): 141,
    }  # fmt: skip


def specify(q2):
    observables = (
        ("F2_total", Process("EM"), 1e-3), ("FL_total", Process("EM"), 1e-2), ("F2_charm", Process("EM"), 1e-3),
        ("XSHERANC", Process("NC", "positron"), 0.05), ("XSHERACC", Process("CC"), 0.1),
    )  # fmt: skip
    return [
        TableSpecification(f"{observable}{x}", "D", observable, process, True, (Row(x, q2, 0.4),))
        for observable, process, x in observables
    ]


@pytest.mark.slow
def test_rows_of_every_card():
    """Two virtualities of the cards that differ in more than their names: finite, F2 positive, without warnings."""
    cards = {
        replace(card, **_LABELS, alphas=0.118 if 0.11 < card.alphas < 0.125 else card.alphas, XIF=1.0, XIR=1.0)
        for _name, card in read_cards()
    }
    for card in sorted(cards, key=str):
        calculator = RowCalculator(card, GRID)
        fk = FLAVOUR_TO_FK @ les_houches_toy(EXPORT_PIDS, GRID) / GRID
        channels = fk[[FK_PIDS.index(pid) for pid in channel_pids(card)]]
        for q2 in (3.6, 60.0):
            tables = specify(q2)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                rows = calculator.rows(tables, Unit(q2, tuple((number, 0) for number in range(len(tables)))))
            values = np.einsum("rcx,cx->r", rows, channels)
            assert np.all(np.isfinite(values))
            assert np.all(values[[0, 3, 4]] > 0.1), (card, values)
