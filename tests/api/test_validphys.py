"""A fit of real data read by validphys and chosen from by postfit, both of nnpdf 4.1.5."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML
from support import peer

from n3fit import api
from n3fit.lhapdf.set_folder import replicas_of_set
from n3fit.results import FitFolder
from n3fit.results.evolve import evolve_fit
from n3fit.results.reader import read_fit_folder

pytestmark = [pytest.mark.slow, peer.needs_peer]

CARD = (Path(__file__).parents[1] / "support" / "small_fit.yml").read_text()
SETS = """- {dataset: SLAC_NC_NOTFIXED_P_EM-F2, variant: legacy_dw}
- {dataset: HERA_CC_318GEV_EM-SIGMARED, variant: legacy}
"""
CHANGES = {
    "- {dataset: HERA_CC_318GEV_EM-SIGMARED, variant: legacy}\n": SETS,
    "t0pdfset: toy": "t0pdfset: TOYLH_nnlo",
    "theoryid: dis_nnlo": "theoryid: 400",
    "epochs: 120": "epochs: 200",
    "fitting:": "genrep: true\nfitting:",
}

PROGRAM = """
import json
import numpy as np
from validphys.api import API
F = "small"
chi2 = API.fits_chi2_table(fits=[F], use_cuts="fromfit", metadata_group="nnpdf31_process", show_total=True)
pseudodata = API.read_pdf_pseudodata(fit=F)
print(json.dumps({
    "best_epochs": [info.nite for info in API.replica_data(fit=F)],
    "members": [int(number) for number in API.fitted_replica_indexes(pdf=F)],
    "count": API.num_fitted_replicas(fit=F),
    "points": {name: float(chi2.iloc[i, 0]) for i, name in enumerate(chi2.index.get_level_values(1))},
    "chi2": {name: float(chi2.iloc[i, 1]) for i, name in enumerate(chi2.index.get_level_values(1))},
    "training": [[str(row) for row in entry.tr_idx] for entry in pseudodata],
    "validation": [[str(row) for row in entry.val_idx] for entry in pseudodata],
    "values": [entry.pseudodata.values[:, 0].tolist() for entry in pseudodata],
    "summary": API.summarise_fits(fits=[F], use_cuts="fromfit").shape[0],
    "versions": API.fits_version_table(fits=[F]).iloc[:, 0].to_dict(),
    "momentum": float(API.sum_rules_table(pdf=F, Q=1.651).loc["momentum", "mean"]),
    "next": API.iterate_preprocessing_yaml(fit=F),
    "theory covariance": [bool(value) for value in
        API.fit_theory_covmat_summary(fit=F, use_thcovmat_if_present=True).iloc[:, 0]],
}))
"""


@pytest.fixture(scope="module")
def fit(place: Path, shared_theories: Path) -> FitFolder:
    """Replicas 1 to 4, evolved and not chosen from."""
    text = CARD
    for old, new in CHANGES.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (place / "small.yml").write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("N3FIT_THEORY_PATH", str(shared_theories))
        written = api.fit(place / "small.yml", replicas=range(1, 5), output=place / "small", pdf_path=peer.TOY_SETS)
        evolve_fit(written.path, q_max=100.0, q_nodes=8)
    return read_fit_folder(written.path)


@pytest.fixture
def copied(fit: FitFolder, tmp_path: Path) -> Path:
    """A copy of the fit folder, with links inside as they are."""
    return Path(shutil.copytree(fit.path, tmp_path / "small", symlinks=True))


def read_with_validphys(folder: Path) -> dict[str, Any]:
    found = peer.run_validphys(PROGRAM, folder.parent, fit=folder, pdf_set=folder / "postfit" / folder.name)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("chosen", [(1, 2, 3, 4), (1, 2)], ids=["before postfit", "after postfit"])
def test_validphys_reads_the_fit(fit: FitFolder, copied: Path, chosen: tuple[int, ...]) -> None:
    if len(chosen) < 4:
        summary = api.postfit(copied, count=len(chosen), integrability=np.inf)
        assert summary.pdf_set == copied / "postfit" / "small"
    found = read_with_validphys(copied)
    rows = np.isin(fit.replicas, chosen)
    assert (found["members"], found["count"]) == (list(chosen), 4)
    assert found["best_epochs"] == fit.results.training.best_epoch[rows].tolist()
    assert found["points"] == {"Total": 75.0, "SLAC_NC_NOTFIXED_P_EM-F2": 33.0, "HERA_CC_318GEV_EM-SIGMARED": 42.0}
    total = read_fit_folder(copied).summary()
    for row in (*total.datasets, total.total):
        name = "Total" if row.name == "total" else row.name
        assert found["chi2"][name] == pytest.approx(row.experimental, rel=1e-4)
    for training, validation, values in zip(found["training"], found["validation"], found["values"], strict=True):
        assert (len(training), len(validation), len(values)) == (56, 19, 75)
        assert set(training).isdisjoint(validation)
    assert found["summary"] == 6
    assert found["versions"]["n3fit"] == fit.manifest.versions["n3fit"]
    assert found["momentum"] == pytest.approx(1.0, abs=1e-4)
    following = YAML(typ="safe").load(found["next"])
    for entry, before in zip(following["fitting"]["basis"], fit.description.preprocessing, strict=True):
        assert entry["fl"] == before.flavour
        assert entry["smallx"][0] <= entry["smallx"][1] != before.smallx[1]
    assert found["theory covariance"] == [False, False, False]
    assert (copied / "md5").read_text() == hashlib.md5((copied / "filter.yml").read_bytes()).hexdigest()


def test_postfit_of_nnpdf_chooses_of_the_evolved_replicas(fit: FitFolder, copied: Path) -> None:
    """Its choice is that of the fit from then on, until n3fit's postfit runs again."""
    (copied.parent / "share").mkdir()
    thresholds = [f"--{name}-threshold=1e9" for name in ("chi2", "arclength", "integrability")]  # it is a poor fit
    peer.run_peer([peer.BIN / "postfit", "3", copied, *thresholds], copied.parent)
    theirs = read_fit_folder(copied)
    assert (theirs.selection, theirs.replicas[theirs.chosen].tolist()) == ("postfit", [1, 2, 3])
    assert replicas_of_set(copied / "postfit" / "small") == (1, 2, 3)
    api.postfit(copied, count=2, integrability=np.inf)
    ours = read_fit_folder(copied)
    assert ours.replicas[ours.chosen].tolist() == [1, 2]
    assert replicas_of_set(copied / "postfit" / "small") == (1, 2)
