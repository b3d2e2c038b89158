"""The runcard of the next iteration, of the card that ships and of an old one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML
from support import nnpdf_folders, outcomes

from n3fit import api
from n3fit.ensembles.effective_exponents import next_ranges
from n3fit.errors import CommandLineError, DataError, FitError, OutputExistsError
from n3fit.lhapdf.pdf_sets import VARIABLES
from n3fit.results import FitFolder, select_replicas, write_postfit
from n3fit.results.reader import read_fit_folder
from n3fit.runcard import RuncardWarning, parse_runcard, read_runcard
from n3fit.theory.exponents import ExponentRange

CARD = (Path(__file__).parent.parent.parent / "runcards" / "dis.yml").read_text()


@pytest.fixture
def fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FitFolder:
    """Eight replicas with the runcard that ships; nothing else in the search paths and the working directory."""
    monkeypatch.chdir(tmp_path)
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    return write(CARD)


def write(text: str) -> FitFolder:
    outcome = outcomes.make_outcome(8, sets=outcomes.SMALL_SETS, positivity_passed=np.ones(8, bool))
    basis = parse_runcard(text).fitting.basis
    ranges = tuple(ExponentRange(entry.fl, entry.smallx, entry.largex, entry.trainable) for entry in basis)
    return outcomes.write_outcome(replace(outcome, ranges=ranges), Path("toy"), runcard_text=text, force=True)


def test_the_next_card_takes_the_fit_for_its_theory_covariance(fit: FitFolder) -> None:
    config = "theorycovmatconfig:\n  point_prescriptions: [7 point]\n  pdf: {}\n"
    card = api.next_runcard(write(CARD + config.format("n3fit_dis_t0")).path)
    assert card.path.read_text().endswith(config.format("toy"))
    other = "theorycovmatconfig: {user_covmat_path: mine.csv}\n"
    again = api.next_runcard(write(CARD + other).path, force=True)
    assert again.path.read_text().endswith(other)


def test_the_next_card_differs_in_t0_seeds_and_ranges_alone(fit: FitFolder) -> None:
    card = api.next_runcard(fit.path)
    assert card.path == Path("toy_next.yml")
    old, new = parse_runcard(CARD), read_runcard(card.path)
    assert new.datacuts.t0pdfset == card.t0 == "toy"
    for key in ("trvlseed", "nnseed", "mcseed"):
        assert getattr(new, key) == card.seeds[key] != getattr(old, key)
    assert len({*card.seeds.values()}) == 3
    before = fit.description.preprocessing
    ranges = next_ranges(fit.pdf, fit.xgrid, fit.description.fitbasis, before, source="toy")
    for entry, wanted in zip(new.fitting.basis, ranges, strict=True):
        assert entry.smallx == pytest.approx(wanted.smallx, rel=1e-3)
        assert entry.largex == pytest.approx(wanted.largex, rel=1e-3)
    restored = new.model_copy(
        update={
            **{key: getattr(old, key) for key in card.seeds},
            "datacuts": new.datacuts.model_copy(update={"t0pdfset": old.datacuts.t0pdfset}),
            "fitting": new.fitting.model_copy(update={"basis": old.fitting.basis}),
        }
    )
    assert restored.model_dump() == old.model_dump()
    lines = list(zip(CARD.splitlines(), card.path.read_text().splitlines(), strict=True))
    assert sum(before != after for before, after in lines) == 1 + 3 + 8
    assert [line for line in card.path.read_text().splitlines() if line.startswith("#")] == [
        line for line in CARD.splitlines() if line.startswith("#")
    ]
    assert card.changes[:2] == (f"--- {fit.path / 'filter.yml'}", "+++ toy_next.yml")
    for sign, changed in zip("-+", zip(*((a, b) for a, b in lines if a != b), strict=True), strict=True):
        assert [line[1:] for line in card.changes[2:] if line.startswith(sign)] == list(changed)


def test_the_same_fit_gives_the_same_card_and_iterations_have_their_own_seeds(fit: FitFolder) -> None:
    first = api.next_runcard(fit.path)
    text = first.path.read_text()
    with pytest.raises(OutputExistsError, match=r"toy_next\.yml: exists already"):
        api.next_runcard(fit.path)
    assert first.path.read_text() == text
    assert api.next_runcard(fit.path, output="other.yml").path.read_text() == text
    second = api.next_runcard(write(text).path, force=True)
    assert not {*second.seeds.values()} & {*first.seeds.values()}


def test_ranges_are_those_of_the_chosen_replicas(fit: FitFolder) -> None:
    everybody = api.next_runcard(fit.path)
    write_postfit(fit.path, select_replicas(fit, count=5))
    chosen = api.next_runcard(fit.path, force=True)
    assert (everybody.replicas, chosen.replicas) == (8, 5)
    assert chosen.ranges != everybody.ranges
    assert chosen.before[0].smallx == (1.089, 1.119)
    assert [entry.flavour for entry in chosen.before] == [entry.flavour for entry in chosen.ranges]


def test_the_t0_set_is_found_or_known_to_be_missing(fit: FitFolder) -> None:
    assert api.next_runcard(fit.path).t0_folder is None
    home = fit.path / "postfit" / "mine"
    home.mkdir(parents=True)
    (home / "mine.info").write_text("SetDesc: mine\nNumMembers: 3\n")
    card = api.next_runcard(fit.path, t0="mine", force=True)
    assert (card.t0, card.t0_folder, card.t0_outdated) == ("mine", fit.path / "postfit", False)
    (home / "mine_0001.dat").write_text("PdfType: replica\nFromMCReplica: 3\n---\n")
    assert api.next_runcard(fit.path, t0="mine", force=True).t0_outdated
    with pytest.raises(CommandLineError, match="expected a name of letters"):
        api.next_runcard(fit.path, t0="my set", force=True)


@pytest.mark.parametrize("info", ["NumMembers: none\n", "- a\n", "a: [1\n", "NumMembers: 2\nFormat: hdf5\n"])
def test_fault_38_a_malformed_t0_set_is_named_and_nothing_is_written(fit: FitFolder, info: str) -> None:
    path = fit.path / "postfit" / "toy" / "toy.info"
    path.parent.mkdir(parents=True)
    path.write_text(info)
    with pytest.raises(DataError) as caught:
        api.next_runcard(fit.path)
    assert str(path) in caught.value.message
    assert not Path("toy_next.yml").exists()


def test_old_cards_keep_their_old_keys(fit: FitFolder) -> None:
    scaled = CARD
    for entry in parse_runcard(CARD).fitting.basis:
        assert entry.largex is not None
        scaled = scaled.replace(f", largex: [{entry.largex[0]}, {entry.largex[1]}]", ", mutsize: [15], mutprob: [0.05]")
    scaled = scaled.replace("  layer_type: dense", "  layer_type: dense\n  interpolation_points: 40")
    scaled = scaled.replace("datacuts:\n  t0pdfset: n3fit_dis_t0  # comes with n3fit\n", "datacuts:\n")
    scaled = scaled.replace("mcseed: 519562661\ngenrep: true", "genrep: false\nexperiments: []")
    with pytest.warns(RuncardWarning):
        old = write(scaled)
    with pytest.warns(RuncardWarning) as warned:
        card = api.next_runcard(old.path)
    assert any("parameters.interpolation_points: the old name" in str(entry.message) for entry in warned)
    text = card.path.read_text()
    assert list(card.seeds) == ["trvlseed", "nnseed"]
    assert {entry.largex for entry in card.ranges} == {None}
    assert "datacuts:\n  t0pdfset: toy\n  q2min: 3.49  # GeV2\n" in text
    for kept in ("interpolation_points: 40", "mutsize: [15]", "experiments: []"):
        assert kept in text
    assert "largex" not in text


def test_the_comment_of_the_shipped_t0_set_goes_with_it(fit: FitFolder) -> None:
    text = api.next_runcard(fit.path).path.read_text()
    assert "  t0pdfset: toy\n" in text
    assert "  theoryid: dis_nnlo  # comes with n3fit\n" in text
    own = write(CARD.replace("t0pdfset: n3fit_dis_t0  # comes with n3fit", "t0pdfset: n3fit_dis_t0  # as before"))
    assert "  t0pdfset: toy  # as before\n" in api.next_runcard(own.path, force=True).path.read_text()


def test_a_name_that_looks_like_a_number_stays_a_name(fit: FitFolder) -> None:
    card = api.next_runcard(fit.path, t0="210713")
    assert read_runcard(card.path).datacuts.t0pdfset == "210713"


def test_nothing_is_written_for_a_single_replica(fit: FitFolder) -> None:
    write_postfit(fit.path, select_replicas(fit, count=1))
    with pytest.raises(FitError, match="expected at least 2 good replicas"):
        api.next_runcard(fit.path)
    assert not Path("toy_next.yml").exists()


def test_next_card_of_a_fit_of_nnpdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that n3fit does not know stay, and old cards have their seeds below ``fitting``."""
    monkeypatch.chdir(tmp_path)
    seeds = {key: nnpdf_folders.CARD[key] for key in ("trvlseed", "nnseed", "mcseed")}
    card = {key: value for key, value in nnpdf_folders.CARD.items() if key not in seeds}
    card["fitting"] = {**nnpdf_folders.CARD["fitting"], **seeds}
    fit = read_fit_folder(nnpdf_folders.write_nnpdf_fit(tmp_path / "theirs", range(1, 9), card=card))
    following = api.next_runcard(fit.path)
    written = YAML(typ="safe").load(following.path)
    assert following.path == Path("theirs_next.yml")
    assert written["datacuts"]["t0pdfset"] == "theirs"
    assert written["a_key_of_the_future"] is True
    assert {key: written["fitting"][key] for key in seeds} == following.seeds
    assert set(following.seeds.values()).isdisjoint(seeds.values())
    before = fit.description.preprocessing
    expected = next_ranges(fit.pdf, fit.xgrid, "EVOL", before, source="theirs")
    for entry, wanted, shown in zip(written["fitting"]["basis"], expected, following.ranges, strict=True):
        assert tuple(entry["smallx"]) == shown.smallx == pytest.approx(wanted.smallx, rel=1e-3)
        assert tuple(entry["largex"]) == shown.largex == pytest.approx(wanted.largex, rel=1e-3)
