"""Whole small fits of one real data set with the embedded theory."""

import re
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest

from n3fit import api
from n3fit.errors import (
    CommandLineError,
    DataError,
    OutputExistsError,
    ResourceError,
    RuncardError,
    TheoryError,
)
from n3fit.progress import NullReporter
from n3fit.results.reader import read_fit_folder
from n3fit.theory.flavours import EXPORT_PIDS

CARD = (Path(__file__).parents[1] / "support" / "small_fit.yml").read_text()


class Listener(NullReporter):
    """Records phases and messages; interrupts when a phase begins for the n-th time."""

    def __init__(self, interrupt: tuple[str, int] | None = None) -> None:
        self.phases: list[str] = []
        self.messages: list[str] = []
        self.interrupt = interrupt

    def phase(self, name):
        self.phases.append(name)
        if self.interrupt == (name, self.phases.count(name)):
            raise KeyboardInterrupt

    def message(self, text):
        self.messages.append(text)


def write_card(place, name="card", **lines):
    text = CARD
    for old, new in lines.values():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = place / f"{name}.yml"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def fitted(place, toy_pdf_sets):
    """Replicas 3 and 4, trained together."""
    listener = Listener()
    folder = api.fit(
        write_card(place), replicas=range(3, 5), output=place / "together", pdf_path=toy_pdf_sets, progress=listener
    )
    return folder, listener


def test_fit_folder(fitted, place):
    folder, listener = fitted
    assert folder.path == place / "together"
    reread = read_fit_folder(folder.path, checksums=True)
    assert reread.replicas.tolist() == [3, 4]
    assert reread.name == "together"
    assert reread.title == "a small fit"
    assert reread.runcard_text == CARD
    assert reread.manifest.status == "complete"
    assert listener.phases[0] == "reading the runcard"
    assert "training" in listener.phases
    assert np.isfinite(reread.pdf).all()


def test_the_points_that_a_fit_kept_can_be_used_again(fitted, place, toy_pdf_sets):
    folder, _ = fitted
    name = "HERA_CC_318GEV_EM-SIGMARED"
    mask = folder.path / "filter" / name / f"FKMASK_{name}.dat"
    assert mask.read_text().split() == [str(point) for point in range(42)]
    copy = place / "copy" / "filter" / name
    copy.mkdir(parents=True)
    (copy / mask.name).write_text("3\n5\n")
    fit = ("trvlseed: 1", f"trvlseed: 1\nfit: {place / 'copy'}")
    card = write_card(place, "again", cuts=("q2min: 3.49", "use_cuts: fromfit"), fit=fit)
    assert api.check(card, pdf_path=toy_pdf_sets).points == 2


def test_tables_of_nnpdf_hold_the_split(fitted):
    """The eigenvectors that a replica trains on, and those that it is validated on."""
    folder, _ = fitted
    home = folder.path / "nnfit" / "replica_4"
    tables = {
        name: [line.split("\t") for line in (home / f"datacuts_theory_fitting_{name}.csv").read_text().splitlines()]
        for name in ("pseudodata_table", "training_pseudodata", "validation_pseudodata")
    }
    points = [line.split(",")[2] for line in (home / "pseudodata.csv").read_text().splitlines()[1:]]
    assert all(rows[0] == ["", "replica 4"] for rows in tables.values())
    everything, training, validation = (rows[1:] for rows in tables.values())
    assert [row[0] for row in everything] == [f"eigenmode {mode}" for mode in range(len(points))]
    assert len(training) == int(0.75 * len(points))
    assert sorted([*training, *validation], key=everything.index) == everything
    scaled = np.array(points, dtype=float) / folder.points.t0_error
    values = np.array([row[1] for row in everything], dtype=float)
    assert np.sum(values**2) == pytest.approx(np.sum(scaled**2), rel=1e-6)  # eigenvectors are a rotation


def test_momentum_and_valence_of_the_exportgrid(fitted):
    """Trapezoids in log x of the 196 nodes."""
    folder, _ = fitted
    flavours = {pid: folder.pdf[..., index] for index, pid in enumerate(EXPORT_PIDS)}
    momentum = np.trapezoid(folder.pdf.sum(axis=-1) * folder.xgrid, np.log(folder.xgrid), axis=1)
    np.testing.assert_allclose(momentum, 1, atol=0.01)
    up = np.trapezoid(flavours[2] - flavours[-2], np.log(folder.xgrid), axis=1)
    down = np.trapezoid(flavours[1] - flavours[-1], np.log(folder.xgrid), axis=1)
    np.testing.assert_allclose(up - down, 1, atol=0.02)


def test_predictions_are_the_tables_times_the_pdf(fitted):
    """The recorded predictions follow from the weights on disk."""
    from n3fit.fit.problem import make_architecture
    from n3fit.model.pdf_model import build_pdf_model, evaluate_pdf
    from n3fit.runcard import read_runcard
    from n3fit.theory.flavours import EVOLUTION_TO_FK
    from n3fit.theory.theories import open_theory

    folder, _ = fitted
    runcard = read_runcard(folder.path / "filter.yml")
    model = build_pdf_model(make_architecture(runcard, None), [3])
    model.set_replica_weights(folder.weights(3), 0)
    table = open_theory("dis_nnlo").load_table("HERA_CC_318GEV_EM_SIGMARED")
    expected = table.predict(evaluate_pdf(model, table.xgrid) @ EVOLUTION_TO_FK.T)[0]
    np.testing.assert_allclose(folder.results.predictions[0], expected, rtol=1e-4)


def test_one_after_the_other_and_interrupted(fitted, place, toy_pdf_sets):
    """Ctrl-C while the second replica is prepared: the first is complete, and the same as among others."""
    together, _ = fitted
    card = write_card(place, "single", line=("nnseed: 2", "nnseed: 2\nparallel_models: false"))
    listener = Listener(("training", 2))
    with pytest.raises(KeyboardInterrupt):
        api.fit(card, replicas=range(3, 5), output=place / "alone", pdf_path=toy_pdf_sets, progress=listener)
    alone = read_fit_folder(place / "alone", checksums=True)
    assert alone.replicas.tolist() == [3]
    assert alone.manifest.status == "interrupted"
    assert re.fullmatch(r"computing on .+ with (jax|tensorflow|torch) [\d.]+\S*", listener.messages[0])
    assert re.fullmatch(r"2 replicas: about 0\.\d GB of memory, about \d+ (s|min) at most", listener.messages[1])
    assert listener.messages[2:] == [
        f"1 of 2 replicas had finished: see {place / 'alone'}",
        f"checkpoint in {place / 'alone.checkpoint'}: the same command with --resume continues"
        " (in Python the same call with resume=True)",
    ]
    for name in ("pseudodata.csv", "split.csv"):
        files = [folder.path / "nnfit" / "replica_3" / name for folder in (alone, together)]
        assert files[0].read_bytes() == files[1].read_bytes()
    np.testing.assert_allclose(alone.results.predictions[0], together.results.predictions[0], rtol=1e-2)


def test_interrupted_before_anything_has_finished(place, toy_pdf_sets):
    with pytest.raises(KeyboardInterrupt):
        api.fit(
            write_card(place), replicas=range(1, 3), output=place / "nothing", pdf_path=toy_pdf_sets,
            progress=Listener(("training", 1)),
        )  # fmt: skip
    assert not (place / "nothing").exists() or not any((place / "nothing").glob("nnfit*"))


class Signaller(Listener):
    """Sends itself a real SIGINT whenever one of some stages begins."""

    def __init__(self, *phases: str) -> None:
        super().__init__()
        self.when = phases

    def phase(self, name):
        super().phase(name)
        if name in self.when:
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("when", ["evaluating the replicas", "writing the fit folder"])
def test_ctrl_c_after_the_training_waits_until_the_fit_is_written(fitted, place, toy_pdf_sets, when):
    together, _ = fitted
    listener = Signaller(when)
    output = place / when.split()[0]
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        api.fit(write_card(place), replicas=range(3, 5), output=output, pdf_path=toy_pdf_sets, progress=listener)
    assert signal.getsignal(signal.SIGINT) is handler
    folder = read_fit_folder(output, checksums=True)
    assert folder.manifest.status == "complete"
    np.testing.assert_array_equal(folder.pdf, together.pdf)
    assert listener.messages[-1] == f"2 of 2 replicas had finished: see {output}"


def test_a_second_ctrl_c_does_not_wait(place, toy_pdf_sets):
    listener = Signaller("evaluating the replicas", "writing the fit folder")
    with pytest.raises(KeyboardInterrupt):
        api.fit(
            write_card(place), replicas=range(3, 5), output=place / "twice", pdf_path=toy_pdf_sets, progress=listener
        )
    assert listener.phases[-1] == "writing the fit folder"
    assert not (place / "twice" / "manifest.json").exists()


def test_a_fit_that_is_too_large_is_refused_before_it_allocates(place, toy_pdf_sets, monkeypatch):
    from n3fit.fit import resources

    monkeypatch.setattr(resources, "memory_limit_mb", lambda: 300.0)
    listener = Listener()
    with pytest.raises(ResourceError, match="20 replicas together need about .* there are 0.3 GB") as error:
        api.fit(write_card(place), output=place / "large", pdf_path=toy_pdf_sets, progress=listener)
    assert "parallel_models: false" in error.value.hint
    assert "training" not in listener.phases
    assert not (place / "large").exists()


def test_replicas_are_added_to_a_fit(fitted, place, toy_pdf_sets):
    folder, _ = fitted
    card = write_card(place)
    target = place / "more"
    with pytest.raises(ResourceError, match="no such folder"):
        api.fit(card, replicas=[5], output=target, add=True)
    shutil.copytree(folder.path, target)
    with pytest.raises(CommandLineError, match="has replicas 4 already") as caught:
        api.fit(card, replicas=range(4, 6), output=target, add=True)
    assert "--replicas 5-6" in caught.value.hint
    other = write_card(place, "other", epochs=("epochs: 120", "epochs: 130"))
    with pytest.raises(CommandLineError, match="is the fit of another runcard"):
        api.fit(other, replicas=[5], output=target, add=True)
    with pytest.raises(DataError, match="was made with other inputs: PDF set toy"):
        api.fit(card, replicas=[5], output=target, pdf_path=changed_toy(place, toy_pdf_sets), add=True)
    merged = api.fit(card, replicas=[5], output=target, pdf_path=toy_pdf_sets, add=True)
    assert merged.replicas.tolist() == [3, 4, 5]
    np.testing.assert_array_equal(merged.pdf[:2], folder.pdf)
    assert np.abs(merged.pdf[2] - merged.pdf[1]).max() > 1e-3
    np.testing.assert_allclose(merged.mean_prediction, merged.results.predictions.mean(axis=0), rtol=1e-15)
    read_fit_folder(merged.path, checksums=True)
    assert [path.name for path in place.glob("*more*")] == ["more"]


def changed_toy(place, toy_pdf_sets):
    """Return a folder with another PDF set of the name ``toy``."""
    copy = place / "changed_sets"
    shutil.copytree(toy_pdf_sets, copy)
    (data,) = (copy / "toy").glob("*.dat")
    data.write_text(data.read_text().replace("1.7", "1.8", 1))
    return copy


def test_existing_fit_is_not_replaced(fitted, place, toy_pdf_sets):
    with pytest.raises(OutputExistsError, match="together"):
        api.fit(write_card(place), replicas=[1], output=place / "together", pdf_path=toy_pdf_sets)
    assert read_fit_folder(place / "together").replicas.tolist() == [3, 4]


def test_bad_cards_leave_nothing_behind(place, toy_pdf_sets):
    misspelt = write_card(place, "misspelt", line=("  epochs: 120", "  epoch: 120"))
    unknown = write_card(place, "unknown", line=("theoryid: dis_nnlo", "theoryid: 4711"))
    for card, error in ((misspelt, RuncardError), (unknown, TheoryError)):
        with pytest.raises(error):
            api.fit(card, output=place / "bad", pdf_path=toy_pdf_sets)
    assert not (place / "bad").exists()


@pytest.mark.parametrize("replicas", [[], [0, 1], [3, 3], range(5, 5)])
def test_replica_numbers_that_cannot_be(place, toy_pdf_sets, replicas):
    with pytest.raises(CommandLineError, match="replicas: expected different numbers from 1, received"):
        api.fit(write_card(place), replicas=replicas, output=place / "bad", pdf_path=toy_pdf_sets)


def test_weights_of_another_architecture_are_an_error_of_the_user(fitted, place, toy_pdf_sets):
    """The file of ``load`` is from a network with other nodes; nothing is trained."""
    folder, _ = fitted
    weights = folder.path / "nnfit" / "replica_3" / "weights.weights.h5"
    load = ("trvlseed: 1", f"trvlseed: 1\nload: {weights}")
    card = write_card(place, "load", load=load, nodes=("nodes_per_layer: [6, 8]", "nodes_per_layer: [5, 8]"))
    with pytest.raises(DataError, match=r"all_NNs: layer_0/kernel: expected \(1, 2, 5\), received") as caught:
        api.fit(card, replicas=[1], output=place / "loaded", pdf_path=str(toy_pdf_sets))
    assert str(weights) in caught.value.message
    assert not (place / "loaded").exists()


def test_a_data_set_of_weight_zero_is_reported_and_not_fitted(place, toy_pdf_sets):
    """The fit is that without it; its chi2 is in the tables."""
    first = "- {dataset: HERA_CC_318GEV_EM-SIGMARED, variant: legacy}\n"
    more = "- {dataset: HERA_CC_318GEV_EP-SIGMARED, variant: legacy, weight: 0}\n"
    genrep = ("nnseed: 2", "nnseed: 2\ngenrep: false")
    alone = api.fit(write_card(place, "one", genrep=genrep), replicas=[3], output=place / "one", pdf_path=toy_pdf_sets)
    both = api.fit(
        write_card(place, "two", genrep=genrep, data=(first, first + more)), replicas=[3], output=place / "two",
        pdf_path=toy_pdf_sets,
    )  # fmt: skip
    np.testing.assert_allclose(both.pdf, alone.pdf, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(both.results.predictions[:, :42], alone.results.predictions, rtol=1e-3)
    rows = {row.name: row for row in both.summary().datasets}
    assert rows["HERA_CC_318GEV_EP-SIGMARED"].points == len(both.points) - 42 > 0
    assert np.isfinite(rows["HERA_CC_318GEV_EP-SIGMARED"].t0)
