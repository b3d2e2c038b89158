"""An example for every key of a runcard: a value, and its place in the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from n3fit.runcard.reference import ReferenceRow

_VALUES: Mapping[str, str] = MappingProxyType(
    {
        "description": "NNLO fit to deep-inelastic scattering",
        "dataset": "NMC_NC_NOTFIXED_P_EM-SIGMARED",
        "posdatasets.dataset": "NNPDF_POS_2P24GEV_F2U",
        "integdatasets.dataset": "NNPDF_INTEG_3GEV_XT3",
        "variant": "legacy",
        "sys": "10",
        "cfac": "[QCD]",
        "custom_group": "fixed_target",
        "weight": "2",
        "unpolarized_bc": "NNPDF40_nnlo_pch_as_01180",
        "t0theoryid": "dis_nnlo",
        "theoryid": "dis_nnlo",
        "faketheoryid": "dis_nnlo",
        "point_prescriptions": "[7 point]",
        "theorycovmatconfig.pdf": "n3fit_dis_t0",
        "user_covmat_path": "covariance.csv",
        "theorycovmatconfig.theories": '{"2 1": 714, "0.5 1": 713}',
        "nodes": "[0.0, 0.1, 1.0]",
        "yshift": "[0.0, 0.5, 0.0]",
        "pc_included_procs": "[DIS NC]",
        "pc_excluded_datasets": "[NMC_NC_NOTFIXED_P_EM-SIGMARED]",
        "mcseed": "519562661",
        "nnseed": "945709987",
        "trvlseed": "591866982",
        "filterseed": "193945",
        "norm_threshold": "10",
        "metadata_group": "experiment",
        "fl": "g",
        "smallx": "[0.75, 1.1]",
        "largex": "[2.8, 5.7]",
        "regularizer": "l1_l2",
        "l2": "1e-6",
        "initial": "184.8",
        "multiplier": "1.05",
        "feature_scaling_points": "5",
        "nodes_per_layer": "[25, 20, 8]",
        "activation_per_layer": "[tanh, tanh, linear]",
        "optimizer_name": "Nadam",
        "override.optimizer": "Nadam",
        "learning_rate": "2.621e-3",
        "clipnorm": "6.073e-6",
        "momentum": "0.9",
        "nesterov": "true",
        "amsgrad": "true",
        "epochs": "17000",
        "stopping_patience": "0.1",
        "hyperscan": "fits/scan",
        "number_of_trials": "10",
        "number_of_layers": "2",
        "dropout": "0.05",
        "model": "grid",
        "model_settings": "{nodes: 20}",
        "hyperscan_config.model_settings": "{nodes: {min: 10, max: 40, step: 5}}",
        "maxlambda": "1e6",
        "process_type": "DIS_NC",
        "rule": "x > 0.1",
        "reason": "nuclear corrections are not known below",
        "local_variables": '{w2: "Q2 * (1 - x) / x"}',
        "PTO": "NNLO+",
        "FNS": "FONLL-C",
        "IC": "true",
        "drop_internal_rules": "[NMC_NC_NOTFIXED_P_EM-SIGMARED]",
        "q2min": "3.49",
        "w2min": "12.5",
        "maxTau": "0.08",
        "fit": "fits/dis",
        "cuts_intersection_spec.pdf": "n3fit_dis_t0",
        "cut_similarity_threshold": "1",
        "do_not_require_similarity_for": "[NMC_NC_NOTFIXED_P_EM-SIGMARED]",
        "level": "2",
        "fakedata": "true",
        "fakepdf": "n3fit_dis_t0",
        "fakenoise": "true",
        "inconsistent_datasets": "[NMC_NC_NOTFIXED_P_EM-SIGMARED]",
        "treatment_names": "[MULT]",
        "names_uncertainties": "[CORR]",
        "min_epochs": "10000",
        "max_epochs": "40000",
        "min_patience": "0.1",
        "max_patience": "0.3",
        "min_multiplier": "1.04",
        "max_multiplier": "1.1",
        "min_initial": "1",
        "max_initial": "100",
        "optimizer.learning_rate.min": "1e-4",
        "optimizer.learning_rate.max": "1e-2",
        "optimizer.clipnorm.min": "1e-7",
        "optimizer.clipnorm.max": "1e-4",
        "n_layers": "[2, 3]",
        "min_units": "5",
        "max_units": "50",
        "activations": "[tanh, sigmoid]",
        "initializers": "[glorot_normal, glorot_uniform]",
        "layer_types": "[dense]",
        "max_drop": "0.15",
        "from_hyperscan": "fits/scan",
        "use_tries_from": "fits/scan",
        "datasets": "[NMC_NC_NOTFIXED_P_EM-SIGMARED]",
        "penalties": "[saturation]",
        "load": "weights.weights.h5",
        "save": "weights.weights.h5",
        "load_weights_from_fit": "dis",
        "maxcores": "4",
    }
)
"""Values by the end of the path of a key; the longest end counts."""

_NAMED: Mapping[str, str] = MappingProxyType({"theorycovmatconfig.pc_parameters": "f2p"})
"""A name in mappings whose keys are chosen by the user."""

_LIST = "list of mappings"


def example_of(key: str, rows: Mapping[str, ReferenceRow]) -> str:
    """Return lines of a file with a key at its place; of a mapping, with the keys in it that it requires.

    Parameters
    ----------
    key : str
        Path such as ``parameters.epochs``.
    rows : mapping
        The rows of all keys, by path.
    """
    value = example_value(rows[key])
    if value is not None:
        return "\n".join(_lines(key, value, rows))
    inside = [row for name, row in rows.items() if name.rpartition(".")[0] == key]
    required = [row for row in inside if row.default == "required"] or inside[:1]
    # every key of the mapping after the first stands where the first does, without the dash of a list entry
    lines: list[str] = []
    for row in required:
        own = example_of(row.key, rows).splitlines()
        around = len(_lines(key, "", rows)) + (key in _NAMED)
        lines += own if not lines else [own[around].replace("- ", "  ", 1), *own[around + 1 :]]
    return "\n".join(lines)


def example_value(row: ReferenceRow) -> str | None:
    """Return a value of a key as a file has it, one that a fit may have; None for a mapping of keys."""
    parts = row.key.split(".")
    mapping = row.type in ("mapping", _LIST, "mapping of functions")
    ends = [".".join(parts[start:]) for start in range(len(parts))]
    found = next((_VALUES[end] for end in ends if end in _VALUES), None)
    if mapping or found is not None:
        return found
    choices = row.allowed.split(", ")
    if len(choices) > 1:
        return choices[0]
    if row.default not in ("required", "none", "empty"):
        return row.default
    return "true" if row.type == "true or false" else "name"


def _lines(key: str, value: str, rows: Mapping[str, ReferenceRow]) -> list[str]:
    """Return the lines of a file with a key and its value, and the mappings around it."""
    parts = key.split(".")
    lines: list[str] = []
    dash = ""
    for depth, name in enumerate(parts):
        path = ".".join(parts[: depth + 1])
        indent = "  " * _indentation(parts[:depth], rows)
        here = f"{indent[: len(indent) - len(dash)]}{dash}{name}:"
        if depth == len(parts) - 1:
            return [*lines, f"{here} {value}"]
        lines.append(here)
        dash = "- " if rows[path].type == _LIST else ""
        if path in _NAMED:
            lines.append(f"{'  ' * (_indentation(parts[: depth + 1], rows) - 1)}{_NAMED[path]}:")
    return lines


def _indentation(around: Sequence[str], rows: Mapping[str, ReferenceRow]) -> int:
    """Return the steps of indentation of a key below the keys ``around`` it: two in the entry of a list."""
    paths = [".".join(around[: depth + 1]) for depth in range(len(around))]
    return sum(1 + (rows[path].type == _LIST) + (path in _NAMED) for path in paths)
