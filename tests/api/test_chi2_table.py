"""Tables of chi2 in notebooks."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from n3fit import api
from n3fit.results.chi2 import Chi2Table
from n3fit.results.set_chi2 import SetChi2, SetChi2Row


def cells(html: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def test_chi2_of_sets() -> None:
    def rows(factor: float) -> tuple[SetChi2Row, ...]:
        return tuple(
            SetChi2Row(level, name, 4, covariance, 4 * factor * size, float("nan"), ())
            for level, name in (("process", "DIS NC"), ("dataset", "a<b"), ("total", "total"))
            for covariance, size in (("t0", 1.0), ("experimental", 2.0))
        )

    sets = (SetChi2("one", "central", rows(0.5)), SetChi2("two", "central", rows(1.5)))
    summary = api.Chi2Summary(Path("card.yml"), "dis_nnlo", "toy", False, 4, sets, ())
    html = summary._repr_html_()
    assert cells(html) == [
        ["data", "points", "one, t0", "one, experimental", "two, t0", "two, experimental"],
        ["DIS NC", "4", "0.500", "1.000", "1.500", "3.000"],
        ["\xa0\xa0a&lt;b", "4", "0.500", "1.000", "1.500", "3.000"],
        ["total", "4", "0.500", "1.000", "1.500", "3.000"],
    ]
    assert "theory dis_nnlo, t0 set toy (the runcard names none)</caption>" in html


def test_chi2_of_a_fit() -> None:
    one = np.ones((3, 2))
    table = Chi2Table(("a", "b"), np.array([2, 0]), np.array([3.0, 0.0]), np.array([4.0, 0.0]), one, one)
    assert cells(table._repr_html_())[1:] == [["a", "2", "1.500", "2.000"], ["b", "0", "nan", "nan"]]
