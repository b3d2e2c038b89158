"""What notebooks show of PDF sets."""

from __future__ import annotations

import re
from pathlib import Path

from n3fit import api
from n3fit.lhapdf.set_report import CheckRow

EMBEDDED = "n3fit_dis_t0"


def cells(html: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def test_a_set_and_its_check() -> None:
    facts = dict(cells(api.describe_pdf(EMBEDDED)._repr_html_()))
    assert facts["set"] == EMBEDDED
    assert facts["order"] == "NNLO"
    assert facts["x"] == "1e-09 to 1"
    assert facts["Q"] == "1.65 to 100 GeV"
    rows = (CheckRow("grids", True, "fine"), CheckRow("kind", None, "proton"), CheckRow("sum", False, "1 < 2"))
    assert cells(api.PdfCheck("s", Path("s"), 1e-3, rows, ())._repr_html_()) == [
        ["s", "result", "details"],
        ["grids", "passed", "fine"],
        ["kind", "", "proton"],
        ["sum", "failed", "1 &lt; 2"],
    ]
