"""Everything that is missing is reported at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support import problems
from support.progress import RecordedSteps

from n3fit.errors import DataError, MissingInputsError, TheoryError
from n3fit.fit.completeness import Problems
from n3fit.fit.inputs import load_inputs
from n3fit.paths import SearchPaths
from n3fit.runcard import Runcard
from n3fit.theory.tables.fk_writer import write_fk_table

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 123\n"


@pytest.fixture
def theories(tmp_path: Path) -> Path:
    """Theory 708, without a card and with one table, that of the cross-section at 225 GeV."""
    folder = tmp_path / "theory_708" / "fastkernel"
    folder.mkdir(parents=True)
    values = np.ones((2, 1, 3))
    path = folder / "HERA_NC_225GEV_EP_SIGMARED.pineappl.lz4"
    write_fk_table(path, values, pids=(21,), xgrid=np.array([0.1, 0.5, 1.0]), q0=1.65, metadata={})
    (folder / "HERA_CC_318GEV_EP_SIGMARED.pineappl.lz4").write_text(POINTER)
    return tmp_path


def load(theories: Path, **changes: object) -> None:
    content = problems.make_runcard().model_dump() | {
        "dataset_inputs": [
            {"dataset": "HERA_CC_318GEV_EM-SIGMARED", "variant": "legacy", "cfac": ["QCD"]},
            {"dataset": "HERA_CC_318GEV_EP-SIGMARED", "variant": "legacy"},
            {"dataset": "HERA_NC_225GEV_EP-SIGMARED", "variant": "legacy", "cfac": ["QCD", "EWK"]},
        ],
        "datacuts": {"t0pdfset": "not_here", "q2min": 3.49, "w2min": 12.5},
        "theory": {"theoryid": 708},
        "positivity": {"posdatasets": [{"dataset": "NNPDF_POS_2P24GEV_XGL", "maxlambda": 1e6}]},
        "integrability": {"integdatasets": []},
        "added_filter_rules": [],
    }
    card = Runcard.model_validate(content | changes)
    load_inputs(card, SearchPaths(theories=theories), progress=RecordedSteps())


def test_everything_missing_is_told_by_data_set(theories: Path) -> None:
    with pytest.raises(MissingInputsError) as caught:
        load(theories)
    lines = caught.value.message.splitlines()
    assert "the PDF set 'not_here' is not in any of" in lines[0]
    assert lines[1:] == [
        "HERA_CC_318GEV_EM-SIGMARED: theory 708: missing tables: HERA_CC_318GEV_EM_SIGMARED; "
        "missing K-factors: CF_QCD_HERA_CC_318GEV_EM_SIGMARED.dat",
        "HERA_CC_318GEV_EP-SIGMARED: theory 708: Git-LFS pointers instead of files: "
        "HERA_CC_318GEV_EP_SIGMARED.pineappl.lz4 (fetch the content with `git lfs pull` where the file comes from)",
        "HERA_NC_225GEV_EP-SIGMARED: theory 708: missing K-factors: CF_QCD_HERA_NC_225GEV_EP_SIGMARED.dat, "
        "CF_EWK_HERA_NC_225GEV_EP_SIGMARED.dat",
        "NNPDF_POS_2P24GEV_XGL: theory 708: missing tables: NNPDF_POS_GLUON_40",
    ]
    assert caught.value.exit_code == 3
    assert str(theories / "theory_708") in caught.value.hint


def test_missing_theory_and_sets_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(MissingInputsError) as caught:
        load(tmp_path)
    first, second = caught.value.message.splitlines()
    assert "PDF set 'not_here'" in first
    assert "theory 708 was not found" in second
    assert "only its card is there" in second


def test_unknown_data_sets_are_told_together(theories: Path) -> None:
    names = ("HERA_CC_318GEV_EM-SIGMARAD", "NMC_NC_NOTFIXED_P_EM-SIGMARAD")
    entries = [{"dataset": name, "variant": "legacy"} for name in names]
    with pytest.raises(MissingInputsError) as caught:
        load(theories, dataset_inputs=entries, positivity={"posdatasets": []})
    lines = caught.value.message.splitlines()
    assert [name in line for name, line in zip(names, lines[1:], strict=True)] == [True, True]


def test_a_single_problem_is_its_own_error() -> None:
    collected = Problems()
    collected.raise_any()
    assert collected.attempt(lambda: 7) == 7

    def fail() -> int:
        raise DataError("no data", hint="find them")

    assert collected.attempt(fail) is None
    with pytest.raises(DataError, match=r"no data \(find them\)"):
        collected.raise_any()
    with pytest.raises(TheoryError, match="no data\nno data"):
        collected.require(fail)
