"""Finding and opening theories."""

import json

import numpy as np
import pytest

from n3fit.data.nnpdf_profile import PROFILE_VARIABLE
from n3fit.defaults import EMBEDDED_THEORY
from n3fit.errors import TheoryError
from n3fit.storage import sha256_of_file
from n3fit.theory.tables.fk_writer import write_fk_table
from n3fit.theory.theories import fits_charm, open_theory, read_theory_card
from n3fit.theory.theory_folders import THEORY_PATH_VARIABLE, available_theories


def make_theory(folder, *, card="Q0: 1.65\nIC: 1\n", q0=1.65, name="theory_7", checksum=None):
    """Write a theory with the tables ONE and TWO."""
    theory = folder / name
    (theory / "fastkernel").mkdir(parents=True)
    for table in ("ONE", "TWO"):
        path = theory / "fastkernel" / f"{table}.pineappl.lz4"
        write_fk_table(path, np.ones((2, 1, 3)), pids=(21,), xgrid=np.array([0.1, 0.5, 1.0]), q0=q0, metadata={})
    if card is not None:
        (theory / "theory.yaml").write_text(card)
    if checksum is not None:
        (theory / "manifest.json").write_text(json.dumps({"tables": {"ONE": {"sha256": checksum}}}))
    return theory


def test_opens_and_loads(tmp_path):
    folder = make_theory(tmp_path)
    for path in (tmp_path, folder):
        theory = open_theory(7, path=path)
        assert (theory.identifier, theory.folder, theory.q0, theory.fitted_charm) == ("7", folder, 1.65, True)
        assert theory.table_names() == ["ONE", "TWO"]
        assert theory.load_table("TWO").ndata == 2
    with pytest.raises(TypeError):
        theory.card["Q0"] = 2.0


def test_card_named_as_the_theory(tmp_path):
    folder = make_theory(tmp_path, card=None)
    with pytest.raises(TheoryError, match=r"no theory card, expected theory.yaml or 7.yaml"):
        open_theory(7, path=tmp_path)
    (folder / "7.yaml").write_text("Q0: 1.65\n")
    assert not open_theory(7, path=tmp_path).fitted_charm


def test_card_of_the_data_library(tmp_path):
    """nnpdf keeps its theory cards in nnpdf-data, beside none of the tables."""
    make_theory(tmp_path, card=None, name="theory_708")
    theory = open_theory(708, path=tmp_path)
    assert (theory.q0, theory.fitted_charm, theory.card["FNS"]) == (1.65, True, "FONLL-C")
    assert theory.load_table("ONE").ndata == 2
    assert dict(theory.card) == read_theory_card(708)
    assert read_theory_card(40_000_000)["PTO"] == 2
    (tmp_path / "theory_708" / "theory.yaml").write_text("Q0: 1.65\nIC: 0\n")
    assert not open_theory(708, path=tmp_path).fitted_charm
    assert read_theory_card(708, path=tmp_path) == {"Q0": 1.65, "IC": 0}


def test_theory_of_which_only_the_card_is_there(tmp_path):
    with pytest.raises(TheoryError, match="theory 708 was not found in .*; only its card is there, in nnpdf-data;"):
        open_theory(708, path=tmp_path)
    with pytest.raises(TheoryError, match=r"theory \.\./708: there is no theory card"):
        read_theory_card("../708")


def test_tables_of_the_old_format_are_named_as_such(tmp_path):
    folder = make_theory(tmp_path)
    for path in (folder / "fastkernel").iterdir():
        path.rename(path.with_name(f"FK_{path.name[:3]}.dat"))
    (folder / "compound").mkdir()
    with pytest.raises(TheoryError, match=r"received those of the old format \(FK_\*\.dat\)"):
        open_theory(7, path=tmp_path)


def test_share_folder_of_an_installation_of_nnpdf(tmp_path, monkeypatch):
    make_theory(tmp_path / "share" / "theories")
    profile = tmp_path / "nnprofile.yaml"
    profile.write_text(f"nnpdf_share: {tmp_path / 'share'}\n")
    monkeypatch.setenv(PROFILE_VARIABLE, str(profile))
    assert open_theory(7).folder == tmp_path / "share" / "theories" / "theory_7"
    make_theory(tmp_path / "mine", card="Q0: 2.0\n")
    monkeypatch.setenv(THEORY_PATH_VARIABLE, str(tmp_path / "mine"))
    assert open_theory(7).q0 == 2.0


def test_pointer_of_a_table_is_named_as_such(tmp_path):
    folder = make_theory(tmp_path)
    (folder / "fastkernel" / "ONE.pineappl.lz4").write_text("version https://git-lfs.github.com/spec/v1\nsize 5\n")
    with pytest.raises(TheoryError, match=r"ONE\.pineappl\.lz4: a Git-LFS pointer, not the file itself") as caught:
        open_theory(7, path=tmp_path).load_table("ONE")
    assert "git lfs pull" in caught.value.hint


def test_environment_variable(tmp_path, monkeypatch):
    make_theory(tmp_path / "a", card="Q0: 1.0\n")
    make_theory(tmp_path / "b", card="Q0: 2.0\n")
    make_theory(tmp_path / "b", name="theory_8", card="Q0: 3.0\n")
    monkeypatch.setenv(THEORY_PATH_VARIABLE, f"{tmp_path / 'a'}:{tmp_path / 'b'}")
    assert [open_theory(number).q0 for number in (7, 8)] == [1.0, 3.0]
    assert open_theory(7, path=tmp_path / "b").q0 == 2.0
    assert set(available_theories()) == {"7", "8", EMBEDDED_THEORY}


def test_missing_theory_names_those_that_exist(tmp_path, monkeypatch):
    monkeypatch.delenv(THEORY_PATH_VARIABLE, raising=False)
    make_theory(tmp_path)
    with pytest.raises(TheoryError, match=f"theory 400 was not found in .*; found: 7, {EMBEDDED_THEORY}") as caught:
        open_theory(400, path=tmp_path)
    assert "--theory-path" in caught.value.hint
    assert caught.value.exit_code == 3


def test_missing_table_names_the_nearest(tmp_path):
    make_theory(tmp_path)
    with pytest.raises(TheoryError, match="theory 7: there is no table 'ONA'") as caught:
        open_theory(7, path=tmp_path).load_table("ONA")
    assert "ONE" in caught.value.hint


@pytest.mark.parametrize("card", ["Q0: [1", "just text", "PTO: 2\n", "Q0: high\n", "- 1\n"])
def test_broken_card(card, tmp_path):
    make_theory(tmp_path, card=card)
    with pytest.raises(TheoryError, match=r"theory\.yaml(:\d: not valid YAML|: expected a theory card with)"):
        open_theory(7, path=tmp_path)


def test_broken_manifest(tmp_path):
    folder = make_theory(tmp_path)
    for text in ("{", "[]", '{"tables": {"ONE": {}}}'):
        (folder / "manifest.json").write_text(text)
        with pytest.raises(TheoryError, match=r"manifest\.json: (not |expected a JSON object)") as caught:
            open_theory(7, path=tmp_path)
        assert caught.value.hint == "install the theory again"


def test_fault_33_table_of_another_initial_scale(tmp_path):
    make_theory(tmp_path, q0=1.0)
    with pytest.raises(TheoryError, match="expected the initial scale 1.65 GeV of theory 7, received 1 GeV"):
        open_theory(7, path=tmp_path).load_table("ONE")


def test_fault_34_checksum(tmp_path):
    folder = make_theory(tmp_path, checksum="0" * 64)
    with pytest.raises(TheoryError, match=r"the checksum 000000000000\.\.\. of the manifest of theory 7") as caught:
        open_theory(7, path=tmp_path).load_table("ONE")
    assert "install the theory again" in caught.value.hint
    right = sha256_of_file(folder / "fastkernel" / "ONE.pineappl.lz4")
    (folder / "manifest.json").write_text(json.dumps({"tables": {"ONE": {"sha256": right}}}))
    assert open_theory(7, path=tmp_path).load_table("ONE").sha256 == right


def test_embedded_theory():
    theory = open_theory(EMBEDDED_THEORY)
    assert theory.fitted_charm
    assert theory.q0 == 1.65
    assert set(theory.checksums) == set(theory.table_names())
    assert theory.load_table("INTEGXT8").xgrid == pytest.approx([1e-9])


def test_cards_without_tables(tmp_path):
    make_theory(tmp_path, card="Q0: 1.65\nPTO: 1\n", name="theory_708")
    assert read_theory_card(708, path=tmp_path)["PTO"] == 1
    library = read_theory_card(708)
    assert (library["ID"], library["PTO"], library["FNS"], library["IC"]) == (708, 2, "FONLL-C", 1)
    make_theory(tmp_path, card=None, name="theory_701")
    assert read_theory_card(701, path=tmp_path)["PTO"] == 1
    assert fits_charm(read_theory_card(EMBEDDED_THEORY))
    with pytest.raises(TheoryError, match=r"theory 7: there is no theory card"):
        read_theory_card(7)
