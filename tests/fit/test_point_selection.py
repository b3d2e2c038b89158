"""The points that a fit keeps: rules of the runcard, and the choices of use_cuts."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import problems

from n3fit.data import covariance_matrix, load_commondata
from n3fit.data.fk_masks import mask_path, mask_text
from n3fit.data.nnpdf_profile import PROFILE_VARIABLE
from n3fit.errors import DataError, RuncardError, TheoryError
from n3fit.fit.card_cuts import theory_features
from n3fit.fit.point_selection import SelectedPoints, select_fit_points
from n3fit.lhapdf.pdf_sets import load_pdf_set
from n3fit.paths import SearchPaths
from n3fit.progress import NullReporter
from n3fit.runcard import Runcard, RuncardWarning
from n3fit.theory.predictions import observable_of, predict
from n3fit.theory.theories import open_theory, read_theory_card

CC, CHARM, LHCB = "HERA_CC_318GEV_EP-SIGMARED", "HERA_NC_318GEV_EAVG_CHARM-SIGMARED", "LHCB_Z0_7TEV_MUON_Y"
NNLO, NLO = 708, 701  # theories of which nnpdf-data has the card
SETS = ({"dataset": CC, "variant": "legacy"}, {"dataset": CHARM, "variant": "legacy"}, {"dataset": LHCB})
PROGRESS = NullReporter()


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """Keep the cache of the tests apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("N3FIT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


def card_of(theoryid: int | str = NNLO, sets: Any = SETS, **changes: Any) -> Runcard:
    base = problems.make_runcard().model_dump()
    plain = {"positivity": {}, "integrability": {}, "added_filter_rules": (), "dataset_inputs": sets}
    return Runcard.model_validate(base | plain | {"theory": {"theoryid": theoryid}} | changes)


def select(card: Runcard, paths: SearchPaths | None = None) -> SelectedPoints:
    theory_card = read_theory_card(card.theory.theoryid)
    return select_fit_points(card, theory_card, paths or SearchPaths(), progress=PROGRESS)


def counts(card: Runcard) -> tuple[int, ...]:
    return tuple(int(selection.kept.sum()) for selection in select(card).datasets)


def test_default_cuts_follow_the_theory() -> None:
    assert counts(card_of(NNLO)) == (39, 37, 15)
    assert counts(card_of(NLO)) == (39, 47, 17)


def test_theories_without_order_or_scheme_are_refused() -> None:
    features = theory_features({"PTO": 3, "FNS": "FONLL-E", "IC": 0}, 1)
    assert (features.order, features.scheme, features.fitted_charm) == (3, "FONLL-E", False)
    with pytest.raises(TheoryError, match="the card of theory 12: expected the order PTO and .*received None and 'X'"):
        theory_features({"FNS": "X"}, 12)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"drop_internal_rules": [LHCB]}, (39, 37, 17)),
        ({"filter_rules": [{"dataset": CC, "rule": "Q2 > 5000"}]}, (6, 52, 17)),
        ({"filter_rules": [], "added_filter_rules": [{"process_type": "DIS_ALL", "rule": "Q2 > 5000"}]}, (6, 0, 17)),
        ({"added_filter_rules": [{"dataset": LHCB, "rule": "idat != 16", "PTO": "N2LO+"}]}, (39, 37, 14)),
        ({"added_filter_rules": [{"dataset": LHCB, "rule": "idat != 16", "PTO": "NLO"}]}, (39, 37, 15)),
        ({"added_filter_rules": [{"dataset": LHCB, "rule": "idat != 16", "FNS": "FONLL-A"}]}, (39, 37, 15)),
        ({"added_filter_rules": [{"dataset": LHCB, "rule": "idat != 16", "IC": False}]}, (39, 37, 15)),
        ({"datacuts": {"q2min": 5000}}, (6, 0, 15)),
        ({"filter_defaults": {"q2min": 5000, "w2min": 1}}, (6, 0, 15)),
        ({"datacuts": {"use_cuts": "nocuts"}}, (39, 52, 17)),
    ],
)
def test_keys_of_cuts(changes, expected) -> None:
    assert np.count_nonzero(load_commondata(CC, "legacy").q2 > 5000) == 6
    assert counts(card_of(**changes)) == expected


def test_a_limit_with_two_values_is_refused() -> None:
    card = card_of(filter_defaults={"q2min": 4}, datacuts={"q2min": 5})
    with pytest.raises(
        RuncardError, match="datacuts.q2min: expected the value of filter_defaults.q2min, 4, received 5"
    ):
        select(card)
    assert counts(card_of(filter_defaults={"q2min": 5000, "w2min": 1}, datacuts={"q2min": 5000}))[0] == 6


def test_a_limit_that_filter_defaults_leaves_out_is_not_defined() -> None:
    with pytest.raises(DataError, match="expected a variable of this data set, received 'w2min'"):
        select(card_of(filter_defaults={"q2min": 4}))


def test_old_names_in_rules_mean_the_data_set_of_today() -> None:
    sets = [{"dataset": "SLAC_NC_NOTFIXED_P_EM-F2", "variant": "legacy_dw"}]
    rules = [{"dataset": "SLACP_dwsh", "rule": "x > 0.3"}]
    assert counts(card_of(sets=sets)) == (33,)
    assert counts(card_of(sets=sets, added_filter_rules=rules)) == (14,)
    assert counts(card_of(sets=[{"dataset": "SLACP_dwsh"}], added_filter_rules=rules)) == (14,)


def test_rules_about_no_data_set_of_the_fit_are_warned_of() -> None:
    rules = [{"dataset": "CMS_1JET_8TEV_PTY", "rule": "pT > 100"}, {"process_type": "POS_XPDF", "rule": "x > 0.1"}]
    with pytest.warns(RuncardWarning) as caught:
        select(card_of(added_filter_rules=rules))
    assert [str(entry.message) for entry in caught] == [
        "added_filter_rules[0]: the rule is about no data set of this fit: CMS_1JET_8TEV_PTY is not in it",
        "added_filter_rules[1]: the rule is about no data set of this fit: POS_XPDF is not in it",
    ]


def test_names_without_a_default_cut_to_drop_are_warned_of() -> None:
    with pytest.warns(RuncardWarning, match=rf"drop_internal_rules: without effect for {CC}, CMS_1JET_8TEV_PTY: no "):
        select(card_of(drop_internal_rules=[LHCB, CC, "CMS_1JET_8TEV_PTY"]))


def test_rules_on_what_does_not_exist_are_refused_all_at_once() -> None:
    rules = [
        {"dataset": "LHCB_Z0_7TEV_MUON_Z", "rule": "y > 3"},
        {"process_type": "DIS_NCP", "rule": "Q2 > 20"},
        {"dataset": "HERA_CC_318GEV_EP_SIGMARED", "process_type": "DIS_ALL", "rule": "Q2 > 20"},
    ]
    with pytest.raises(RuncardError) as caught:
        select(card_of(added_filter_rules=rules, drop_internal_rules=["LHCB_Z0_7TEV_MUON"]))
    assert caught.value.message.splitlines() == [
        "added_filter_rules[0].dataset: expected the name of a data set, received LHCB_Z0_7TEV_MUON_Z "
        "(did you mean 'LHCB_Z0_7TEV_MUON_Y'?)",
        "added_filter_rules[1].process_type: expected a type of process, received DIS_NCP (did you mean 'DIS_NC'?)",
        "added_filter_rules[2].dataset: expected the name of a data set, received HERA_CC_318GEV_EP_SIGMARED "
        "(did you mean 'HERA_CC_318GEV_EP-SIGMARED'?)",
        "drop_internal_rules[0]: expected the name of a data set, received LHCB_Z0_7TEV_MUON "
        "(did you mean 'LHCB_Z0_7TEV_MUON_Y'?)",
    ]


def test_penalty_sets_have_the_rules_of_the_card_and_no_intersection() -> None:
    changes = {
        "positivity": {"posdatasets": [{"dataset": "NNPDF_POS_2P24GEV_XGL", "maxlambda": 1e6}]},
        "integrability": {"integdatasets": [{"dataset": "NNPDF_INTEG_3GEV_XT3", "maxlambda": 1e2}]},
        "added_filter_rules": [{"process_type": "POS_XPDF", "rule": "x > 0.1"}],
    }
    for choice in ("internal", "nocuts"):
        (gluon,), (t3,) = (select(card_of(**changes, datacuts={"use_cuts": choice})).positivity,
                           select(card_of(**changes)).integrability)  # fmt: skip
        assert (int(gluon.kept.sum()), int(t3.kept.sum())) == (10, 1)


def test_intersection_of_cuts() -> None:
    spec = [{"theoryid": NNLO}, {"theoryid": NLO, "q2min": 400}]
    sets = [
        {"dataset": "HERA_CC_318GEV_EM-SIGMARED", "variant": "legacy"},
        *SETS,
    ]
    card = card_of(NLO, sets, datacuts={"use_cuts": "fromintersection"}, cuts_intersection_spec=spec)
    assert counts(card) == (37, 34, 3, 15)
    *_, lhcb = select(card).datasets
    assert [removal.origin for removal in lhcb.removals] == ["cuts_intersection_spec[0], default"]
    rules = [{"dataset": LHCB, "rule": "idat < 3"}]
    spec = [{"added_filter_rules": rules}, {"theoryid": NLO, "drop_internal_rules": [LHCB]}]
    card = card_of(NNLO, datacuts={"use_cuts": "fromintersection"}, cuts_intersection_spec=spec)
    assert counts(card) == (39, 37, 1)
    origins = [removal.origin for removal in select(card).datasets[2].removals]
    assert origins == ["cuts_intersection_spec[0], default", "cuts_intersection_spec[0].added_filter_rules[0]"]


def test_keys_of_other_choices_are_named_as_without_effect() -> None:
    with pytest.warns(RuncardWarning) as caught:
        select(card_of(cuts_intersection_spec=[{"theoryid": NLO}], fit="elsewhere"))
    assert [str(entry.message).partition(":")[0] for entry in caught] == ["cuts_intersection_spec", "fit"]


def write_masks(folder: Path, masks: dict[str, list[int]]) -> Path:
    for name, rows in masks.items():
        path = folder / mask_path(name)
        path.parent.mkdir(parents=True)
        path.write_text(mask_text(rows))
    return folder


def test_points_of_another_fit(tmp_path) -> None:
    # of an old name; of a set without a file, which keeps all; and of one that the fit does not have
    fit = write_masks(tmp_path / "NNPDF31", {"HERACOMBCCEP": [0, 4, 38]})
    (fit / mask_path(CHARM)).parent.mkdir()
    card = card_of(datacuts={"use_cuts": "fromfit"}, fit=str(fit))
    with pytest.warns(RuncardWarning, match=f"{LHCB} is not in the fit .*NNPDF31: all its 17 points are kept"):
        selection, charm, lhcb = select(card).datasets
    np.testing.assert_array_equal(selection.select().indices, [0, 4, 38])
    assert selection.removals[0].condition == "a point of the fit NNPDF31"
    assert (int(charm.kept.sum()), int(lhcb.kept.sum())) == (52, 17)


def test_fits_of_an_installed_nnpdf_are_found_by_name(tmp_path, monkeypatch) -> None:
    write_masks(tmp_path / "share" / "results" / "NNPDF31", {CC: [7]})
    profile = tmp_path / "profile.yaml"
    profile.write_text(f"nnpdf_share: {tmp_path / 'share'}")
    monkeypatch.setenv(PROFILE_VARIABLE, str(profile))
    assert counts(card_of(sets=SETS[:1], datacuts={"use_cuts": "fromfit"}, fit="NNPDF31")) == (1,)


def test_a_fit_that_is_not_there_is_named(tmp_path) -> None:
    card = card_of(datacuts={"use_cuts": "fromfit"}, fit=str(tmp_path / "lost"))
    with pytest.raises(DataError, match="fit: expected the folder of a fit with filter/, received '.*lost'"):
        select(card)


@pytest.fixture(scope="module")
def predictions(toy_pdf_sets):
    """Predictions of two PDF sets and the uncertainties, for the 39 points of a charged-current set."""
    theory, dataset = open_theory("dis_nnlo"), load_commondata(CC, "legacy")
    observable = observable_of(theory, dataset)
    toy, other = (load_pdf_set(name, [toy_pdf_sets]) for name in ("toy", "n3fit_dis_t0"))
    first, second = (predict(observable, pdf_set, theory.q0)[0] for pdf_set in (toy, other))
    return first, second, np.sqrt(np.diag(covariance_matrix([dataset])))


def similar(threshold: float, inputs: Any = SETS[:1], **changes: Any) -> Runcard:
    spec = [{"pdf": name, "dataset_inputs": inputs, "q2min": 500} for name in ("toy", "n3fit_dis_t0")]
    choice = {"datacuts": {"use_cuts": "fromsimilarpredictions"}, "cut_similarity_threshold": threshold}
    return card_of("dis_nnlo", SETS[:1], **choice, cuts_intersection_spec=spec, **changes)


def test_points_with_similar_predictions(predictions, toy_pdf_sets) -> None:
    first, second, sigma = predictions
    distance = np.abs(first - second) / sigma
    q2 = load_commondata(CC, "legacy").q2
    threshold = float(np.median(distance[q2 > 500]))
    (selection,) = select(similar(threshold), SearchPaths(pdf_sets=toy_pdf_sets)).datasets
    np.testing.assert_array_equal(selection.kept, (q2 > 500) & (distance < threshold))
    assert 5 < selection.kept.sum() < 25
    last = selection.removals[-1]
    assert last.condition.startswith("|T1 - T2| / sigma < ")
    np.testing.assert_array_equal(last.points, np.flatnonzero((q2 > 500) & (distance >= threshold)))


def test_sets_without_required_similarity_have_the_cuts_of_the_card(toy_pdf_sets) -> None:
    card = similar(1e-9, SETS[1:], do_not_require_similarity_for=["HERACOMBCCEP"])
    (selection,) = select(card, SearchPaths(pdf_sets=toy_pdf_sets)).datasets
    assert selection.kept.all()


def test_a_set_that_is_missing_in_one_list_is_named(toy_pdf_sets) -> None:
    with pytest.raises(RuncardError) as caught:
        select(similar(1.0, SETS[1:]), SearchPaths(pdf_sets=toy_pdf_sets))
    assert caught.value.message.splitlines() == [
        f"cuts_intersection_spec[{index}].dataset_inputs: expected every data set of the fit, received none of {CC} "
        "(add them, or list them under do_not_require_similarity_for)"
        for index in (0, 1)
    ]


def test_nothing_is_warned_of_in_a_plain_card() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        select(card_of())
