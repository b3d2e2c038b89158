"""FK tables that the metadata of a data set name: their operation, presence and rows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.own_data import ORIGINAL, change_file, copy_set

from n3fit.theory.dataset_tables import check_tables_of_set
from n3fit.theory.theories import Theory, open_theory


@pytest.fixture(scope="module")
def theory() -> Theory:
    return open_theory("dis_nnlo")


def test_tables_that_are_there_pass(tmp_path: Path, theory: Theory) -> None:
    assert check_tables_of_set(copy_set(tmp_path), theory) == []


@pytest.mark.parametrize(
    ("change", "message", "hint"),
    [
        (("operation: 'null'", "operation: rato"), "operation: expected one of NULL, .* received RATO", "'RATIO'"),
        (("operation: 'null'", "operation: ratio"), "FK_tables: expected 2 lists of tables for RATIO, received 1", ""),
        (
            ("- - HERA_CC_318GEV_EM_", "- - HERA_CC_318GEV_M_"),
            "table HERA_CC_318GEV_M_SIGMARED in",
            "HERA_CC_318GEV_EM",
        ),
        (("- - HERA_CC_318GEV_EM_", "- - HERA_CC_318GEV_EP_"), "has 39 rows, the data set .* 42 points", "same points"),
    ],
)
def test_tables_that_do_not_belong_to_the_data(
    tmp_path: Path, theory: Theory, change: tuple[str, str], message: str, hint: str
) -> None:
    folder = copy_set(tmp_path)
    change_file(folder / "metadata.yaml", change)
    found = check_tables_of_set(folder, theory, observable="EM-SIGMARED")
    assert len(found) == 2  # of the data set and of its variant
    for finding in found:
        assert hint in finding.hint
        assert finding.where.startswith(str(folder / "metadata.yaml"))
        assert re.search(message, finding.text), finding.text
    assert found[1].where.endswith("variant legacy")


def test_without_a_theory_only_the_operation_is_checked(tmp_path: Path) -> None:
    folder = copy_set(tmp_path, "A_B_C", ORIGINAL)
    change_file(folder / "metadata.yaml", ("- - HERA_CC_318GEV_EM_", "- - ABSENT_"))
    assert check_tables_of_set(folder) == []
