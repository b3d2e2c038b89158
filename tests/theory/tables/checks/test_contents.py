"""Checks of single tables."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from n3fit.data.library_tables import TableUse
from n3fit.theory.tables.checks.contents import TableContents, check_rows, missing_tables, read_contents, row_counts
from n3fit.theory.tables.fk_writer import write_fk_table
from n3fit.theory.theories import Theory, open_theory, open_theory_folder

NODES = np.array([0.1, 0.5, 1.0])


def theory_with(folder: Path, values: np.ndarray, *, q0: float = 1.65, missing: str = "[]") -> Theory:
    metadata = {"rows_without_theory": missing}
    path = folder / "fastkernel" / "T.pineappl.lz4"
    write_fk_table(path, values, pids=(21,), xgrid=NODES, q0=q0, metadata=metadata)
    (folder / "theory.yaml").write_text("Q0: 1.65\n")
    return open_theory_folder(folder)


def test_a_sound_table_has_no_problems(tmp_path: Path) -> None:
    found = read_contents(theory_with(tmp_path, np.ones((3, 1, 3)), missing="[1]"), "T")
    assert (found.problems, found.missing_rows, found.readable) == ((), {1}, True)
    # the sum of g over the nodes, 1.7 x^-1.1 (1 - x)^5
    assert found.predictions[0] == pytest.approx(sum(1.7 * x**-1.1 * (1 - x) ** 5 for x in NODES))


@pytest.mark.parametrize(
    ("values", "options", "problem"),
    [
        (np.zeros((2, 1, 3)), {}, "expected numbers, all are zero"),
        (np.array([[[1.0, 1.0, 1.0]], [[1.0, np.nan, 1.0]]]), {}, "not finite in the rows 1"),
        (np.ones((2, 1, 3)), {"q0": 1.0}, "expected the initial scale 1.65 GeV"),
        (np.ones((2, 1, 3)), {"missing": "[1, 2, 7]"}, "rows without theory that are not rows of the table: 2, 7"),
    ],
)
def test_problems_are_named(tmp_path: Path, values: np.ndarray, options: dict[str, object], problem: str) -> None:
    (found,) = read_contents(theory_with(tmp_path, values, **options), "T").problems
    assert problem in found


def test_broken_files_are_problems(tmp_path: Path) -> None:
    theory = theory_with(tmp_path, np.ones((2, 1, 3)))
    path = theory.table_path("T")
    path.write_bytes(path.read_bytes()[:100])
    assert "not a readable FK table" in read_contents(theory, "T").problems[0]
    path.write_text("version https://git-lfs.github.com/spec/v1\n")
    found = read_contents(theory, "T")
    assert "a Git-LFS pointer" in found.problems[0]
    assert not found.readable


def test_checksums_and_tables_of_the_manifest(tmp_path: Path) -> None:
    source = open_theory("dis_nnlo")
    folder = tmp_path / "theory_copy"
    (folder / "fastkernel").mkdir(parents=True)
    for path in (source.folder / "manifest.json", source.folder / "theory.yaml"):
        shutil.copy(path, folder)
    shutil.copy(source.table_path("INTEGXT3"), folder / "fastkernel" / "INTEGXT8.pineappl.lz4")
    theory = open_theory_folder(folder)
    assert "expected the checksum" in read_contents(theory, "INTEGXT8").problems[0]
    missing = missing_tables(theory, ["INTEGXT8"])
    assert len(missing) == len(source.table_names()) - 1
    assert missing[0].problems == ("the table of the manifest is missing",)


def test_rows_are_those_of_one_of_the_data_sets_at_least() -> None:
    def use(points: int, *operands: tuple[str, ...]) -> TableUse:
        return TableUse("SET", None, "DIS_NC", points, "NULL", operands, {})

    tables = [TableContents("A", np.ones(3)), TableContents("B", np.ones(4)), TableContents("C", np.zeros(0))]
    uses = [use(7, ("A", "B")), use(5, ("B",)), use(9, ("A", "C"))]
    assert not any(table.problems for table in check_rows(tables, uses))
    found = check_rows(tables, uses[1:])
    assert found[0].problems == ()
    assert found[1].problems == ("table B has 4 rows, the data set SET 5 points",)


def test_a_denominator_of_all_points_counts_as_one_row() -> None:
    tables = [TableContents("A", np.array([2.0, 0.0, 0.0])), TableContents("B", np.array([2.0, 0.0, 1.0]))]
    # FL at leading order
    tables.append(TableContents("C", np.zeros(4)))
    assert row_counts(tables) == {"A": 1, "B": 3, "C": 4}
