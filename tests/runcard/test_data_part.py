"""Runcards of commands that do not fit: the keys of the fit may be missing or wrong."""

from __future__ import annotations

import pytest

from n3fit.errors import RuncardError
from n3fit.runcard import parse_runcard
from n3fit.runcard.data_part import FIT_KEYS
from n3fit.runcard.schema import Runcard

SHORTEST = "dataset_inputs:\n- {dataset: SLAC_NC_NOTFIXED_P_EM-F2, variant: legacy_dw}\ntheory: {theoryid: 400}\n"


def test_data_and_theory_suffice() -> None:
    card = parse_runcard(SHORTEST + "datacuts: {t0pdfset: toy, q2min: 5}\n", fitted=False)
    assert card.theory.theoryid == 400
    assert (card.datacuts.t0pdfset, card.datacuts.q2min) == ("toy", 5.0)
    assert card.closure_level is None
    with pytest.raises(RuncardError, match="parameters"):
        parse_runcard(SHORTEST)


def test_keys_of_the_fit_are_not_checked() -> None:
    wrong = "parameters: {epochs: -1}\nfitting: {fitbasis: unknown}\ntrvlseed: none\nkfold: {partitions: []}\n"
    assert parse_runcard(SHORTEST + wrong, fitted=False).dataset_inputs[0].variant == "legacy_dw"


def test_keys_of_the_data_are_checked_all_at_once() -> None:
    with pytest.raises(RuncardError) as caught:
        parse_runcard("datacuts: {q2min: low}\ndataset_input: []\n", name="card.yml", fitted=False)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert "card.yml:1: datacuts.q2min" in lines[1] or "card.yml:1: datacuts.q2min" in lines[0]
    assert any("did you mean 'dataset_inputs'" in line for line in lines)
    assert any("theory: expected this key" in line for line in lines)


def test_closure_test_keeps_its_level() -> None:
    text = SHORTEST + "closuretest: {fakedata: true, fakepdf: toy, fakenoise: true, filterseed: 1}\n"
    assert parse_runcard(text, fitted=False).closure_level == 2
    assert parse_runcard(text + "genrep: false\n", fitted=False).closure_level == 1


def test_keys_of_the_fit_are_keys_or_known_for_later() -> None:
    known = {key for key in FIT_KEYS if key in Runcard.model_fields}
    assert {"trvlseed", "nnseed", "fitting", "parameters"} <= known
    required = {name for name, field in Runcard.model_fields.items() if field.is_required()}
    assert required - FIT_KEYS == {"dataset_inputs", "theory"}


def test_polarised_cards_keep_their_unpolarised_pdf() -> None:
    text = SHORTEST + (
        "fitting: {fitbasis: POLARIZED_EVOL}\npositivity_bound: {unpolarized_bc: toy}\n"
        "datacuts: {t0pdfset: polarised, unpolarized_bc: toy}\n"
    )
    card = parse_runcard(text, fitted=False)
    assert card.positivity_bound is not None
    assert (card.positivity_bound.unpolarized_bc, card.datacuts.unpolarized_bc) == ("toy", "toy")
