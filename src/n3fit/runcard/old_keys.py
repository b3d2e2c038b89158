"""Keys of older and of other programs: those without effect, and those with another name or place today.

Paths are written with ``*`` for any entry of a list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

Pattern = tuple[str, ...]


def paths(parent: str, names: str) -> Iterator[Pattern]:
    """Yield the paths of names, divided by blanks, below a parent such as ``fitting.basis.*``."""
    prefix = tuple(parent.split(".")) if parent else ()
    for name in names.split():
        yield (*prefix, name)


@dataclass(frozen=True)
class OldKind:
    """Keys without effect that have one reason.

    Parameters
    ----------
    reason : str
        Why they have no effect, and what replaces them.
    keys : tuple of Pattern
    """

    reason: str
    keys: tuple[Pattern, ...]


OLD_KINDS: tuple[OldKind, ...] = (
    OldKind(
        "settings of the genetic algorithm of nnfit",
        (
            *paths("", "stopping"),
            *paths("fitting", "seed rngalgo fitmethod ngen nmutants paramtype nnodes savefile loadfile"),
            *paths("fitting", "genetic epsilon lambdapos sigma"),
            *paths("fitting.basis.*", "pos mutsize mutprob auto"),
        ),
    ),
    OldKind(
        "cuts of older programs, which are rules today",
        (
            *paths("datacuts", "combocuts jetptcut_tev jetptcut_lhc wptcut_lhc jetycut_tev jetycut_lhc"),
            *paths("datacuts", "dymasscut_min dymasscut_max jetcfactcut"),
        ),
    ),
    OldKind(
        "settings of the closure tests of nnfit",
        tuple(paths("closuretest", "errorsize rancutmethod rancutprob rancuttrnval printpdf4gen")),
    ),
    OldKind("settings of other steps than the fit", tuple(paths("", "lhagrid plotting unpolpdf"))),
    OldKind("today's key is separate_multiplicative, at the top level", tuple(paths("", "sampling"))),
    OldKind("today's keys are hyperscan_config and kfold", tuple(paths("", "hyperscan"))),
    OldKind("today's key is parameters.optimizer.learning_rate", tuple(paths("parameters", "learning_rate"))),
    OldKind("today's key is parameters.integrability", tuple(paths("parameters", "ntegrability"))),
    OldKind("scans sample no multipliers of the integrability sets", tuple(paths("hyperscan_config", "integrability"))),
    OldKind("integrability has no threshold in a fit", tuple(paths("parameters.integrability", "threshold"))),
    OldKind(
        "keys of validphys, which a fit does not read",
        (
            *paths("", "actions_ mc2hname Neig Q pdfs installgrid target_name meta template template_text normalize"),
            *paths("", "use_t0 allow_legacy_names fits pdf dataspecs xgrid xscale"),
        ),
    ),
)
"""Keys that have no effect any more: ignored, with one warning for each reason."""

DEAD: Mapping[Pattern, str] = MappingProxyType({key: kind.reason for kind in OLD_KINDS for key in kind.keys})
"""The reason of every key without effect."""

RENAMED: Mapping[Pattern, Pattern] = MappingProxyType(
    {
        ("fitting", "epochs"): ("parameters", "epochs"),
        ("parameters", "interpolation_points"): ("parameters", "feature_scaling_points"),
        ("positivity", "posdatasets", "*", "poslambda"): ("positivity", "posdatasets", "*", "maxlambda"),
        ("integrability", "integdatasets", "*", "poslambda"): ("integrability", "integdatasets", "*", "maxlambda"),
    }
)
"""Keys that have another name now: read under the new name, with a warning."""

OLD_PLACES = frozenset(("genrep", "trvlseed", "nnseed", "mcseed", "parameters", "save", "load"))
"""Keys of the top level that older cards have under ``fitting``: read from there, with a warning."""

NNFIT_KEYS = frozenset(("fitmethod", "ngen", "nmutants", "nnodes", "rngalgo"))
"""Keys under ``fitting`` by which a card of nnfit is known."""
