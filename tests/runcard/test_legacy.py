"""Dead, renamed and not yet supported keys."""

import warnings
from collections.abc import Callable

import pytest

from n3fit.errors import RuncardError
from n3fit.runcard import RuncardWarning, parse_runcard
from n3fit.runcard.legacy import LATER
from n3fit.runcard.old_keys import DEAD, RENAMED
from n3fit.runcard.reference import REFERENCE

Change = Callable[..., str]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ([("trvlseed: 1", "trvlseed: 1\nexperiments: []")], "card:12: experiments"),
        ([("q2min: 3.49", "combocuts: NNPDF31, q2min: 3.49")], "card:9: datacuts.combocuts"),
        ([("  fitbasis: EVOL", "  fitbasis: EVOL\n  rngalgo: 0")], "fitting.rngalgo"),
        ([("  fitbasis: EVOL", "  fitbasis: EVOL\n  ngen: 30000")], "fitting.ngen"),
        ([("fl: sng,", "fl: sng, mutsize: [15],")], r"fitting.basis\[0\].mutsize"),
    ],
)
def test_dead_keys_are_ignored_with_a_warning(changed: Change, changes: list[tuple[str, str]], key: str) -> None:
    with pytest.warns(RuncardWarning, match=key) as caught:
        card = parse_runcard(changed(*changes), name="card")
    assert len(caught) == 1
    assert "without effect" in str(caught[0].message)
    assert card.model_dump() == parse_runcard(changed()).model_dump()


def test_renamed_keys_are_read_under_the_new_name(changed: Change) -> None:
    text = changed(("{dataset: NNPDF_POS_2P24GEV_F2U, maxlambda", "{dataset: NNPDF_POS_2P24GEV_F2U, poslambda"))
    with pytest.warns(RuncardWarning, match=r"posdatasets\[0\].poslambda: the old name of maxlambda"):
        card = parse_runcard(text)
    assert card.positivity.posdatasets[0].maxlambda == 1e6


def test_old_and_new_name_together_are_refused(changed: Change) -> None:
    with pytest.raises(RuncardError, match="expected one of poslambda and maxlambda, received both"):
        parse_runcard(changed(("maxlambda: 1e6", "maxlambda: 1e6, poslambda: 1e6")))


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ([("trvlseed: 1", "trvlseed: 1\nfiatlux: {luxset: x}")], "card:12: fiatlux"),
    ],
)
def test_keys_for_later_are_refused(changed: Change, changes: list[tuple[str, str]], key: str) -> None:
    with pytest.raises(RuncardError, match=f"{key}: this key is known, and not supported yet"):
        parse_runcard(changed(*changes), name="card")


@pytest.mark.parametrize(
    "line",
    [
        "closuretest: {fakedata: false, filterseed: 1}",
        "theorycovmatconfig: None",
        "resample_negative_pseudodata: true",
        "drop_internal_rules: no",
        "fiatlux:",
    ],
)
def test_values_that_switch_nothing_on_are_accepted(changed: Change, line: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        card = parse_runcard(changed(("trvlseed: 1", f"trvlseed: 1\n{line}")))
    assert card.trvlseed == 1


def test_many_old_keys_are_one_warning_for_each_reason(changed: Change) -> None:
    flavour = "mutsize: [15], mutprob: [0.05], pos: false, trainable"
    text = changed(
        ("trainable", flavour),
        ("q2min: 3.49", "combocuts: NNPDF31, jetptcut_tev: 0, wptcut_lhc: 30.0, q2min: 3.49"),
        ("  fitbasis: EVOL", "  fitbasis: EVOL\n  rngalgo: 0\n  ngen: 30000\n  seed: 5"),
        ("genrep: true", "genrep: true\nstopping: {window: 500}\nsampling: {separate_multiplicative: true}"),
    )
    with pytest.warns(RuncardWarning) as caught:
        card = parse_runcard(text, name="card")
    assert [str(warning.message) for warning in caught] == [
        "card:9: datacuts.{combocuts, jetptcut_tev, wptcut_lhc}: without effect: cuts of older programs, which are "
        "rules today",
        "card:15: stopping, fitting.{rngalgo, ngen, seed}, fitting.basis[].{mutsize, mutprob, pos}: without effect: "
        "settings of the genetic algorithm of nnfit",
        "card:16: sampling: without effect: today's key is separate_multiplicative, at the top level",
    ]
    assert card.model_dump() == parse_runcard(changed()).model_dump()


@pytest.mark.parametrize("word", ["false", "False", "off", "no", "null", "None", ""])
@pytest.mark.parametrize("key", ["save", "load"])
def test_save_and_load_are_off(changed: Change, key: str, word: str) -> None:
    card = parse_runcard(changed(("genrep: true", f"genrep: true\n{key}: {word}")))
    assert (card.save, card.load) == (None, None)


@pytest.mark.parametrize("key", ["posdatasets", "integdatasets"])
def test_poslambda_in_both_lists(changed: Change, key: str) -> None:
    value = "1e6" if key == "posdatasets" else "1e2"
    with pytest.warns(RuncardWarning, match=rf"{key}\[0\].poslambda: the old name of maxlambda: use that"):
        card = parse_runcard(changed((f"maxlambda: {value}", f"poslambda: {value}")))
    assert card.model_dump() == parse_runcard(changed()).model_dump()


@pytest.mark.parametrize("block", ["positivity:\n  posdatasets:\n", "positivity:\n"])
def test_penalties_without_sets(changed: Change, block: str) -> None:
    text = changed(("positivity:\n  posdatasets:\n  - {dataset: NNPDF_POS_2P24GEV_F2U, maxlambda: 1e6}\n", block))
    assert parse_runcard(text).positivity.posdatasets == ()


def test_experiments_are_the_data_sets(changed: Change) -> None:
    begin, end = changed().index("dataset_inputs:"), changed().index("datacuts:")
    experiments = """experiments:
- experiment: NMC
  datasets:
  - {dataset: NMC_NC_NOTFIXED_P_EM-SIGMARED, variant: legacy}
- experiment: HERA
  datasets:
  - {dataset: HERA_NC_318GEV_EP-SIGMARED, variant: legacy, frac: 0.5, weight: 2, cfac: [QCD]}
"""
    text = changed((changed()[begin:end], experiments))
    assert parse_runcard(text).model_dump() == parse_runcard(changed()).model_dump()
    with pytest.raises(RuncardError, match=r"card:8: experiments\[1\].datasets\[0\].frac: expected at most 1"):
        parse_runcard(text.replace("frac: 0.5", "frac: 2"), name="card")
    with pytest.warns(RuncardWarning, match="experiments: without effect beside dataset_inputs"):
        parse_runcard(changed(("genrep: true", f"genrep: true\n{experiments}")))
    with pytest.raises(RuncardError, match=r"experiments\[0\]: expected a list of mappings with the key datasets"):
        parse_runcard(changed((changed()[begin:end], "experiments: [NMC]\n")))


def test_keys_that_hold_values_for_aliases(changed: Change) -> None:
    begin, end = changed().index("dataset_inputs:"), changed().index("datacuts:")
    datasets = changed()[begin:end]
    helper = datasets.replace("dataset_inputs:", "NNLODatasets: &sets") + "dataset_inputs: *sets\n"
    assert parse_runcard(changed((datasets, helper))).model_dump() == parse_runcard(changed()).model_dump()
    for text in ("x-common: {a: 1}\n", "x-common: &x {a: 1}\n"):
        assert parse_runcard(text + changed()).model_dump() == parse_runcard(changed()).model_dump()
    with pytest.raises(RuncardError, match="sets: expected a known key"):
        parse_runcard("sets: &unused [1]\n" + changed())
    with pytest.raises(RuncardError, match="received 'set'"):
        parse_runcard(changed(("theoryid: 400", "theoryid: &t 400, set: *t")))


def test_feature_scaling_of_older_cards_has_no_exponents_at_large_x(changed: Change) -> None:
    with pytest.warns(RuncardWarning) as caught:
        card = parse_runcard(changed(("  dropout: 0.0", "  interpolation_points: 5")), name="card")
    assert [str(warning.message) for warning in caught] == [
        "card:24: parameters.interpolation_points: the old name of feature_scaling_points: use that",
        "card:32: fitting.basis[].largex: without effect: feature scaling replaces it",
    ]
    assert card.parameters.feature_scaling_points == 5
    assert all(entry.largex is None for entry in card.fitting.basis)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            [("diagonal_basis: false\n", "")],
            r"dataset_inputs\[1\].frac: without effect beside diagonal_basis: true, where diagonal_frac = 0.75",
        ),
        ([("genrep: true", "genrep: true\nmax_tries: 5")], "max_tries: without effect beside resample_negative"),
        ([("genrep: true", "genrep: true\nthreshold: 1e-4")], "threshold: without effect beside diagonal_basis: false"),
        (
            [("diagonal_basis: false", "metadata_group: nnpdf31_process"), ("  frac: 0.5\n", "")],
            "metadata_group: without effect beside diagonal_basis: true",
        ),
        (
            [("genrep: true", "genrep: true\nmetadata_group: experiment\ndata_grouping: standard_report")],
            "data_grouping: without effect beside metadata_group: experiment",
        ),
        ([("maxlambda: 1e2", "maxlambda: 5")], r"integdatasets\[0\].maxlambda: below parameters.integrability.initial"),
    ],
)
def test_keys_without_effect_beside_others(changed: Change, changes: list[tuple[str, str]], message: str) -> None:
    with pytest.warns(RuncardWarning, match=message) as caught:
        parse_runcard(changed(*changes))
    assert len(caught) == 1


def test_keys_of_a_closure_test_without_one(changed: Change) -> None:
    with pytest.warns(RuncardWarning, match="fakepdf, filterseed: without effect: no closuretest with") as caught:
        card = parse_runcard(changed(("trvlseed: 1", "fakepdf: toy\nfilterseed: 3\ntrvlseed: 1")), name="card")
    assert (len(caught), card.closuretest) == (1, None)


def test_pdf_sets_by_their_number(changed: Change) -> None:
    card = parse_runcard(changed(("t0pdfset: TOYLH_nnlo", "t0pdfset: 331100")), name="card")
    assert card.datacuts.t0pdfset == "331100"


def test_no_key_is_supported_and_not_supported() -> None:
    others = {".".join(part for part in path if part != "*") for path in (*DEAD, *LATER, *RENAMED)}
    assert not others & set(REFERENCE)
