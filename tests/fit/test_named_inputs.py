"""What a runcard names is found as a whole, and what is missing or does not fit is named."""

import shutil
from dataclasses import replace

import pytest

from n3fit.errors import DataError, N3fitError, TheoryError
from n3fit.fit import named_inputs
from n3fit.fit.named_inputs import NamedInputs, find_inputs
from n3fit.paths import SearchPaths
from n3fit.progress import NullReporter
from n3fit.theory.theories import open_theory


def find(card, pdf_sets, *, fitted: bool = True) -> NamedInputs:
    return find_inputs(card, SearchPaths(pdf_sets=pdf_sets), progress=NullReporter(), fitted=fitted)


def test_everything_that_is_missing_is_named_together(card, toy_pdf_sets):
    data = [{"dataset": "ATLAS_Z0J_8TEV_PT-Y"}, {"dataset": "HERA_CC_318GEV_EM-SIGMARED", "variant": "legacy"}]
    with pytest.raises(N3fitError) as caught:
        find(card(dataset_inputs=data, datacuts={"t0pdfset": "toi"}), toy_pdf_sets)
    lines = caught.value.message.splitlines()
    assert len(lines) == 2, lines
    assert "'toi'" in lines[0]
    assert "ATLAS_Z0J_8TEV_PT-Y" in lines[1]


def test_data_that_are_not_fitted_need_no_penalties(card, toy_pdf_sets):
    fitted, compared = find(card(), toy_pdf_sets), find(card(), toy_pdf_sets, fitted=False)
    assert [len(named.penalties) for named in (fitted, compared)] == [2, 0]
    assert [len(named.requests) for named in (fitted, compared)] == [1, 1]


def test_fault_33_a_theory_without_fitted_charm_is_refused(card, toy_pdf_sets, monkeypatch):
    theory = open_theory("dis_nnlo")
    without = replace(theory, card=dict(theory.card) | {"IC": 0})
    monkeypatch.setattr(named_inputs, "open_theory", lambda theoryid, path: without)
    with pytest.raises(TheoryError, match="fits charm"):
        find(card(), toy_pdf_sets)


@pytest.mark.parametrize(("changes", "noted"), [({"QED": 2}, True), ({"FNS": "FONLL-B", "TMC": 3}, False)])
def test_theory_that_cannot_be_evolved_is_named_and_fitted(card, toy_pdf_sets, monkeypatch, caplog, changes, noted):
    theory = open_theory("dis_nnlo")
    other = replace(theory, card=dict(theory.card) | changes)
    monkeypatch.setattr(named_inputs, "open_theory", lambda theoryid, path: other)
    find(card(), toy_pdf_sets)
    notes = [record.getMessage() for record in caplog.records]
    expected = "n3fit evolve will refuse it: theory dis_nnlo: the evolution of n3fit does not have QED: 2"
    assert [expected in note for note in notes] == [True] * noted


def test_an_unknown_t0_set_is_named(card):
    with pytest.raises(DataError, match="did you mean 'n3fit_dis_t0'"):
        find(card(datacuts={"t0pdfset": "n3fit_dis_t1"}), None)


@pytest.mark.parametrize("key", ["datacuts.t0pdfset", "closuretest.fakepdf"])
def test_sets_of_other_particles_are_refused(card, toy_pdf_sets, tmp_path, key):
    home = tmp_path / "lead"
    shutil.copytree(toy_pdf_sets / "toy", home)
    (home / "lead.info").write_text((home / "toy.info").read_text() + "Particle: 1000822080\n")
    closure = {"closuretest": {"level": 0, "fakepdf": "lead"}, "genrep": False, "datacuts": {}}
    changes = closure if key.startswith("closuretest") else {"datacuts": {"t0pdfset": "lead"}}
    with pytest.raises(DataError, match=f"{key}: expected PDFs of the proton, received PDFs of the particle"):
        find(card(**changes), tmp_path)


def test_an_unknown_truth_of_a_closure_test_is_named_with_its_key(card, toy_pdf_sets):
    with pytest.raises(DataError, match=r"closuretest.fakepdf: the PDF set 'toi' .*did you mean 'toy'"):
        find(card(closuretest={"level": 0, "fakepdf": "toi"}, genrep=False), toy_pdf_sets)
