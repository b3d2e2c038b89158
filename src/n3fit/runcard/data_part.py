"""The part of a runcard that says which data are compared with which theory, for commands that do not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from n3fit.runcard.legacy import Translation
from n3fit.theory.bases import FITTING_BASES

FIT_KEYS = frozenset(
    (
        *("trvlseed", "nnseed", "same_trvl_per_replica", "diagonal_basis", "diagonal_frac", "use_t0_sampling"),
        *("separate_multiplicative", "resample_negative_pseudodata", "max_tries", "threshold", "fitting", "parameters"),
        *("positivity", "integrability", "positivity_bound", "load", "save", "load_weights_from_fit", "tensorboard"),
        *("theory_compression", "parallel_models", "maxcores", "double_precision", "debug"),
        *("hyperscan_config", "hyperscan", "kfold", "trial_specs", "fiatlux"),
    )
)
"""Keys of the top level that concern the fit alone: neither data, cuts, theory nor covariance depend on them."""

_BASIS = "EVOL"
_PLACEHOLDERS: Mapping[str, Any] = MappingProxyType(
    {
        "trvlseed": 0,
        "nnseed": 0,
        "fitting": {
            "fitbasis": _BASIS,
            "basis": [{"fl": name, "smallx": [1, 1], "largex": [1, 1]} for name in FITTING_BASES[_BASIS]],
        },
        "parameters": {
            "nodes_per_layer": [len(FITTING_BASES[_BASIS])],
            "activation_per_layer": ["linear"],
            "epochs": 1,
            "stopping_patience": 1,
            "optimizer": {"optimizer_name": "SGD"},
        },
    }
)
"""Values in place of the keys that a fit requires; nothing reads them."""


def data_part(translation: Translation) -> Translation:
    """Return a runcard without the keys of the fit alone, which have placeholders, nor the violations of these."""
    kept = {key: value for key, value in translation.content.items() if key not in FIT_KEYS}
    kept.setdefault("mcseed", 0)  # the level of a closure test depends on genrep, which needs it
    rejected = [violation for violation in translation.rejected if violation.key[0] not in FIT_KEYS]
    return replace(translation, content=kept | dict(_PLACEHOLDERS), rejected=rejected)
