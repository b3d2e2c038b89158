"""The page of a scan, of n3fit and of nnpdf."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.scans import old_entry, write_scan

from n3fit.errors import DataError, OutputExistsError
from n3fit.report.scan_page import collect_scan, make_scan_report
from n3fit.results.scan_folder import read_scan

CARD = (Path(__file__).parents[1] / "support" / "small_fit.yml").read_text()
SPACE = """\
hyperscan_config: {stopping: {min_epochs: 10, max_epochs: 20}}
kfold:
  partitions:
  - {datasets: [HERA_CC_318GEV_EM-SIGMARED]}
  - {datasets: [], overfit: true}
"""


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A scan of nnpdf with printed arrays, eight trials of which two failed."""
    entries = [
        old_entry(
            tid,
            1.5 + 0.25 * ((3 * tid) % 8),
            text=True,
            status="fail" if tid in (1, 6) else "ok",
            epochs=100 + 10 * tid,
            nodes_per_layer=[5, 8] if tid % 2 else [5, 4, 8],
            threshold_chi2=1e6,
        )
        for tid in range(8)
    ]
    entries[6]["result"]["reason"] = "fold 2: <b>not</b> a number"
    return write_scan(tmp_path / "scan", entries, SPACE + CARD)


def test_contents(scan: Path) -> None:
    contents = collect_scan(read_scan(scan))
    assert [line.trial.tid for line in contents.lines] == [0, 3, 4, 7, 2, 5]
    assert contents.lines[1].values == ("1", "–", "130")
    assert contents.lines[0].validation == 0.75
    assert contents.failures == {"the file does not say": [1], "fold 2: <b>not</b> a number": [6]}
    assert [fold.datasets for fold in contents.folds] == [("HERA_CC_318GEV_EM-SIGMARED",), ()]
    assert (contents.seconds, contents.median_seconds) == (8 * 30.5, 30.5)
    assert contents.common["optimizer.optimizer_name"] == "Nadam"
    assert contents.best_card.startswith("# trial 0 of the scan scan, loss 1.5")
    assert "number_of_trials: 6" in contents.ensemble
    assert [figure.name for figure in contents.figures] == [
        "scan_history", "scan_time", "scan_importance", "scan_parameters", "scan_coordinates", "scan_folds",
        "scan_replicas", "scan_chi2_phi",
    ]  # fmt: skip


def test_page(scan: Path, tmp_path: Path) -> None:
    page = make_scan_report(read_scan(scan), output=tmp_path / "page.html")
    text = page.read_text()
    assert page == tmp_path / "page.html"
    assert sorted(path.suffix for path in (tmp_path / "page_figures").iterdir()) == [".csv"] * 8 + [".pdf"] * 8
    # nothing is fetched from elsewhere, and reasons are text
    assert not re.search(r"(?:src|href)=\"(?!data:|#|page_figures/)", text)
    assert "&lt;b&gt;not&lt;/b&gt;" in text
    assert "HERA_CC_318GEV_EM-SIGMARED" in text
    assert len(re.findall(r"<figure", text)) == 8
    with pytest.raises(OutputExistsError, match=r"page.html: exists already"):
        make_scan_report(read_scan(scan), output=tmp_path / "page.html")


def test_old_folder_without_runcard(tmp_path: Path) -> None:
    folder = write_scan(tmp_path / "scan", [old_entry(0, 1.0), old_entry(1, 2.0, epochs=300)])
    (folder / "filter.yml").unlink()
    contents = collect_scan(read_scan(folder))
    assert contents.best_card == ""
    assert contents.best_card_problem.endswith("filter.yml: missing")
    assert "There is none: " in make_scan_report(read_scan(folder)).read_text()


def test_all_failed_and_none_ended(tmp_path: Path) -> None:
    failed = read_scan(write_scan(tmp_path / "failed", [old_entry(0, 9.0, status="fail")]))
    text = make_scan_report(failed).read_text()
    assert "Every trial failed." in text
    assert (failed.path / "report.html").is_file()
    with pytest.raises(DataError, match="expected a scan with trials that have ended, received none"):
        make_scan_report(read_scan(write_scan(tmp_path / "empty", [{"state": 0, "tid": 0}])))
