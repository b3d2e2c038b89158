"""The interface of ensembles."""

from __future__ import annotations

from n3fit.ensembles import SetEnsemble
from n3fit.lhapdf.pdf_sets import load_pdf_set


def test_the_text_of_an_ensemble_has_name_and_range() -> None:
    assert repr(SetEnsemble(load_pdf_set("n3fit_dis_t0", []))) == "n3fit_dis_t0: 1.65 to 100 GeV, x from 1e-09"
