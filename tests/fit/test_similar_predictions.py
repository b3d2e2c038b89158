"""Points whose predictions from two PDF sets agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.point_cuts import CC, SETS, card_of, select

from n3fit.data import covariance_matrix, load_commondata
from n3fit.errors import RuncardError
from n3fit.lhapdf.pdf_sets import load_pdf_set
from n3fit.paths import SearchPaths
from n3fit.runcard import Runcard
from n3fit.theory.predictions import observable_of, predict
from n3fit.theory.theories import open_theory

pytestmark = pytest.mark.usefixtures("own_cache")


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
