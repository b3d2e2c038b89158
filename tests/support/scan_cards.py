"""Runcards of scans, and closed forms in place of fits."""

from __future__ import annotations

import math
import os
import signal
from collections.abc import Mapping
from typing import Any

import numpy as np

from n3fit.hyperopt.scan_card import parse_scan_card
from n3fit.hyperopt.space import SearchSpace
from n3fit.hyperopt.trial_result import TrialResult
from support.runcards import change

CARD = """\
description: a small scan
dataset_inputs:
- {dataset: HERA_CC_318GEV_EM-SIGMARED, variant: legacy, frac: 0.5}
- {dataset: HERA_CC_318GEV_EP-SIGMARED, variant: legacy, frac: 0.5}
- {dataset: HERA_NC_300GEV_EP-SIGMARED, variant: legacy, frac: 0.5}
datacuts: {t0pdfset: toy, q2min: 3.49, w2min: 12.5}
theory: {theoryid: dis_nnlo}
trvlseed: 1
nnseed: 2
mcseed: 3
diagonal_basis: false
hyperscan_config:
  stopping: {min_epochs: 50, max_epochs: 100, min_patience: 0.1, max_patience: 0.4}
  optimizer:
  - {optimizer_name: Adam, learning_rate: {min: 1.0e-4, max: 1.0e-1, sampling: log}, clipnorm: 1.0}
  - {optimizer_name: RMSprop, learning_rate: {min: 1.0e-4, max: 1.0e-1, sampling: log}}
  architecture: {n_layers: [1, 2], min_units: 4, max_units: 12, activations: [tanh, sigmoid]}
kfold:
  threshold: 20.0
  partitions:
  - datasets: [HERA_CC_318GEV_EM-SIGMARED]
  - datasets: [HERA_CC_318GEV_EP-SIGMARED]
parameters:
  nodes_per_layer: [6, 8]
  activation_per_layer: [tanh, linear]
  optimizer: {optimizer_name: Nadam, learning_rate: 2.0e-3, clipnorm: 6.073e-6}
  epochs: 60
  stopping_patience: 1.0
  threshold_chi2: 1.0e+6
  positivity: {initial: 10, threshold: 1.0e+6}
  integrability: {initial: 10}
  dropout: 0.0
  initializer: glorot_normal
  layer_type: dense
fitting:
  fitbasis: EVOL
  basis:
  - {fl: sng, trainable: false, smallx: [1.05, 1.19], largex: [1.47, 2.70]}
  - {fl: g, trainable: false, smallx: [0.94, 1.25], largex: [0.11, 5.87]}
  - {fl: v, trainable: false, smallx: [0.54, 0.75], largex: [1.15, 2.76]}
  - {fl: v3, trainable: false, smallx: [0.21, 0.57], largex: [1.35, 3.08]}
  - {fl: v8, trainable: false, smallx: [0.52, 0.76], largex: [0.77, 3.56]}
  - {fl: t3, trainable: false, smallx: [-0.37, 1.52], largex: [1.74, 3.39]}
  - {fl: t8, trainable: false, smallx: [0.56, 1.29], largex: [1.45, 3.03]}
  - {fl: t15, trainable: false, smallx: [1.07, 1.19], largex: [1.47, 2.70]}
"""

NUMBERS = "  stopping: {min_epochs: 50, max_epochs: 100, min_patience: 0.1, max_patience: 0.4}\n"

CONFIG = CARD[CARD.index("hyperscan_config:") : CARD.index("kfold:")]
DEADLY = 4.5
"""Loss above which :func:`evaluate_or_die` ends its process."""

HASHES = {"theory dis_nnlo": "1", "data": "2"}


def with_config(config: str, *changes: tuple[str, str]) -> str:
    """Return the card with another ``hyperscan_config``, in lines of two blanks, and other texts replaced."""
    return change(CARD, (CONFIG, f"hyperscan_config:\n{config}"), *changes)


def make_space(config: str | None = None, *changes: tuple[str, str]) -> SearchSpace:
    """Return the search space of a card."""
    text = change(CARD, *changes) if config is None else with_config(config, *changes)
    card = parse_scan_card(text, "card", warn=False)
    assert card.hyperscan_config is not None
    return SearchSpace(card.hyperscan_config, card)


def closed_form(parameters: Mapping[str, Any]) -> float:
    """Return a loss with its minimum 1 at RMSprop with a rate of 0.01, two layers, tanh, and 80 epochs."""
    optimizer = parameters["optimizer"]
    return (
        1.0
        + (optimizer["optimizer_name"] != "RMSprop")
        + math.log10(optimizer["learning_rate"] / 0.01) ** 2
        + (len(parameters["nodes_per_layer"]) != 3)
        + (parameters["activation_per_layer"] != "tanh")
        + ((parameters["epochs"] - 80) / 50) ** 2
    )


def result_of(loss: float, folds: int = 2) -> TrialResult:
    """Return the result of a trial whose folds have losses around ``loss``."""
    losses = loss + np.linspace(-0.5, 0.5, folds)
    names = ("validation_losses", "experimental_losses", "fold_losses", "hyper_losses_chi2", "hyper_losses_phi2")
    arrays = dict.fromkeys(names, losses)
    return TrialResult(
        "ok", loss=loss, validation_loss=loss / 2, experimental_loss=loss, hyper_losses=losses[:, None], **arrays
    )


def evaluate_closed_form(
    work: Mapping[str, Any], parameters: Mapping[str, Any], hashes: Mapping[str, str], limits: Any
) -> TrialResult:
    """Stand for :func:`n3fit.hyperopt.trial_worker.evaluate_trial`."""
    assert dict(hashes) == HASHES
    return result_of(closed_form(parameters))


def hash_nothing(work: Mapping[str, Any]) -> dict[str, str]:
    """Stand for :func:`n3fit.hyperopt.trial_worker.input_hashes`."""
    return dict(HASHES)


def evaluate_or_die(
    work: Mapping[str, Any], parameters: Mapping[str, Any], hashes: Mapping[str, str], limits: Any
) -> TrialResult:
    """Return the result of a closed form; for a large loss the process is killed, as by the system for its memory."""
    if closed_form(parameters) > DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    return evaluate_closed_form(work, parameters, hashes, limits)
