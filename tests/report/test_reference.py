import logging
from dataclasses import replace

import pytest

from n3fit.report.reference import true_ensemble
from n3fit.results import FitFolder
from n3fit.results.records import ClosureRecord


def closure(fit: FitFolder, name: str) -> FitFolder:
    record = ClosureRecord(level=1, pdf_set=name, sha256="0" * 64, filterseed=1)
    return replace(fit, description=fit.description.model_copy(update={"closure": record}))


def test_closure_tests_from_one_set_are_compared_with_its_central_member(bare_fit: FitFolder) -> None:
    truth = true_ensemble([closure(bare_fit, "n3fit_dis_t0")] * 2)
    assert truth is not None
    assert truth.label == "n3fit_dis_t0, the truth"
    assert truth.at().kind == "central"


def test_other_fits_and_different_truths_have_no_common_one(bare_fit: FitFolder) -> None:
    assert true_ensemble([bare_fit]) is None
    assert true_ensemble([bare_fit, closure(bare_fit, "n3fit_dis_t0")]) is None
    assert true_ensemble([closure(bare_fit, "a"), closure(bare_fit, "b")]) is None


def test_a_set_that_is_not_there_gives_a_warning(bare_fit: FitFolder, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert true_ensemble([closure(bare_fit, "n3fit_dis_t1")]) is None
    assert "not compared with the truth" in caplog.text
    assert "n3fit_dis_t1" in caplog.text
