"""The effect of each key of a runcard on a fit: physics, methodology, random numbers, rounding or none."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PHYSICS, METHODOLOGY, RANDOM, ROUNDING, NONE = "physics", "methodology", "random numbers", "rounding", "none"

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        PHYSICS: "changes the physics: data, theory, their covariance, or what is assumed of the PDFs",
        METHODOLOGY: "changes the methodology: pseudodata, parametrisation or training, with the same data and theory",
        RANDOM: "chooses random numbers: other replicas of the same distribution",
        ROUNDING: "changes results by rounding, or by certified errors below it, and speed or memory",
        NONE: "does not change the results of a fit",
    }
)
"""The effects by name, in words."""

_KEYS: Mapping[str, str] = MappingProxyType(
    {
        PHYSICS: "dataset_inputs datacuts theory theorycovmatconfig use_weights_in_covmat norm_threshold fitting "
        "positivity integrability positivity_bound added_filter_rules drop_internal_rules filter_rules "
        "filter_defaults fit cuts_intersection_spec cut_similarity_threshold do_not_require_similarity_for closuretest",
        METHODOLOGY: "genrep same_trvl_per_replica use_t0_sampling separate_multiplicative "
        "resample_negative_pseudodata max_tries metadata_group data_grouping diagonal_basis diagonal_frac threshold "
        "parameters trial_specs load load_weights_from_fit dataset_inputs.frac dataset_inputs.custom_group "
        "fitting.basis.smallx fitting.basis.largex fitting.basis.trainable positivity.posdatasets.maxlambda "
        "integrability.integdatasets.maxlambda theorycovmatconfig.use_thcovmat_in_sampling",
        RANDOM: "trvlseed nnseed mcseed closuretest.filterseed",
        ROUNDING: "theory_compression parallel_models maxcores double_precision debug",
        NONE: "description save tensorboard hyperscan_config kfold fitting.savepseudodata added_filter_rules.reason "
        "filter_rules.reason",
    }
)

_EFFECT_OF = {key: effect for effect, keys in _KEYS.items() for key in keys.split()}


def effect_of(key: str) -> str:
    """Return the effect of a key, that of the mapping that it stands in unless it has one of its own.

    >>> effect_of("fitting.fitbasis"), effect_of("fitting.basis.smallx")
    ('physics', 'methodology')

    Raises
    ------
    KeyError
        Neither the key nor a mapping around it has an effect.
    """
    path = key
    while path not in _EFFECT_OF and "." in path:
        path = path.rpartition(".")[0]
    return _EFFECT_OF[path]
