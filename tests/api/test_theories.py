"""Theories that a runcard can name."""

import shutil
from pathlib import Path

import pytest
from support.progress import RecordedSteps

from n3fit import api
from n3fit.errors import TheoryError
from n3fit.theory.theories import open_theory
from n3fit.theory.theory_folders import user_theories_folder


def test_the_embedded_theory_is_listed():
    (embedded,) = [entry for entry in api.list_theories(theory_path=".") if entry.identifier == "dis_nnlo"]
    assert (embedded.order, embedded.q0) == ("NNLO", 1.65)
    assert embedded.tables >= 32


def test_a_theory_that_is_not_there_cannot_be_checked(tmp_path):
    with pytest.raises(TheoryError, match="4711") as caught:
        api.check_theory(4711, theory_path=str(tmp_path))
    assert caught.value.exit_code == 3


def test_a_broken_theory_does_not_hide_the_others(tmp_path):
    for name, card in (("7", None), ("8", "Q0: [1"), ("9", "Q0: 1.65\nPTO: 3\nQED: 2\n"), ("10", "Q0: 1.65\nFNS: X\n")):
        (tmp_path / f"theory_{name}" / "fastkernel").mkdir(parents=True)
        if card is not None:
            (tmp_path / f"theory_{name}" / "theory.yaml").write_text(card)
    found = {entry.identifier: entry for entry in api.list_theories(theory_path=tmp_path)}
    assert "there is no theory card" in found["7"].problem
    assert "theory.yaml:1: not valid YAML" in found["8"].problem
    assert (found["9"].order, found["9"].problem) == ("N3LO", "")
    assert found["9"].evolution == ("PTO: 3 (N3LO evolution)", "QED: 2 (evolution with the photon)")
    assert "FNS: expected" in found["10"].problem
    assert found["dis_nnlo"].evolution == ()


def test_a_theory_is_built_from_a_card_with_another_coupling(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr("n3fit.theory.tables.build.build_theory", lambda *args, **kwargs: calls.append((args, kwargs)))
    progress = RecordedSteps()
    api.build_theory(708, settings=["AlphaS=0.119"], progress=progress)
    api.build_theory("dis_nnlo", output=tmp_path / "theory_new", tables=["INTEGXT3"], jobs=3, resume=False)
    (first, second) = calls
    assert len(first[1]["tables"]) > 30
    assert [table.name for table in second[1]["tables"]] == ["INTEGXT3"]
    assert first[0] == (user_theories_folder() / "theory_708_alphas0.119",)
    assert (first[1]["card"]["ID"], first[1]["card"]["alphas"]) == ("708_alphas0.119", 0.119)
    assert second[0] == (tmp_path / "theory_new",)
    assert (second[1]["card"]["ID"], second[1]["jobs"], second[1]["resume"]) == ("new", 3, False)


def test_a_theory_is_built_from_grids(tmp_path, monkeypatch):
    pytest.importorskip("pineappl")
    calls = []
    monkeypatch.setattr(
        "n3fit.theory.tables.grids.build.build_from_grids", lambda *args, **kwargs: calls.append((args, kwargs))
    )
    progress = RecordedSteps()
    api.build_theory(708, settings=["AlphaS=0.119"], grids="folder", progress=progress)
    ((arguments, options),) = calls
    assert arguments[0].alphas == 0.119
    assert arguments[1:] == (Path("folder"), user_theories_folder() / "theory_708_alphas0.119")
    assert options["card_mapping"]["ID"] == "708_alphas0.119"
    assert progress.messages[0].startswith("keys of the card without effect on its tables: ")
    assert "CKM" in progress.messages[0]


def test_grids_and_a_choice_of_tables_exclude_each_other(tmp_path):
    with pytest.raises(TheoryError, match="received both"):
        api.build_theory(708, grids=tmp_path, tables=["INTEGXT3"], output=tmp_path / "theory_708")


@pytest.mark.parametrize(
    ("card", "settings", "message"),
    [
        (722, (), r"722: the tables of n3fit do not have PTO: 3 \(N3LO evolution\)"),
        (702, (), r"702: .* QED: 2 \(evolution with the photon\)"),
        (708, ("PTO=1",), r"FNS: FONLL-C beside PTO: 1 \(FONLL-C is NNLO\)"),
        (708, ("nf0=five",), "708: nf0: expected int, received 'five'"),
        (708, ("alphas=true",), "708: alphas: expected float, received True"),
        (708, ("Q0=.inf",), "708: Q0: expected float, received inf"),
    ],
)
def test_theories_that_cannot_be_built_are_one_line(tmp_path, card, settings, message):
    with pytest.raises(TheoryError, match=message) as error:
        api.build_theory(card, settings=settings, output=tmp_path / "theory_new")
    assert "\n" not in str(error.value)
    assert not (tmp_path / "theory_new").exists()


@pytest.mark.parametrize(
    ("card", "settings", "message"),
    [
        ("PTO: 2\n", (), "lacks FNS, ModEv, alphas, Qref"),
        ("PTO: [\n", (), "not valid YAML"),
        ("- 1\n", (), "expected a theory card"),
        ("PTO: 2\nalpha: 0.118\n", (), "expected keys of theory cards, received 'alpha'"),
        ("PTO: 2\n", ("alphas",), "expected KEY=VALUE"),
    ],
)
def test_cards_that_cannot_be_built_are_one_line(tmp_path, card, settings, message):
    path = tmp_path / "card.yaml"
    path.write_text(card)
    with pytest.raises(TheoryError, match=message) as error:
        api.build_theory(path, settings=settings, output=tmp_path / "theory_new")
    assert "\n" not in str(error.value)
    assert not (tmp_path / "theory_new").exists()


def test_a_theory_is_checked_by_name_and_by_folder(tmp_path, monkeypatch):
    folder = tmp_path / "theory_mine"
    (folder / "fastkernel").mkdir(parents=True)
    source = open_theory("dis_nnlo")
    shutil.copy(source.table_path("INTEGXT8"), folder / "fastkernel")
    shutil.copy(source.folder / "theory.yaml", folder)
    monkeypatch.chdir(tmp_path)
    for name, path in (("mine", tmp_path), (folder, None), ("theory_mine", None), ("./theory_mine", None)):
        report = api.check_theory(name, theory_path=path)
        assert [(row.name, row.reference, row.passed) for row in report.rows] == [("INTEGXT8", "PDF at Q0", True)]
        assert [dataset.name for dataset in report.datasets] == ["NNPDF_INTEG_3GEV_XT8"]


def test_folders_without_tables_or_card_are_named(tmp_path):
    with pytest.raises(TheoryError, match="expected the folder of a theory with fastkernel/"):
        api.check_theory(tmp_path)
    (tmp_path / "fastkernel").mkdir()
    with pytest.raises(TheoryError, match="there is no theory card"):
        api.check_theory(tmp_path)
