"""Data sets that can be fitted with a theory."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.own_data import COPY, ORIGINAL, copy_set

from n3fit.data.library_tables import TableUse
from n3fit.theory.fittable_sets import fittable_sets, row_problem
from n3fit.theory.tables.specifications import table_specifications
from n3fit.theory.theories import open_theory, open_theory_folder


def theory_with(folder: Path, *tables: str) -> Path:
    (folder / "fastkernel").mkdir()
    for name in tables:
        (folder / "fastkernel" / f"{name}.pineappl.lz4").touch()
    (folder / "theory.yaml").write_text("Q0: 1.65\n")
    return folder


def test_the_embedded_theory_fits_the_data_sets_of_its_specification() -> None:
    complete, incomplete = fittable_sets(open_theory("dis_nnlo"))
    tables = set(open_theory("dis_nnlo").table_names())
    expected = {table.dataset for table in table_specifications() if table.name in tables}
    assert {entry.name for entry in complete} == expected
    assert incomplete == ()
    (proton,) = [entry for entry in complete if entry.name == "NMC_NC_NOTFIXED_P_EM-SIGMARED"]
    assert (proton.points, proton.process, proton.variants) == (292, "DIS_NC", ("legacy",))


def test_a_data_set_of_the_user_with_tables_of_the_theory_can_be_fitted(tmp_path: Path) -> None:
    copy_set(tmp_path)
    theory = open_theory("dis_nnlo")
    alone, beside = fittable_sets(theory)[0], fittable_sets(theory, data_path=tmp_path)[0]
    originals = [entry for entry in alone if entry.name.startswith(f"{ORIGINAL}_")]
    copies = [replace(entry, name=entry.name.replace(ORIGINAL, COPY)) for entry in originals]
    assert beside == (*alone, *copies)
    assert len(copies) > 1


def test_sets_without_all_tables_are_incomplete(tmp_path: Path) -> None:
    theory = open_theory_folder(theory_with(tmp_path, "NMC_NC_EM_D_F2", "BCDMS_NC_100GEV_EM_D_F2"))
    complete, incomplete = fittable_sets(theory)
    assert complete == ()
    assert {entry.name: entry.missing for entry in incomplete} == {
        "NMC_NC_NOTFIXED_EM-F2": ("NMC_NC_EM_P_F2",),
        "BCDMS_NC_NOTFIXED_D_EM-F2": ("BCDMS_NC_200GEV_EM_D_F2", "BCDMS_NC_280GEV_EM_D_F2"),
    }


def test_k_factors_are_those_of_all_tables(tmp_path: Path) -> None:
    folder = theory_with(tmp_path, "NMC_NC_EM_D_F2", "NMC_NC_EM_P_F2", "NUTEV_CC_NU_FE_SIGMARED")
    (folder / "cfactor").mkdir()
    for name in ("QCD_NMC_NC_EM_D_F2", "QCD_NMC_NC_EM_P_F2", "EWK_NMC_NC_EM_P_F2"):
        (folder / "cfactor" / f"CF_{name}.dat").touch()
    complete, _incomplete = fittable_sets(open_theory_folder(folder))
    assert {entry.name: entry.kfactors for entry in complete} == {
        "NMC_NC_NOTFIXED_EM-F2": ("QCD",),
        "NUTEV_CC_NOTFIXED_FE_NU-SIGMARED": ("MAS",),
    }


def test_tables_of_another_release_do_not_fit(tmp_path: Path) -> None:
    theory = open_theory_folder(theory_with(tmp_path))
    rows = {"NMC_NC_EM_D_F2": 260, "NMC_NC_EM_P_F2": 261}
    complete, (entry,) = fittable_sets(theory, rows=rows)
    assert complete == ()
    assert entry.problem.startswith("table NMC_NC_EM_P_F2 has 261 rows, the data set NMC_NC_NOTFIXED_EM-F2")


@pytest.mark.parametrize(
    ("operation", "operands", "shifts", "agrees"),
    [
        ("NULL", (("A", "B"),), {}, True),
        ("NULL", (("A",),), {}, False),
        ("NULL", (("A",),), {"A": 3}, True),
        ("RATIO", (("A", "B"), ("ONE",)), {}, True),
        ("RATIO", (("A", "B"), ("A",)), {}, False),
        ("RATIO", (("ONE",), ("ONE",)), {}, False),
        ("ADD", (("A", "B"), ("A",)), {}, False),
    ],
)
def test_rows_of_compound_observables(
    operation: str, operands: tuple[tuple[str, ...], ...], shifts: dict[str, int], agrees: bool
) -> None:
    use = TableUse("SET", None, "DY", 5, operation, operands, shifts)
    assert (row_problem(use, {"A": 2, "B": 3, "ONE": 1}) == "") is agrees
