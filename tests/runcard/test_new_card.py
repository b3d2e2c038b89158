"""New runcards: consistent for every fitting basis, with a comment on every key."""

import pytest

from n3fit.data.library import dataset_names
from n3fit.runcard import parse_runcard
from n3fit.runcard.data_presets import PRESETS, ChosenData
from n3fit.runcard.new_card import POSITIVITY_SETS, NewCard, bases_for, integrability_sets
from n3fit.runcard.reference import REFERENCE
from n3fit.theory.bases import FITTING_BASES

SEEDS = {"trvlseed": 1, "nnseed": 2, "mcseed": 3}


def new_card(basis: str, **options: object) -> NewCard:
    everything = frozenset((*POSITIVITY_SETS, *integrability_sets(FITTING_BASES[basis])))
    settings = {"datasets": PRESETS["small"], "theory": 400, "available": everything, "seeds": SEEDS} | options
    if FITTING_BASES[basis].polarised:
        settings |= {"t0": "polarised", "unpolarized": "unpolarised"}
    return NewCard(basis=basis, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("basis", FITTING_BASES)
def test_a_card_of_every_basis_is_valid_and_raises_no_warning(basis: str) -> None:
    card = parse_runcard(new_card(basis).write(), name="card.yml")
    assert card.fitting.flavours == FITTING_BASES[basis].flavours
    assert card.parameters.nodes_per_layer[-1] == len(card.fitting.flavours)
    polarised = FITTING_BASES[basis].polarised
    names = [entry.dataset for entry in card.positivity.posdatasets]
    assert names == [name for name in POSITIVITY_SETS if name.endswith("-POLARIZED") == polarised]
    multipliers = {entry.dataset: entry.maxlambda for entry in card.positivity.posdatasets}
    if not polarised:
        assert (multipliers["NNPDF_POS_2P24GEV_DYU"], multipliers["NNPDF_POS_2P24GEV_XGL"]) == (1e10, 1e6)
    assert (card.positivity_bound is not None) == polarised
    assert (card.datacuts.q2min, card.datacuts.w2min) == ((1, 4) if polarised else (3.49, 12.5))
    assert (card.trvlseed, card.nnseed, card.mcseed) == (1, 2, 3)


@pytest.mark.parametrize("basis", FITTING_BASES)
def test_valence_is_integrable_where_its_sum_rules_are(basis: str) -> None:
    """Exponents alpha below 1 keep the number of valence quarks finite."""
    for entry in parse_runcard(new_card(basis).write(), name="card.yml").fitting.basis:
        if entry.fl in ("v", "v3", "v8", "v15"):
            assert entry.smallx[1] < 1


def test_every_key_has_its_meaning_as_a_comment() -> None:
    text = " ".join(line.strip().lstrip("#").strip() for line in new_card("EVOL").write().splitlines())
    for key in ("theory.theoryid", "datacuts.q2min", "parameters.epochs", "fitting.fitbasis", "fitting.basis.fl"):
        assert REFERENCE[key] in text


def test_only_sets_that_the_theory_has() -> None:
    few = frozenset(("NNPDF_POS_2P24GEV_FLL", "NNPDF_INTEG_3GEV_XT3"))
    card = parse_runcard(new_card("EVOL", available=few).write(), name="card.yml")
    assert [entry.dataset for entry in card.positivity.posdatasets] == ["NNPDF_POS_2P24GEV_FLL"]
    assert [entry.dataset for entry in card.integrability.integdatasets] == ["NNPDF_INTEG_3GEV_XT3"]
    assert [rule.rule for rule in card.added_filter_rules] == ["x > 5.0e-7"]
    none = parse_runcard(new_card("EVOL", available=frozenset()).write(), name="card.yml")
    assert (none.positivity.posdatasets, none.integrability.integdatasets, none.added_filter_rules) == ((), (), ())


def test_factors_that_are_not_applied_are_named() -> None:
    datasets = (ChosenData("A", None, ("QCD",)), ChosenData("B"))
    text = new_card("EVOL", datasets=datasets, kfactors={"A": ("NRM", "QCD"), "B": ()}).write()
    assert "# the data sets; K-factors of the theory that are not applied (cfac): A [NRM]" in text
    assert "  - {dataset: A, cfac: [QCD]}" in text


def test_bases_by_charm() -> None:
    assert bases_for(fitted_charm=True)[0] == "EVOL"
    assert bases_for(fitted_charm=False)[0] == "NN31PC"
    assert {*bases_for(fitted_charm=True), *bases_for(fitted_charm=False)} == set(FITTING_BASES)


def test_sets_of_penalties_exist_in_the_data_library() -> None:
    known = set(dataset_names())
    for basis in FITTING_BASES.values():
        assert known.issuperset(integrability_sets(basis))
    assert known.issuperset(POSITIVITY_SETS)
