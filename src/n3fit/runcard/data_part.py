"""The part of a runcard that says which data are compared with which theory, for commands that do not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from n3fit.runcard.legacy import Translation
from n3fit.theory.bases import FITTING_BASES, FittingBasis

FIT_KEYS = frozenset(
    (
        *("trvlseed", "nnseed", "same_trvl_per_replica", "diagonal_basis", "diagonal_frac", "use_t0_sampling"),
        *("separate_multiplicative", "resample_negative_pseudodata", "max_tries", "threshold", "fitting", "parameters"),
        *("positivity_bound", "load", "save", "load_weights_from_fit", "tensorboard"),
        *("theory_compression", "parallel_models", "maxcores", "double_precision", "debug"),
        *("hyperscan_config", "hyperscan", "kfold", "trial_specs", "fiatlux"),
    )
)
"""Keys of the top level that concern the fit alone: neither data, cuts, theory nor covariance depend on them.

Positivity and integrability sets are not among them, as rules of cuts may be about them.
"""

_BASIS = "EVOL"


def _placeholders(basis: FittingBasis) -> dict[str, Any]:
    """Return values in place of the keys that a fit requires; of them only the polarisation of the basis matters."""
    return {
        "trvlseed": 0,
        "nnseed": 0,
        "fitting": {
            "fitbasis": basis.name,
            "basis": [{"fl": name, "smallx": [1, 1], "largex": [1, 1]} for name in basis.flavours],
            "sum_rules": False,
        },
        "parameters": {
            "nodes_per_layer": [len(basis.flavours)],
            "activation_per_layer": ["linear"],
            "epochs": 1,
            "stopping_patience": 1,
            "optimizer": {"optimizer_name": "SGD"},
            "positivity": {"multiplier": 1},
            "integrability": {"multiplier": 1},
        },
    }


def data_part(translation: Translation) -> Translation:
    """Return a runcard without the keys of the fit alone, which have placeholders, nor the violations of these."""
    kept = {key: value for key, value in translation.content.items() if key not in FIT_KEYS}
    kept.setdefault("mcseed", 0)  # the level of a closure test depends on genrep, which needs it
    content = translation.content
    basis = _basis_of(content)
    if basis.polarised and "positivity_bound" in content:
        kept["positivity_bound"] = content["positivity_bound"]  # the unpolarised PDF of asymmetries
    rejected = [violation for violation in translation.rejected if violation.key[0] not in FIT_KEYS]
    return replace(translation, content=kept | _placeholders(basis), rejected=rejected)


def _basis_of(content: Mapping[str, Any]) -> FittingBasis:
    """Return the fitting basis of a card that is polarised, an unpolarised one for any other card."""
    fitting = content.get("fitting")
    name = fitting.get("fitbasis") if isinstance(fitting, dict) else None
    polarised = isinstance(name, str) and name in FITTING_BASES and FITTING_BASES[name].polarised
    return FITTING_BASES[str(name) if polarised else _BASIS]
