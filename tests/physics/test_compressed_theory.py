"""Hadronic tables of theory 400, compressed: predictions and chi2 of random PDFs against the exact forms."""

import numpy as np
import pytest
from support.data import NNLO

from n3fit.compression.accuracy import RELATIVE_TOLERANCE, SIGMA_TOLERANCE
from n3fit.compression.compressor import TheoryCompressor
from n3fit.compression.folding import fold_observable, merged_xgrid
from n3fit.compression.random_pdfs import random_pdfs
from n3fit.data import apply_cuts, cholesky_or_explain, covariance_matrix, default_cuts, load_commondata
from n3fit.storage import CACHE_VARIABLE
from n3fit.theory.compound import apply_operation
from n3fit.theory.flavours import EVOLUTION_BASIS, EVOLUTION_TO_FK, EXPORT_PIDS, FK_BASIS, FLAVOUR_TO_FK
from n3fit.theory.predictions import observable_of
from n3fit.theory.theories import open_theory
from n3fit.theory.toy_pdf import les_houches_toy

SETS = {
    "ATLAS_Z0_7TEV_46FB_CC-Y": "legacy",
    "D0_WPWM_1P96TEV_ASY": "legacy",
    "DYE906_Z0_120GEV_DW_PDXSECRATIO": "legacy",
    "ATLAS_SINGLETOP_7TEV_TCHANNEL-XSEC": "legacy",
}


@pytest.fixture(scope="module")
def compressed(shared_theories, tmp_path_factory):
    """The data sets, their observables, exact and compressed, the grid and the certificates."""
    theory = open_theory(400, path=shared_theories)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(tmp_path_factory.mktemp("cache")))
        datasets = [apply_cuts(load_commondata(name, variant), default_cuts(NNLO)) for name, variant in SETS.items()]
        observables = [observable_of(theory, dataset) for dataset in datasets]
        xgrid = merged_xgrid([table for observable in observables for table in observable.tables])
        compressor = TheoryCompressor(xgrid)
        shorter = []
        for observable, dataset in zip(observables, datasets, strict=True):
            sigma = np.sqrt(np.diagonal(covariance_matrix([dataset])))
            shorter.append(compressor.fold(observable, sigma))
    return datasets, observables, shorter, xgrid, compressor.certificates


def predict(folded, pdfs):
    operands = [np.concatenate([rows.predict(pdfs) for rows in operand], axis=-1) for operand in folded.operands]
    return np.asarray(apply_operation(folded.operation, operands))


@pytest.mark.slow
def test_certificates_keep_to_the_tolerances_with_few_functionals(compressed):
    certificates = compressed[-1]
    assert certificates.keys() == SETS.keys()
    for certificate in certificates.values():
        assert certificate.relative.max() <= RELATIVE_TOLERANCE
        assert certificate.uncertainty.max() <= SIGMA_TOLERANCE
    # each of about 400 numbers on the nodes
    assert certificates["ATLAS_Z0_7TEV_46FB_CC-Y"].functionals.mean() < 80


@pytest.mark.slow
def test_chi2_of_other_random_pdfs(compressed):
    datasets, observables, shorter, xgrid, _ = compressed
    pdfs = random_pdfs(xgrid, 1000, seed=12)
    exact = np.concatenate([predict(fold_observable(observable, xgrid), pdfs) for observable in observables], axis=1)
    found = np.concatenate([predict(folded, pdfs) for folded in shorter], axis=1)
    factor = cholesky_or_explain(covariance_matrix(datasets), datasets)
    central = np.concatenate([dataset.central for dataset in datasets])
    residuals = [np.linalg.solve(factor, (values - central).T) for values in (exact, found)]
    chi2 = [np.mean(values**2, axis=0) for values in residuals]
    difference = np.abs(chi2[1] - chi2[0])
    # random PDFs may be hundreds of uncertainties off; the nearer ones are what a fit passes through
    near = chi2[0] < 1000
    assert near.sum() > 200
    assert difference[near].max() < 1e-3
    assert difference[chi2[0] < 100].max() < 1e-4
    assert np.quantile(difference / chi2[0], 0.99) < 1e-4


@pytest.mark.slow
def test_predictions_of_the_toy_pdf(compressed):
    _, observables, shorter, xgrid, certificates = compressed
    rows = [FK_BASIS.index(name) for name in EVOLUTION_BASIS]

    def toy(x):
        return (FLAVOUR_TO_FK[rows] @ les_houches_toy(EXPORT_PIDS, x)).T

    for observable, folded in zip(observables, shorter, strict=True):
        exact = observable.predict(lambda x: toy(x) @ EVOLUTION_TO_FK.T)
        found = predict(folded, toy(xgrid)[np.newaxis])[0]
        scale = np.maximum(np.abs(exact), np.median(np.abs(exact)))
        assert (np.abs(found - exact) / scale).max() < RELATIVE_TOLERANCE
    assert len(certificates) == len(observables)
