import hashlib
import json
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML
from support.data import chi2_values
from support.outcomes import Outcome

from n3fit.errors import CommandLineError, OutputExistsError, ResourceError
from n3fit.results import FitFolder
from n3fit.results import writer as writer_module
from n3fit.results.reader import read_fit_folder
from n3fit.results.records import DatasetRecord
from n3fit.results.saved_split import ModeSplit, PointSplit, SplitFormat
from n3fit.storage.locks import lock_folder
from n3fit.theory.flavours import EXPORT_LABELS

Write = Callable[..., FitFolder]


def test_layout_is_that_of_the_field(write: Write, small_outcome: Outcome, tmp_path: Path) -> None:
    write(small_outcome)
    names = {path.relative_to(tmp_path / "toy").as_posix() for path in (tmp_path / "toy").rglob("*") if path.is_file()}
    of_replicas = {
        f"nnfit/replica_{number}/{file}"
        for number in (1, 2, 3)
        for file in ("toy.exportgrid", "toy.json", "chi2exps.log", "weights.weights.h5")
    }
    tables = {f"tables/chi2_{level}.csv" for level in ("datasets", "experiments", "total")}
    assert names == of_replicas | tables | {
        "filter.yml", "md5", "filter/points.csv", "fit.json", "fit.safetensors", "residuals.safetensors",
        "manifest.json",
    }  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["toy"]
    text = (tmp_path / "toy" / "filter.yml").read_bytes()
    assert (tmp_path / "toy" / "md5").read_text() == hashlib.md5(text).hexdigest()


def test_exportgrid_by_an_independent_reader(write: Write, small_outcome: Outcome) -> None:
    fit = write(small_outcome)
    for index, number in enumerate((1, 2, 3)):
        content = YAML(typ="safe", pure=True).load(fit.path / "nnfit" / f"replica_{number}" / "toy.exportgrid")
        assert list(content) == ["replica", "q20", "xgrid", "labels", "pdfgrid"]
        assert content["replica"] == number
        assert content["q20"] == pytest.approx(1.65**2, rel=1e-15)
        assert content["labels"] == list(EXPORT_LABELS)
        np.testing.assert_array_equal(content["xgrid"], small_outcome.xgrid)
        np.testing.assert_array_equal(content["pdfgrid"], small_outcome.pdf[index])


def test_json_has_the_keys_of_the_field(write: Write, small_outcome: Outcome) -> None:
    passed = np.array([True, False, True])
    fit = write(replace(small_outcome, positivity_passed=passed))
    content = json.loads((fit.path / "nnfit" / "replica_2" / "toy.json").read_text())
    assert content["pos_state"] == "POS_VETO"
    assert content["stop_epoch"] == small_outcome.stop_epoch[1] + 1  # the number of epochs
    assert content["best_epoch"] == small_outcome.best_epoch[1]
    assert content["hyperparameters"] == "from runcard"
    assert content["erf_vl"] == small_outcome.validation_chi2[1]
    assert content["arc_lengths"] == small_outcome.arc_lengths[1].tolist()
    v, v3, v8, t3, t8 = small_outcome.integrability[1].tolist()
    assert content["integrability"] == [v, t3, v3, t8, v8]
    assert content["preprocessing"][2] == {
        "fl": "v", "smallx": small_outcome.alpha[1, 2], "largex": small_outcome.beta[1, 2], "trainable": False
    }  # fmt: skip
    whole = chi2_values(small_outcome.predictions, small_outcome.central, small_outcome.t0_covariance)
    assert content["chi2"] == pytest.approx(whole[1] / 10, rel=1e-12)
    log = json.loads((fit.path / "nnfit" / "replica_2" / "chi2exps.log").read_text())
    assert list(log) == [str(epoch + 1) for epoch in small_outcome.history_epochs]
    assert [entry["training_loss"] for entry in log.values()] == small_outcome.training_history[1].tolist()
    validation = small_outcome.validation_history[1].tolist()
    assert [entry["validation_loss"] for entry in log.values()] == [[value] for value in validation]
    assert [entry["validation_chi2s"] for entry in log.values()] == [{"total": value} for value in validation]


def test_the_log_of_losses_ends_where_the_replica_stopped(write: Write, small_outcome: Outcome) -> None:
    history = {name: getattr(small_outcome, name).copy() for name in ("training_history", "validation_history")}
    for losses in history.values():
        losses[1, 2:] = np.nan
        losses[2] = np.nan
    fit = write(replace(small_outcome, **history))
    epochs = [str(epoch + 1) for epoch in small_outcome.history_epochs]
    for number, expected in ((1, epochs), (2, epochs[:2]), (3, [])):
        assert list(json.loads((fit.path / "nnfit" / f"replica_{number}" / "chi2exps.log").read_text())) == expected


def test_manifest_names_inputs_outputs_and_versions(write: Write, small_outcome: Outcome) -> None:
    fit = write(small_outcome, environment={"backend": "jax", "device": "cpu"})
    manifest = json.loads((fit.path / "manifest.json").read_text())
    assert manifest["status"] == "complete"
    assert manifest["runcard"] == "toy.yml"
    assert manifest["versions"]["numpy"] == np.__version__
    replica = json.loads((fit.path / "nnfit" / "replica_2" / "toy.json").read_text())
    assert replica["version"] == manifest["versions"]
    assert manifest["environment"] == {"backend": "jax", "device": "cpu"}
    assert manifest["inputs"]["runcard"] == "a" * 64
    on_disk = {path.relative_to(fit.path).as_posix() for path in fit.path.rglob("*") if path.is_file()}
    assert set(manifest["files"]) == on_disk - {"manifest.json"}
    for name, record in manifest["files"].items():
        content = (fit.path / name).read_bytes()
        assert record == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def test_interrupted_fit_keeps_the_replicas_it_has(write: Write, small_outcome: Outcome) -> None:
    fit = write(replace(small_outcome, replicas=np.array([4, 9, 12])), status="interrupted")
    assert fit.manifest.status == "interrupted"
    assert fit.summary().status == "interrupted"
    assert fit.replicas.tolist() == [4, 9, 12]
    assert sorted(path.name for path in (fit.path / "nnfit").iterdir()) == ["replica_12", "replica_4", "replica_9"]


def test_split_by_points_and_by_modes_beside_the_pseudodata() -> None:
    sets = [DatasetRecord(name=name, variant=None, experiment="X", process_type="DIS_NC", start=start, stop=stop)
            for name, start, stop in (("A", 0, 2), ("B", 2, 3), ("C", 3, 4))]  # fmt: skip
    masks = np.array([[True, False, True], [False, False, True]])
    points = PointSplit(masks, np.array([0, 1, 3]))  # B has weight zero
    assert SplitFormat(sets, points).text(1).splitlines() == [
        "dataset,point,part", "A,0,validation", "A,1,validation", "B,0,", "C,0,training",
    ]  # fmt: skip
    modes = ModeSplit(masks, np.array([[1.5, -2.0, 0.1], [0.0, 1.0, 2.0]]), np.ones(3))
    assert SplitFormat(sets, modes).text(0).splitlines() == [
        "mode,pseudodata,part", "0,1.5,training", "1,-2.0,validation", "2,0.1,training",
    ]  # fmt: skip


def test_pseudodata_when_asked_for(write: Write, small_outcome: Outcome) -> None:
    pseudodata = np.arange(30.0).reshape(3, 10)
    fit = write(replace(small_outcome, pseudodata=pseudodata))
    lines = (fit.path / "nnfit" / "replica_2" / "pseudodata.csv").read_text().splitlines()
    assert lines[0] == "dataset,point,pseudodata"
    assert [float(line.split(",")[2]) for line in lines[1:]] == pseudodata[1].tolist()


def test_existing_fit_is_kept_unless_forced(write: Write, small_outcome: Outcome, tmp_path: Path) -> None:
    write(small_outcome)
    other = replace(small_outcome, replicas=np.array([7, 8, 9]))
    with pytest.raises(OutputExistsError, match="the fit exists already; the fit is complete and kept in") as caught:
        write(other)
    assert read_fit_folder(tmp_path / "toy").replicas.tolist() == [1, 2, 3]
    (kept,) = tmp_path.glob("toy.*.kept")
    assert str(kept) in caught.value.message
    assert read_fit_folder(kept).replicas.tolist() == [7, 8, 9]
    write(other, force=True)
    assert read_fit_folder(tmp_path / "toy").replicas.tolist() == [7, 8, 9]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["toy", kept.name])


@pytest.mark.parametrize("stage", ["ReplicaFiles.write", "make_manifest"])
def test_fault_58_a_stop_while_writing_leaves_nothing(
    write: Write, small_outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    def stop(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"{writer_module.__name__}.{stage}", stop)
    with pytest.raises(KeyboardInterrupt):
        write(small_outcome)
    assert list(tmp_path.iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from support import outcomes
from n3fit.results import writer
from n3fit.storage.locks import lock_folder
original = writer.ReplicaFiles.write
def stop_at_the_second(self, index, weights):
    original(self, index, weights)
    if index == 1:
        assert self._files.written  # waits for the threads that write
        os.kill(os.getpid(), signal.SIGKILL)
writer.ReplicaFiles.write = stop_at_the_second
with lock_folder(Path(sys.argv[2])):
    outcomes.write_outcome(outcomes.make_outcome(3, sets=outcomes.SMALL_SETS), Path(sys.argv[2]))
"""


def test_fault_58_kill_while_writing_replicas(write: Write, small_outcome: Outcome, tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(Path(__file__).parents[1]), str(tmp_path / "toy")]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert not (tmp_path / "toy").exists()
    assert list(tmp_path.glob(".toy.*.unfinished/nnfit/replica_2/*"))
    with lock_folder(tmp_path / "toy"):
        write(small_outcome)
    assert [path.name for path in tmp_path.iterdir()] == ["toy"]


def test_fault_59_full_disk_leaves_nothing(write: Write, small_outcome: Outcome, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(ResourceError, match="cannot be written"):
            write(small_outcome)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_fault_84_a_linked_folder_stays_a_link(write: Write, small_outcome: Outcome, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    link = tmp_path / "toy"
    link.symlink_to(tmp_path / "scratch")
    write(small_outcome, link)
    assert link.is_symlink()
    assert read_fit_folder(link).name == "toy"
    assert (tmp_path / "scratch" / "filter.yml").is_file()


def test_fault_85_numbers_that_are_not_finite_become_null(write: Write, small_outcome: Outcome) -> None:
    broken = np.array([1.0, np.nan, np.inf])
    fit = write(replace(small_outcome, validation_chi2=broken))
    for number, expected in ((1, 1.0), (2, None), (3, None)):
        text = (fit.path / "nnfit" / f"replica_{number}" / "toy.json").read_text()
        assert "NaN" not in text
        assert "Infinity" not in text
        assert json.loads(text)["erf_vl"] == expected
    np.testing.assert_array_equal(fit.results.training.validation_chi2, broken)


def test_names_that_are_no_file_names_are_refused(write: Write, small_outcome: Outcome, tmp_path: Path) -> None:
    with pytest.raises(CommandLineError, match="path separator"):
        write(replace(small_outcome, name="a/toy"))
    assert list(tmp_path.iterdir()) == []
