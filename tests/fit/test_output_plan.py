"""Continuing fits: which replicas are fitted, and what a continued fit is."""

import json
import signal
from pathlib import Path

import numpy as np
import pytest

from n3fit import api
from n3fit.errors import CommandLineError, DataError, OutputExistsError
from n3fit.progress import NullReporter
from n3fit.results.reader import read_fit_folder

CARD = (Path(__file__).parents[1] / "support" / "small_fit.yml").read_text()


class Listener(NullReporter):
    """Keeps messages; sends a real SIGINT at an epoch, for the n-th group of replicas."""

    def __init__(self, epoch: int | None = None, group: int = 1) -> None:
        self.at, self.group, self.groups = epoch, group, 0
        self.messages: list[str] = []
        self.epochs: list[int] = []

    def phase(self, name):
        self.groups += name == "training"

    def epoch(self, epoch, total, losses, active, replicas):
        self.epochs.append(epoch)
        if epoch == self.at and self.groups == self.group:
            signal.raise_signal(signal.SIGINT)

    def message(self, text):
        self.messages.append(text)


@pytest.fixture(scope="module")
def run(place, toy_pdf_sets):
    """Fit replicas of a card of 300 epochs."""

    def fit(name, first, last, listener=None, *, line="debug: true", **options):
        card = place / "card.yml"
        card.write_text(CARD.replace("epochs: 120", "epochs: 300").replace("nnseed: 2", f"nnseed: 2\n{line}"))
        return api.fit(
            card, replicas=range(first, last + 1), output=place / name, pdf_path=toy_pdf_sets,
            progress=listener or NullReporter(), **options,
        )  # fmt: skip

    return fit


@pytest.fixture(scope="module")
def undisturbed(run):
    """Three replicas, one after the other."""
    return run("undisturbed", 1, 3)


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the content of the files but what depends on time and name."""
    found = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    names = [
        name for name in found if name not in ("manifest.json", "fit.json") and not name.endswith(f"{folder.name}.json")
    ]
    return {name.replace(folder.name, "FIT"): found[name].read_bytes() for name in names}


def interrupt(run, name, epoch, group, **options):
    listener = Listener(epoch, group)
    with pytest.raises(KeyboardInterrupt):
        run(name, 1, 3, listener, **options)
    assert "the same command with --resume continues" in listener.messages[-1]
    return listener


def test_a_continued_fit_is_bit_identical(run, undisturbed, place):
    interrupt(run, "twice", 200, 1)
    assert not (place / "twice").exists()
    interrupt(run, "twice", 200, 2, resume=True)
    assert read_fit_folder(place / "twice").replicas.tolist() == [1]
    assert read_fit_folder(place / "twice").manifest.status == "interrupted"
    listener = Listener()
    fit = run("twice", 1, 3, listener, resume=True)
    assert listener.epochs == [300, 100, 200, 300]  # the end of replica 2, and all of replica 3
    assert fit.manifest.status == "complete"
    first, second = files_of(undisturbed.path), files_of(fit.path)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    assert not (place / "twice.checkpoint").exists()


def test_together_it_is_equal_up_to_rounding(run, place):
    whole = run("together", 1, 3, line="")
    interrupt(run, "together-again", 200, 1, line="")
    fit = run("together-again", 1, 3, line="", resume=True)
    np.testing.assert_array_equal(fit.results.training.training_history, whole.results.training.training_history)
    np.testing.assert_allclose(fit.pdf, whole.pdf, rtol=1e-6, atol=1e-9)


def test_what_is_there_is_not_fitted_again(run, undisturbed, place):
    listener = Listener()
    before = (undisturbed.path / "manifest.json").read_bytes()
    fit = run("undisturbed", 1, 2, listener, resume=True)
    assert fit.replicas.tolist() == [1, 2, 3]
    assert listener.epochs == []
    assert "nothing to do" in listener.messages[-1]
    assert (undisturbed.path / "manifest.json").read_bytes() == before


def test_missing_replicas_are_added(run, undisturbed, place):
    run("growing", 2, 2)
    listener = Listener()
    fit = run("growing", 1, 3, listener, resume=True)
    assert fit.replicas.tolist() == [1, 2, 3]
    assert listener.epochs == 2 * [100, 200, 300]
    np.testing.assert_array_equal(fit.pdf, undisturbed.pdf)
    assert sorted(path.name for path in place.glob("growing*")) == ["growing"]


def test_an_interrupted_addition_goes_on(run, undisturbed, place):
    run("added", 1, 1)
    listener = Listener(200, 2)
    with pytest.raises(KeyboardInterrupt):
        run("added", 2, 3, listener, add=True)
    assert read_fit_folder(place / "added").replicas.tolist() == [1]
    listener = Listener()
    fit = run("added", 1, 3, listener, resume=True)
    assert listener.epochs == [300]
    np.testing.assert_array_equal(fit.pdf, undisturbed.pdf)
    assert sorted(path.name for path in place.glob("added*")) == ["added"]


def test_a_checkpoint_is_not_lost_by_mistake(run, place):
    interrupt(run, "kept", 200, 1)
    with pytest.raises(OutputExistsError, match="has the checkpoints of a fit that was interrupted") as caught:
        run("kept", 1, 3)
    assert caught.value.hint == "continue it with --resume, or start anew with --force"
    with pytest.raises(DataError, match="is of replicas 1-3, received 1-2"):
        run("kept", 1, 2, resume=True)
    with pytest.raises(DataError, match="made with other inputs: runcard"):
        run("kept", 1, 3, line="debug: true # another card", resume=True)
    assert run("kept", 1, 1, force=True).replicas.tolist() == [1]
    assert not (place / "kept.checkpoint").exists()


def test_the_two_options_exclude_each_other(run):
    with pytest.raises(CommandLineError, match="expected one of them"):
        run("both", 1, 1, resume=True, force=True)


def test_another_runcard_is_not_continued(run, undisturbed):
    with pytest.raises(CommandLineError, match="is the fit of another runcard"):
        run("undisturbed", 1, 4, line="debug: true # another card", resume=True)


def test_changed_inputs_of_a_complete_fit_are_named(run, undisturbed, place):
    path = undisturbed.path / "manifest.json"
    text = path.read_text()
    manifest = json.loads(text)
    name = next(key for key in manifest["inputs"] if key.startswith("data"))
    manifest["inputs"][name] = 64 * "0"
    path.write_text(json.dumps(manifest))
    try:
        with pytest.raises(DataError, match=name):
            run("undisturbed", 1, 3, resume=True)
    finally:
        path.write_text(text)
