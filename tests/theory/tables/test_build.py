"""Building of a tiny theory: resuming, errors, and the manifest."""

import json
from pathlib import Path

import numpy as np
import pineappl
import pytest
from support.progress import RecordedSteps

pytest.importorskip("yadism")

from n3fit.errors import OutputExistsError, ResourceError, TheoryError
from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.storage.yaml_files import read_yaml
from n3fit.theory.tables import build, check, rows, workers
from n3fit.theory.tables.build import build_theories, build_theory
from n3fit.theory.tables.checks.results import CheckReport
from n3fit.theory.tables.manifest import read_manifest
from n3fit.theory.tables.processes import Process
from n3fit.theory.tables.specifications import Row, TableSpecification

CARD = {"PTO": 0, "FNS": "ZM-VFNS", "TMC": 0}
TABLES = (
    TableSpecification(
        "ONE",
        "D1",
        "F2_total",
        Process("EM"),
        True,
        (Row(0.1, 1.0, np.nan), Row(0.1, 9.0, np.nan), Row(0.2, 40.0, np.nan)),
    ),
    TableSpecification("TWO", "D2", "pid 21", Process("EM"), False, (Row(0.05, 9.0, np.nan),)),
    TableSpecification("THREE", "D3", "initial T8", Process("EM"), False, (Row(1e-9, 2.7225, np.nan),)),
)


@pytest.fixture(autouse=True)
def tiny_theory(monkeypatch):
    monkeypatch.setattr(build, "table_specifications", lambda: TABLES)
    monkeypatch.setattr(check, "table_specifications", lambda: TABLES)
    monkeypatch.setattr(build, "standard_xgrid", lambda: standard_xgrid(16, 1e-3))


def read(folder, name):
    return pineappl.fk_table.FkTable.read(str(folder / "fastkernel" / f"{name}.pineappl.lz4"))


def test_a_built_theory_is_complete(tmp_path):
    progress = RecordedSteps()
    folder = build_theory(tmp_path / "t", card=CARD, jobs=1, check=False, progress=progress)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert set(manifest["tables"]) == {"ONE", "TWO", "THREE"}
    assert manifest["card"]["PTO"] == 0
    assert {"yadism", "eko", "pineappl", "nnpdf-data"} <= set(manifest["versions"])
    assert read_manifest(folder) == manifest
    one = read(folder, "ONE")
    assert json.loads(one.metadata["rows_without_theory"]) == [0]
    values = np.asarray(one.table())
    assert values.shape[:2] == (3, 9)
    assert not values[0].any()
    assert values[1].any()
    assert values[2].any()
    three = read(folder, "THREE")
    assert np.asarray(three.table()).tolist() == [[[1e-9]]]
    assert [channel[0] for channel in three.channels()] == [108]
    assert sorted(path.name for path in folder.iterdir()) == ["fastkernel", "manifest.json", "theory.yaml"]
    assert ("rows", 2, 2) in progress.steps
    assert ("tables", 3, 3) in progress.steps


def test_some_tables_are_those_of_all(tmp_path):
    complete = build_theory(tmp_path / "all", card=CARD, jobs=1, check=False)
    some = build_theory(tmp_path / "some", card=CARD, tables=TABLES[:1], jobs=1, check=False)
    hashes, found = (read_manifest(folder)["tables"] for folder in (complete, some))
    assert found == {"ONE": hashes["ONE"]}


def test_an_interrupted_build_continues(tmp_path, monkeypatch):
    computed = []
    original = workers.RowCalculator.rows

    def interrupted(self, tables, unit):
        if computed:
            raise KeyboardInterrupt
        computed.append(unit.q2)
        return original(self, tables, unit)

    with monkeypatch.context() as patch:
        patch.setattr(workers.RowCalculator, "rows", interrupted)
        with pytest.raises(KeyboardInterrupt):
            build_theory(tmp_path, card=CARD, jobs=1, check=False)
    assert computed == [9.0]
    assert not (tmp_path / "manifest.json").exists()

    def counted(self, tables, unit):
        computed.append(unit.q2)
        return original(self, tables, unit)

    with monkeypatch.context() as patch:
        patch.setattr(workers.RowCalculator, "rows", counted)
        build_theory(tmp_path, card=CARD, jobs=1, check=False)
    assert computed == [9.0, 40.0]
    reference = build_theory(tmp_path / "reference", card=CARD, jobs=1, check=False)
    np.testing.assert_array_equal(read(tmp_path, "ONE").table(), read(reference, "ONE").table())


TOGETHER = ({}, {"alphas": 0.12}, {"Q0": 3.5}, {"PTO": 1, "ModEv": "EXA"})


def test_theories_built_together_equal_those_built_alone(tmp_path):
    cards = {tmp_path / str(number): CARD | changes for number, changes in enumerate(TOGETHER)}
    build_theories(cards, jobs=1)
    for folder, card in cards.items():
        alone = build_theory(folder.with_name(f"{folder.name}-alone"), card=card, jobs=1, check=False)
        for name in ("ONE", "TWO", "THREE"):
            files = [place / "fastkernel" / f"{name}.pineappl.lz4" for place in (folder, alone)]
            assert files[0].read_bytes() == files[1].read_bytes()
        assert read_manifest(folder) == read_manifest(alone)
    # an initial scale of 3.5 GeV does not take the row at 9 GeV^2 away
    assert json.loads(read(tmp_path / "2", "ONE").metadata["rows_without_theory"]) == [0]


def test_structure_functions_of_equal_parameters_are_computed_once(tmp_path, monkeypatch):
    computed = []
    original = rows.KernelCollection

    def counted(card, basis, q2, **settings):
        computed.append((card.PTO, q2))
        return original(card, basis, q2, **settings)

    monkeypatch.setattr(rows, "KernelCollection", counted)
    build_theories({tmp_path / str(number): CARD | changes for number, changes in enumerate(TOGETHER)}, jobs=1)
    assert computed == [(0, 9.0), (1, 9.0), (0, 40.0), (1, 40.0)]


def test_finished_units_serve_a_build_of_more_theories(tmp_path, monkeypatch):
    """Alone and interrupted, then together with another: only what is missing is computed."""
    computed = []
    original = workers.RowCalculator.rows

    def interrupted(self, tables, unit):
        if len(computed) == 1:
            raise KeyboardInterrupt
        computed.append((self.card.alphas, unit.q2))
        return original(self, tables, unit)

    one, two = CARD, CARD | {"alphas": 0.12}
    with monkeypatch.context() as patch:
        patch.setattr(workers.RowCalculator, "rows", interrupted)
        with pytest.raises(KeyboardInterrupt):
            build_theory(tmp_path / "one", card=one, jobs=1, check=False)

    def counted(self, tables, unit):
        computed.append((self.card.alphas, unit.q2))
        return original(self, tables, unit)

    monkeypatch.setattr(workers.RowCalculator, "rows", counted)
    build_theories({tmp_path / "one": one, tmp_path / "two": two}, jobs=1)
    assert computed == [(0.118, 9.0), (0.12, 9.0), (0.118, 40.0), (0.12, 40.0)]
    build_theories({tmp_path / "two": two, tmp_path / "three": CARD | {"alphas": 0.13}}, jobs=1)
    assert computed[4:] == [(0.13, 9.0), (0.13, 40.0)]


@pytest.mark.slow
def test_two_processes_give_the_same_tables(tmp_path):
    one, two = (build_theory(tmp_path / str(jobs), card=CARD, jobs=jobs, check=False) for jobs in (1, 2))
    for name in ("ONE", "TWO", "THREE"):
        np.testing.assert_array_equal(read(one, name).table(), read(two, name).table())


@pytest.mark.slow
def test_an_error_in_a_worker_reaches_the_user(tmp_path, monkeypatch):
    # a point beyond the end of this grid: the error of the worker is raised in the parent process
    impossible = TableSpecification("BAD", "D", "F2_total", Process("EM"), False, (Row(0.9999999999, 9.0, np.nan),))
    monkeypatch.setattr(build, "table_specifications", lambda: (*TABLES, impossible))
    monkeypatch.setattr(build, "standard_xgrid", lambda: np.array([1e-3, 0.1, 0.2, 1.0]))
    with pytest.raises(TheoryError, match="x-grid"):
        build_theory(tmp_path, card=CARD, jobs=2, check=False)
    assert not (tmp_path / "manifest.json").exists()


def test_incomplete_units_are_not_stored(tmp_path, monkeypatch):
    original = Path.write_bytes

    def broken(path: Path, content: bytes) -> int:
        original(path, content[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", broken)
    with pytest.raises(ResourceError, match="No space"):
        build_theory(tmp_path, card=CARD, jobs=1, check=False)
    assert not list(tmp_path.rglob("unit_*"))
    assert not list(tmp_path.rglob(".*unit*"))


def test_finished_and_foreign_theories(tmp_path, monkeypatch):
    build_theory(tmp_path, card=CARD, jobs=1, check=False)
    monkeypatch.setattr(build, "compute_units", lambda *_args, **_kwargs: pytest.fail("computed again"))
    assert build_theory(tmp_path, card=CARD, jobs=1, check=False) == tmp_path
    with pytest.raises(OutputExistsError, match="another theory"):
        build_theory(tmp_path, card={**CARD, "alphas": 0.119}, jobs=1, check=False)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(TheoryError, match="manifest"):
        build_theory(tmp_path, card=CARD, jobs=1, check=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"card": {"alpha": 0.118}}, "alpha"),
        ({"card": {"nf0": 3}}, "nf0"),
        ({"card": {"PTO": 7}}, "PTO"),
        ({"card": {}, "jobs": 0}, "jobs"),
    ],
)
def test_bad_requests(tmp_path, arguments, message):
    with pytest.raises(TheoryError, match=message):
        build_theory(tmp_path / "new", **arguments)
    assert not (tmp_path / "new").exists()


def test_a_failed_check_is_recorded_and_raised(tmp_path, monkeypatch):
    monkeypatch.setattr(check, "DENSE_NODES", 31)
    monkeypatch.setattr(check, "DENSE_XMIN", 7e-4)
    with pytest.raises(TheoryError, match="did not pass the check"):
        # 16 nodes are too few
        build_theory(tmp_path, card=CARD, jobs=1)
    recorded = read_manifest(tmp_path)["check"]
    assert not recorded["passed"]
    assert {row["name"] for row in recorded["tables"] if row["points"]} == {"ONE", "TWO"}
    with pytest.raises(TheoryError, match="did not pass the check"):
        build_theory(tmp_path, card=CARD, jobs=1)
    monkeypatch.setattr(build, "check_theory", lambda *_args, **_kwargs: CheckReport(rows=(), tolerance=1.0))
    build_theory(tmp_path, card=CARD, jobs=1)
    assert read_manifest(tmp_path)["check"]["passed"]
    monkeypatch.setattr(build, "check_theory", lambda *_args, **_kwargs: pytest.fail("checked again"))
    assert build_theory(tmp_path, card=CARD, jobs=1) == tmp_path


def test_damaged_and_missing_tables(tmp_path):
    folder = build_theory(tmp_path, card=CARD, jobs=1, check=False)
    path = folder / "fastkernel" / "TWO.pineappl.lz4"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(TheoryError, match="TWO"):
        read_manifest(folder)
    path.unlink()
    with pytest.raises(TheoryError, match="missing"):
        read_manifest(folder)
    with pytest.raises(TheoryError, match="theory build"):
        read_manifest(tmp_path / "nothing")


def test_the_check_compares_with_a_denser_grid(tmp_path, monkeypatch):
    """A coarse grid at leading order: deviations only where the grid is too coarse."""
    folder = build_theory(tmp_path, card=CARD, jobs=1, check=False)
    monkeypatch.setattr(check, "DENSE_NODES", 41)
    monkeypatch.setattr(check, "DENSE_XMIN", 7e-4)
    report = check.check_theory(folder)
    assert {row.name: row.points for row in report.compared} == {"ONE": 2, "TWO": 1}
    assert report.points == 3
    assert report.worst < 0.02
    assert report.passed == (report.worst <= report.tolerance)


def test_the_card_of_the_theory_has_all_keys(tmp_path):
    card = {**CARD, "ID": 7, "IterEv": 40, "SxOrd": "LL", "nf0": None}
    folder = build_theory(tmp_path, card=card, jobs=1, check=False)
    written = read_yaml(folder / "theory.yaml")
    assert written.items() >= {"ID": 7, "IterEv": 40, "SxOrd": "LL", "PTO": 0, "nf0": 4, "alphas": 0.118}.items()
    assert "ev_op_iterations" not in written


def test_structure_functions_that_vanish_are_checked(tmp_path, monkeypatch):
    """FL at leading order, and bottom without mass below its threshold."""
    tables = (
        TableSpecification("FOUR", "D4", "FL_light", Process("EM"), False, (Row(0.1, 9.0, np.nan),)),
        TableSpecification("FIVE", "D5", "F2_bottom", Process("EM"), True, (Row(0.1, 9.0, np.nan),)),
    )
    for module in (build, check):
        monkeypatch.setattr(module, "table_specifications", lambda: tables)
    folder = build_theory(tmp_path, card=CARD, jobs=1, check=False)
    monkeypatch.setattr(check, "DENSE_NODES", 31)
    monkeypatch.setattr(check, "DENSE_XMIN", 7e-4)
    report = check.check_theory(folder)
    assert (report.passed, report.points, report.worst) == (True, 2, 0.0)
