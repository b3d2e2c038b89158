"""Cards of nnfit, the program before n3fit: data, theory and basis as they are, the methodology of NNPDF4.0."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from n3fit.runcard.old_keys import NNFIT_KEYS
from n3fit.runcard.values import SEED_LIMIT

METHODOLOGY: Mapping[str, Any] = MappingProxyType(
    {
        "nodes_per_layer": (25, 20),
        "activation_per_layer": ("tanh", "tanh"),
        "initializer": "glorot_normal",
        "layer_type": "dense",
        "dropout": 0.0,
        "optimizer": MappingProxyType({"optimizer_name": "Nadam", "learning_rate": 2.621e-3, "clipnorm": 6.073e-6}),
        "epochs": 17000,
        "stopping_patience": 0.1,
        "threshold_chi2": 3.5,
        "positivity": MappingProxyType({"initial": 184.8}),
        "integrability": MappingProxyType({"initial": 10.0}),
    }
)
"""Hidden layers and training of NNPDF4.0 (arXiv:2109.02653, table 9)."""

SEEDS = ("trvlseed", "nnseed", "mcseed")

NOTE = (
    "a card of nnfit, whose genetic algorithm n3fit does not have: network and training are those of NNPDF4.0 "
    "(arXiv:2109.02653), and missing seeds are fitting.seed modulo 2^32; write parameters, trvlseed, nnseed and mcseed "
    "to choose them"
)


def missing_keys(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``parameters`` and seeds for a card of nnfit, which has neither; nothing for other cards."""
    fitting = content.get("fitting")
    if not isinstance(fitting, dict) or not NNFIT_KEYS & fitting.keys() or "parameters" in content:
        return {}
    basis = fitting.get("basis")
    outputs = len(basis) if isinstance(basis, list) else 1
    parameters = dict(METHODOLOGY)
    parameters["nodes_per_layer"] = (*METHODOLOGY["nodes_per_layer"], outputs)
    parameters["activation_per_layer"] = (*METHODOLOGY["activation_per_layer"], "linear")
    seed = fitting.get("seed")
    if not isinstance(seed, int) or isinstance(seed, bool):
        return {"parameters": parameters}
    return {"parameters": parameters} | {name: seed % SEED_LIMIT for name in SEEDS if name not in content}
