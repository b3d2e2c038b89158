"""The table of a campaign."""

import csv
from collections.abc import Callable
from io import StringIO

from support.campaigns import FakeFits

from n3fit.campaign.expansion import Run
from n3fit.campaign.result import CampaignResult
from n3fit.campaign.table import RunRow, make_rows, rows_to_csv
from n3fit.errors import DataError
from n3fit.results.reader import read_fit_folder

THREE = "analysis: closure\nruncard: card.yml\nreplicas: 4\nseeds: 3\n"


def test_csv_has_all_digits_and_empty_cells() -> None:
    text = rows_to_csv([RunRow("a", "complete", chi2=1 / 3, replicas=2), RunRow("b, c", "failed", "no\ndata")])
    first, second = csv.DictReader(StringIO(text))
    assert float(first["chi2"]) == 1 / 3
    assert (first["replicas"], first["alphas"], second["chi2"]) == ("2", "", "")
    assert (second["name"], second["problem"]) == ("b, c", "no\ndata")


def test_rows_of_runs_with_and_without_a_fit(campaign: Callable[..., CampaignResult], fake_fits: FakeFits) -> None:
    result = campaign(THREE)
    fit = read_fit_folder(result.folder / "runs" / "run_2")
    common = {"card": "", "source": "card.yml", "replicas": (1, 4), "theory": "dis_nnlo", "alphas": 0.118}
    runs = [Run(name=name, **common) for name in ("x", "y", "z")]  # type: ignore[arg-type]
    (fit.path / "report.html").write_text("page")
    rows = make_rows(runs, {"x": fit}, {"y": DataError("no data", hint="find some")}, result.folder)
    assert [row.status for row in rows] == ["complete", "failed", "missing"]
    assert (rows[0].folder, rows[0].page, rows[0].pdf_set) == ("runs/run_2", "runs/run_2/report.html", "")
    assert (rows[0].replicas, rows[0].chi2) == (4, fit.summary().total.t0)
    assert (rows[1].problem, rows[1].theory, rows[1].chi2) == ("no data (find some)", "dis_nnlo", None)
    assert (rows[2].problem, rows[2].alphas) == ("", 0.118)
