"""Building of tables from a folder of grids: resuming, errors, interruptions."""

import json
import resource
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pineappl")

from support.grids import make_grid
from support.progress import RecordedSteps

from n3fit.errors import N3fitError, OutputExistsError, ResourceError, TheoryError
from n3fit.storage.large_files import LFS_SIGNATURE
from n3fit.theory.tables.grids.build import GridTask, build_from_grids, make_table
from n3fit.theory.tables.grids.evolve import evolve_grid
from n3fit.theory.tables.grids.grid_files import find_grids, read_grid
from n3fit.theory.tables.manifest import read_manifest
from n3fit.theory.tables.table_files import write_table
from n3fit.theory.theories import open_theory
from n3fit.theory.theory_card import TheoryCard

MAPPING = {"PTO": 0, "ModEv": "EXA", "ID": "small", "IC": 1, "Q0": 1.65, "nf0": 4, "MaxNfAs": 5}
CARD = TheoryCard.from_mapping(MAPPING)
SUFFIX = ".pineappl.lz4"


def write_grid(path, *, size=1.0, q=30.0):
    grid = make_grid({(0, 0, 0): (size * np.ones((1, 3)), [q])}, x=(0.1, 0.3, 0.6), channels=[[([2], 1.0)]])
    path.parent.mkdir(parents=True, exist_ok=True)
    grid.write_lz4(str(path))
    return path


@pytest.fixture
def folder(tmp_path):
    grids = tmp_path / "grids"
    for size, name in ((1.0, "A"), (2.0, "B")):
        write_grid(grids / f"{name}{SUFFIX}", size=size)
    return grids


def build(grids, output, **options):
    progress = RecordedSteps()
    arguments = {"card_mapping": MAPPING, "jobs": 2, "progress": progress} | options
    card = TheoryCard.from_mapping(arguments["card_mapping"])
    assert build_from_grids(card, grids, output, **arguments) == output
    return progress


@pytest.fixture
def in_process(monkeypatch, leading_order):
    """Make tables in the process of the tests, on few nodes."""

    def run(start, tasks, *, jobs):
        compute = start()
        for task in tasks:
            try:
                yield task, compute(task)
            except N3fitError as error:
                yield task, error

    monkeypatch.setattr("n3fit.theory.tables.grids.build.run_tasks", run)
    monkeypatch.setattr("n3fit.theory.tables.grids.build.GridOperators", lambda scales, *, like_eko: leading_order)


def test_a_theory_of_two_grids_with_a_kfactor(folder, tmp_path):
    (folder / "cfactor").mkdir()
    (folder / "cfactor" / "CF_QCD_A.dat").write_text("***\ntext\n***\n1.5 0.0\n")
    (folder / "CF_EWK_B.dat").write_text("***\ntext\n***\n0.9 0.0\n")
    output = tmp_path / "theory_small"
    progress = build(folder, output)
    assert progress.steps == [("tables", done, 2) for done in range(3)]
    theory = open_theory("small", path=tmp_path)
    assert theory.table_names() == ["A", "B"]
    first, second = (theory.load_table(name) for name in ("A", "B"))
    np.testing.assert_allclose(second.values, 2 * first.values, rtol=1e-14)
    assert theory.card["IC"] == 1
    assert theory.card["PTO"] == 0
    assert (output / "cfactor" / "CF_QCD_A.dat").read_text().endswith("1.5 0.0\n")
    manifest = read_manifest(output)
    assert sorted(manifest["cfactors"]) == ["CF_EWK_B.dat", "CF_QCD_A.dat"]
    assert manifest["tables"]["A"]["grid"] == f"A{SUFFIX}"
    assert sorted(path.name for path in output.iterdir()) == ["cfactor", "fastkernel", "manifest.json", "theory.yaml"]


@pytest.mark.usefixtures("in_process")
def test_finished_tables_are_kept_until_card_grid_or_table_changes(folder, tmp_path):
    output = tmp_path / "theory_small"
    build(folder, output)
    times = {path.name: path.stat().st_mtime_ns for path in (output / "fastkernel").iterdir()}
    hashes = {name: entry["sha256"] for name, entry in read_manifest(output)["tables"].items()}

    def changed():
        now = {path.name: path.stat().st_mtime_ns for path in (output / "fastkernel").iterdir()}
        names = [name.removesuffix(SUFFIX) for name in now if now[name] != times.get(name)]
        times.update(now)
        return sorted(names)

    assert build(folder, output).steps == [("tables", 2, 2)]
    assert changed() == []
    write_grid(folder / f"B{SUFFIX}", size=3.0)
    build(folder, output)
    assert changed() == ["B"]
    (output / "fastkernel" / f"A{SUFFIX}").write_bytes(b"damaged")
    write_grid(folder / f"C{SUFFIX}")
    build(folder, output)
    assert changed() == ["A", "C"]
    build(folder, output, resume=False)
    assert changed() == ["A", "B", "C"]
    assert read_manifest(output)["tables"]["A"]["sha256"] == hashes["A"]


@pytest.mark.usefixtures("in_process")
def test_all_unusable_files_are_named_and_the_others_are_made(folder, tmp_path):
    content = (folder / f"A{SUFFIX}").read_bytes()
    (folder / f"half{SUFFIX}").write_bytes(content[: len(content) // 2])
    (folder / f"pointer{SUFFIX}").write_bytes(LFS_SIGNATURE + b"v1\n")
    (folder / f"empty{SUFFIX}").write_bytes(b"")
    (folder / "CF_QCD_A.dat").write_text("***\n***\nnothing\n")
    write_grid(folder / f"low{SUFFIX}", q=0.1)
    with pytest.raises(TheoryError) as caught:
        build(folder, tmp_path / "theory_small")
    lines = caught.value.message.splitlines()
    assert len(lines) == 6
    assert lines[0].startswith("5 of the files")
    assert sum("truncated" in line for line in lines) == 2
    assert any("Git-LFS pointer" in line for line in lines)
    assert any(f"low{SUFFIX}: expected scales at which alpha_s is below 1" in line for line in lines)
    assert any("CF_QCD_A.dat, line 3: expected a number" in line for line in lines)
    assert caught.value.exit_code == 3
    assert sorted(read_manifest(tmp_path / "theory_small")["tables"]) == ["A", "B"]


@pytest.mark.usefixtures("in_process")
def test_notes_are_messages(folder, tmp_path):
    write_grid(folder / f"C{SUFFIX}", q=1.3)
    progress = build(folder, tmp_path / "theory_small")
    (note,) = read_manifest(tmp_path / "theory_small")["tables"]["C"]["notes"]
    assert note.startswith("1 of 1 scales below the charm threshold (1.3 GeV)")
    assert progress.messages == [f"C: {note}"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"QED": 1}, "QED: 1"), ({"PTO": 3}, "PTO: 3"), ({"SxRes": 1}, "SxRes: 1")],
)
def test_cards_that_cannot_be_evolved_are_refused(folder, tmp_path, changes, message):
    with pytest.raises(TheoryError, match=message):
        build(folder, tmp_path / "theory_small", card_mapping=MAPPING | changes)
    assert not (tmp_path / "theory_small").exists()


def test_folders_without_grids_are_refused(tmp_path, folder):
    with pytest.raises(TheoryError, match="found none"):
        build(tmp_path / "nowhere", tmp_path / "theory_small")
    (tmp_path / "empty").mkdir()
    with pytest.raises(TheoryError, match="found none"):
        build(tmp_path / "empty", tmp_path / "theory_small")
    (folder / "A.pineappl").write_bytes(b"")
    with pytest.raises(TheoryError, match=r"expected one grid A, received A\.pineappl and A\.pineappl\.lz4"):
        build(folder, tmp_path / "theory_small")


@pytest.mark.usefixtures("in_process")
def test_folders_with_other_theories_are_not_overwritten(folder, tmp_path):
    output = tmp_path / "theory_small"
    build(folder, output)
    with pytest.raises(OutputExistsError, match=r"contains another theory, with alphas: 0\.118"):
        build(folder, output, card_mapping=MAPPING | {"alphas": 0.119})
    (output / "manifest.json").unlink()
    with pytest.raises(OutputExistsError, match="tables of another origin"):
        build(folder, output)


@pytest.mark.usefixtures("in_process")
def test_a_theory_of_coefficient_functions_is_completed(folder, tmp_path):
    """Its tables are kept, and one of the same name is not replaced."""
    output = tmp_path / "theory_small"
    (output / "fastkernel").mkdir(parents=True)
    for name in ("A", "DIS"):
        (output / "fastkernel" / f"{name}{SUFFIX}").write_bytes(b"")
    sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    entries = {name: {"sha256": sha256, "bytes": 0, "rows": 1} for name in ("A", "DIS")}
    (output / "manifest.json").write_text(json.dumps({"card": asdict(CARD), "tables": entries, "check": {}}))
    with pytest.raises(TheoryError, match="the theory has one of another origin"):
        build(folder, output)
    manifest = read_manifest(output)
    assert sorted(manifest["tables"]) == ["A", "B", "DIS"]
    assert manifest["tables"]["A"] == entries["A"]
    assert manifest["check"] == {}


def test_an_fk_table_is_no_grid(leading_order, folder, tmp_path):
    table = evolve_grid(read_grid(folder / f"A{SUFFIX}"), leading_order).table
    write_table(table, folder / f"table{SUFFIX}")
    with pytest.raises(TheoryError, match="received an FK table"):
        read_grid(folder / f"table{SUFFIX}")
    assert [file.name for file in find_grids(folder)] == ["A", "B", "table"]


def test_a_full_disk_leaves_no_partial_table(leading_order, folder, tmp_path):
    task = GridTask("A", folder / f"A{SUFFIX}", "0", "0", tmp_path / "theory_small")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
        with pytest.raises(ResourceError, match="cannot be written") as caught:
            make_table(task, operators=leading_order, card={})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert caught.value.exit_code == 4
    assert list((tmp_path / "theory_small" / "fastkernel").iterdir()) == []


SCRIPT = """
import sys
from pathlib import Path
from n3fit.theory.tables.grids.build import build_from_grids
from n3fit.theory.theory_card import TheoryCard
if __name__ == "__main__":
    mapping = {mapping!r}
    build_from_grids(
        TheoryCard.from_mapping(mapping), Path(sys.argv[1]), Path(sys.argv[2]), card_mapping=mapping, jobs=1
    )
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interrupted_build_continues(folder, tmp_path):
    for number in range(40):
        write_grid(folder / f"G{number:02d}{SUFFIX}", size=number + 1.0, q=20.0 + number)
    output = tmp_path / "theory_small"
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(mapping=MAPPING))
    process = subprocess.Popen([sys.executable, script, folder, output], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if (output / "fastkernel").is_dir() and len(list((output / "fastkernel").iterdir())) > 1:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert errors.count("Traceback") <= 1  # that of the script
    finished = sorted(read_manifest(output)["tables"])
    assert 0 < len(finished) < 42
    kept = {name: (output / "fastkernel" / f"{name}{SUFFIX}").stat().st_mtime_ns for name in finished}
    progress = build(folder, output)
    assert progress.steps[0] == ("tables", len(finished), 42)
    assert len(read_manifest(output)["tables"]) == 42
    assert all((output / "fastkernel" / f"{name}{SUFFIX}").stat().st_mtime_ns == kept[name] for name in finished)
    assert not [path for path in Path(output / "fastkernel").iterdir() if path.name.startswith(".")]
