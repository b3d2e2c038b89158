"""A small complete runcard, and changes of single lines of it."""

from collections.abc import Callable
from functools import partial

import pytest
from support.runcards import change

CARD = """\
description: a small fit
dataset_inputs:
- {dataset: NMC_NC_NOTFIXED_P_EM-SIGMARED, variant: legacy}
- dataset: HERA_NC_318GEV_EP-SIGMARED
  variant: legacy
  frac: 0.5
  weight: 2
  cfac: [QCD]
datacuts: {t0pdfset: TOYLH_nnlo, q2min: 3.49, w2min: 12.5}
theory: {theoryid: 400}
trvlseed: 1
nnseed: 2
mcseed: 3
genrep: true
diagonal_basis: false
parameters:
  nodes_per_layer: [25, 20, 8]
  activation_per_layer: [tanh, tanh, linear]
  initializer: glorot_normal
  optimizer: {optimizer_name: Nadam, learning_rate: 2.621e-3, clipnorm: 6.073e-6}
  epochs: 17000
  stopping_patience: 0.1
  layer_type: dense
  dropout: 0.0
  threshold_chi2: 3.5
  positivity: {initial: 184.8, multiplier: null}
  integrability: {initial: 10, multiplier: null}
fitting:
  fitbasis: EVOL
  sum_rules: true
  basis:
  - {fl: sng, trainable: false, smallx: [1.05, 1.19], largex: [1.47, 2.70]}
  - {fl: g, trainable: false, smallx: [0.94, 1.25], largex: [0.11, 5.87]}
  - {fl: v, trainable: false, smallx: [0.54, 0.75], largex: [1.15, 2.76]}
  - {fl: v3, trainable: false, smallx: [0.21, 0.57], largex: [1.35, 3.08]}
  - {fl: v8, trainable: false, smallx: [0.52, 0.76], largex: [0.77, 3.56]}
  - {fl: t3, trainable: false, smallx: [-0.37, 1.52], largex: [1.74, 3.39]}
  - {fl: t8, trainable: false, smallx: [0.56, 1.29], largex: [1.45, 3.03]}
  - {fl: t15, trainable: false, smallx: [1.07, 1.19], largex: [1.47, 2.70]}
positivity:
  posdatasets:
  - {dataset: NNPDF_POS_2P24GEV_F2U, maxlambda: 1e6}
integrability:
  integdatasets:
  - {dataset: NNPDF_INTEG_3GEV_XT3, maxlambda: 1e2}
added_filter_rules:
- {dataset: NNPDF_POS_2P24GEV_F2U, rule: x > 0.1}
"""


@pytest.fixture
def card_text() -> str:
    return CARD


@pytest.fixture
def changed() -> Callable[..., str]:
    """Return a function that replaces texts in the card."""
    return partial(change, CARD)
