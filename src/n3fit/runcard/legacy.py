"""Translation of legacy runcard keys, and keys that are not supported yet.

Paths are written with ``*`` for any entry of a list.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from n3fit.runcard.violations import Violation
from n3fit.storage.key_path import KeyPath, format_key
from n3fit.storage.yaml_files import Document

Pattern = tuple[str, ...]


class RuncardWarning(UserWarning):
    """A key of a runcard has no effect, or has another name now."""


def _paths(parent: str, names: str) -> Iterator[Pattern]:
    prefix = tuple(parent.split(".")) if parent else ()
    for name in names.split():
        yield (*prefix, name)


DEAD: frozenset[Pattern] = frozenset(
    (
        *_paths("", "experiments stopping lhagrid plotting"),
        *_paths("datacuts", "combocuts jetptcut_tev jetptcut_lhc wptcut_lhc jetycut_tev jetycut_lhc dymasscut_min"),
        *_paths("datacuts", "dymasscut_max jetcfactcut"),
        *_paths("fitting", "seed rngalgo fitmethod ngen nmutants paramtype nnodes"),
        *_paths("fitting", "genetic epsilon lambdapos sigma"),
        *_paths("fitting.basis.*", "pos mutsize mutprob auto"),
        *_paths("closuretest", "printpdf4gen"),
    )
)
"""Keys of older programs that have no effect any more: ignored with a warning."""

RENAMED: Mapping[Pattern, str] = MappingProxyType(
    {
        ("parameters", "interpolation_points"): "feature_scaling_points",
        ("positivity", "posdatasets", "*", "poslambda"): "maxlambda",
    }
)
"""Keys that have another name now: read under the new name, with a warning."""

LATER: frozenset[Pattern] = frozenset(
    (
        *_paths("", "fiatlux hyperscan_config kfold trial_specs load_weights_from_fit"),
        *_paths("", "drop_internal_rules filter_rules filter_defaults positivity_bound norm_threshold metadata_group"),
        *_paths("", "resample_negative_pseudodata data_grouping hyperscan"),
        *_paths("dataset_inputs.*", "custom_group sys"),
        *_paths("datacuts", "use_cuts"),
        *_paths("closuretest", "errorsize rancutmethod rancutprob rancuttrnval faketheoryid inconsistent_fakedata"),
        *_paths("theory", "t0theoryid"),
        *_paths("theorycovmatconfig", "unpolarized_bc"),
        *_paths("added_filter_rules.*", "PTO FNS IC local_variables"),
    )
)
"""Keys that are known and not supported yet: an error, unless their value has no effect."""


def is_inactive_closure_test(value: Any) -> bool:
    """Return whether a ``closuretest`` replaces no data: older cards have all its keys beside ``fakedata: false``."""
    return isinstance(value, dict) and value.get("level") is None and value.get("fakedata", False) is False


def _equals(expected: Any) -> Callable[[Any], bool]:
    def same(value: Any) -> bool:
        if isinstance(expected, bool) or isinstance(value, bool):
            return value is expected
        return bool(value == expected)

    return same


_INACTIVE: Mapping[Pattern, Callable[[Any], bool]] = MappingProxyType(
    {
        ("resample_negative_pseudodata",): _equals(True),
        ("drop_internal_rules",): _equals(False),
        ("datacuts", "use_cuts"): _equals("internal"),
        ("metadata_group",): _equals("nnpdf31_process"),
        ("closuretest", "errorsize"): _equals(1),
        ("closuretest", "rancutmethod"): _equals(0),
        ("closuretest", "rancutprob"): _equals(1),
        ("closuretest", "rancuttrnval"): _equals(False),
        ("closuretest", "inconsistent_fakedata"): _equals(False),
    }
)
"""Values that select what n3fit does anyway, besides the empty value of any key of ``LATER``."""


def translate_legacy(document: Document) -> tuple[dict[str, Any], list[Violation]]:
    """Return the content of a card in today's keys, and the keys that are not accepted.

    Returns
    -------
    content : dict
        The content without dead keys and with today's names; the document stays as it is.
    rejected : list of Violation
        Keys that are known and not supported yet, and old names beside the new one.

    Warns
    -----
    RuncardWarning
        For each dead or renamed key.
    """
    rejected: list[Violation] = []
    content = _translate_mapping(document, document.data, (), (), rejected)
    return content, rejected


def _translate(document: Document, value: Any, path: KeyPath, pattern: Pattern, rejected: list[Violation]) -> Any:
    if isinstance(value, dict):
        return _translate_mapping(document, value, path, pattern, rejected)
    if isinstance(value, list):
        return [
            _translate(document, entry, (*path, index), (*pattern, "*"), rejected) for index, entry in enumerate(value)
        ]
    return value


def _translate_mapping(
    document: Document,
    mapping: dict[str, Any],
    path: KeyPath,
    pattern: Pattern,
    rejected: list[Violation],
) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for key, value in mapping.items():
        here, kind = (*path, key), (*pattern, key)
        if kind == ("closuretest",) and is_inactive_closure_test(value):
            continue
        if kind in DEAD:
            _warn(document, here, "an old key without effect: it is ignored, remove it")
        elif kind in LATER:
            if value is not None and not _INACTIVE.get(kind, _equals(None))(value):
                rejected.append(Violation(here, "this key is known, and not supported yet: remove it to run without"))
        elif kind in RENAMED:
            new = RENAMED[kind]
            if new in mapping:
                rejected.append(Violation(here, f"expected one of {key} and {new}, received both: keep {new}"))
            else:
                _warn(document, here, f"the old name of {format_key((*path, new))}: use that")
                content[new] = value
        else:
            content[key] = _translate(document, value, here, kind, rejected)
    return content


def _warn(document: Document, key: KeyPath, text: str) -> None:
    warnings.warn(f"{document.where(key)}: {text}", RuncardWarning, stacklevel=2)
