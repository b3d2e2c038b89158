"""The points that a fit keeps by the choices of use_cuts: all, those of another fit, or an intersection."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.point_cuts import CC, CHARM, LHCB, NLO, NNLO, SETS, card_of, counts, select

from n3fit.data.fk_masks import mask_path, mask_text
from n3fit.data.nnpdf_profile import PROFILE_VARIABLE
from n3fit.errors import DataError
from n3fit.runcard import RuncardWarning


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
