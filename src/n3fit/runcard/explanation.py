"""Explanations of the keys of a runcard, read off the schema; of old and refused keys, what replaces them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType

from n3fit.errors import RuncardError
from n3fit.runcard.effects import MEANINGS, effect_of
from n3fit.runcard.examples import example_of
from n3fit.runcard.legacy import EXPERIMENTS, LATER
from n3fit.runcard.old_keys import DEAD, OLD_PLACES, RENAMED, Pattern
from n3fit.runcard.reference import ReferenceRow, reference_rows
from n3fit.runcard.scopes import SCOPES, TOP, homes

SUPPORTED, RENAMED_KEY, WITHOUT_EFFECT, REFUSED = "supported", "old name", "without effect", "refused"
"""What becomes of a key in a runcard."""

UNITS: Mapping[str, str] = MappingProxyType(
    {
        "q2min": "GeV2",
        "w2min": "GeV2",
        "epochs": "epochs",
        "min_epochs": "epochs",
        "max_epochs": "epochs",
        "weight_freq": "epochs",
        "stopping_patience": "fraction of the epochs",
        "min_patience": "fraction of the epochs",
        "max_patience": "fraction of the epochs",
        "n_std": "standard deviations",
        "cut_similarity_threshold": "standard deviations",
        "maxcores": "cores",
    }
)
"""Units by the last part of a key; other numbers have none."""

_MOST_NEAREST = 5


@dataclass(frozen=True)
class Explanation:
    """One key of a runcard.

    Parameters
    ----------
    key : str
        Its path, such as ``parameters.optimizer.learning_rate``; list indices are left out.
    status : str
        ``supported``, ``old name``, ``without effect`` or ``refused``.
    meaning : str
        Of an old or refused key, why it is one, and what replaces it.
    type, default, allowed, units : str
        Empty where there is nothing to say.
    effect, effect_meaning : str
        See :mod:`n3fit.runcard.effects`; empty of keys that are not supported.
    elsewhere : tuple of str
        Other mappings in which the key may stand; ``""`` is the top level.
    example : str
        Lines of a file with the key at its place.
    keys : tuple of (str, str)
        Path and meaning of the keys of a mapping.
    """

    key: str
    status: str
    meaning: str
    type: str = ""
    default: str = ""
    allowed: str = ""
    units: str = ""
    effect: str = ""
    effect_meaning: str = ""
    elsewhere: tuple[str, ...] = ()
    example: str = ""
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def changes_physics(self) -> bool:
        """Whether data, theory, their covariance or assumptions on the PDFs depend on the key."""
        return self.effect == "physics"


def explain_key(word: str) -> tuple[Explanation, ...]:
    """Return the explanations of the keys that a word stands for.

    Parameters
    ----------
    word : str
        A path such as ``parameters.epochs`` or ``dataset_inputs[0].frac``, or its end: ``epochs``. Upper and lower case
        are distinguished only where that leaves a key.

    Raises
    ------
    RuncardError
        No key has this name; the message has the nearest ones.
    """
    wanted = re.sub(r"\[\d*\]|\.\*", "", word.strip()).strip(".")
    known = _explanations()
    found = _matches(wanted, known) or _matches(wanted.lower(), {key.lower(): entry for key, entry in known.items()})
    if found:
        return found
    raise RuncardError(f"expected a key of runcards, received {word!r}", hint=_nearest_keys(wanted, known))


def explain_sections() -> tuple[Explanation, ...]:
    """Return the explanations of the keys of the top level that n3fit supports, in the order of the schema."""
    rows = reference_rows()
    return tuple(_explanations()[row.key] for row in rows if "." not in row.key)


def key_names() -> tuple[str, ...]:
    """Return the paths of all keys that can be explained, the supported ones first."""
    return tuple(_explanations())


def _matches(wanted: str, known: Mapping[str, Explanation]) -> tuple[Explanation, ...]:
    if wanted in known:
        return (known[wanted],)
    found = [entry for key, entry in known.items() if key.endswith(f".{wanted}")]
    return tuple(sorted(found, key=lambda entry: entry.status != SUPPORTED))


def _nearest_keys(wanted: str, known: Mapping[str, Explanation]) -> str:
    """Return the hint with the keys whose path or last part is most similar."""
    last = wanted.rpartition(".")[2].lower()
    by_name: dict[str, list[str]] = {}
    for key in known:
        by_name.setdefault(key.rpartition(".")[2].lower(), []).append(key)
    paths = get_close_matches(wanted, known, n=_MOST_NEAREST, cutoff=0.7)
    names = [key for name in get_close_matches(last, by_name, n=_MOST_NEAREST, cutoff=0.6) for key in by_name[name]]
    near = list(dict.fromkeys([*names, *paths]))[:_MOST_NEAREST]
    return f"did you mean {' or '.join(near)}?" if near else "`n3fit explain` lists the keys"


@cache
def _explanations() -> Mapping[str, Explanation]:
    """Return the explanation of each key by its path, as in the schema and in the table of old keys."""
    rows = {row.key: row for row in reference_rows()}
    found = {key: _supported(row, rows) for key, row in rows.items()}
    for old, new in RENAMED.items():
        text = f"the old name of {_path(new)}, under which it is read, with a warning"
        found.setdefault(_path(old), Explanation(_path(old), RENAMED_KEY, text))
    for name in sorted(OLD_PLACES):
        text = f"the old place of {name}, which is at the top level; it is read, with a warning"
        found.setdefault(f"fitting.{name}", Explanation(f"fitting.{name}", RENAMED_KEY, text))
    text = "the old form of dataset_inputs: lists of data sets by experiment; it is read"
    found.setdefault(EXPERIMENTS, Explanation(EXPERIMENTS, RENAMED_KEY, text))
    for pattern, reason in DEAD.items():
        found.setdefault(_path(pattern), Explanation(_path(pattern), WITHOUT_EFFECT, f"read, with a warning: {reason}"))
    for pattern in sorted(LATER):
        text = "known, and not supported yet: a runcard with it is an error; remove it to run without"
        found.setdefault(_path(pattern), Explanation(_path(pattern), REFUSED, text))
    return MappingProxyType(found)


def _path(pattern: Pattern) -> str:
    return ".".join(part for part in pattern if part != "*")


def _supported(row: ReferenceRow, rows: Mapping[str, ReferenceRow]) -> Explanation:
    effect = effect_of(row.key)
    below = [entry for key, entry in rows.items() if key.rpartition(".")[0] == row.key]
    return Explanation(
        key=row.key,
        status=SUPPORTED,
        meaning=row.meaning,
        type=row.type,
        default=row.default,
        allowed=row.allowed,
        units=UNITS.get(row.key.rpartition(".")[2], ""),
        effect=effect,
        effect_meaning=MEANINGS[effect],
        elsewhere=_other_places(row.key),
        example=example_of(row.key, rows),
        keys=tuple((entry.key, entry.meaning) for entry in below),
    )


def _other_places(key: str) -> tuple[str, ...]:
    """Return the scopes beside its home in which a key may stand."""
    scope, _, name = key.rpartition(".")
    if homes(LATER).get(name) != scope:
        return ()
    return tuple(place for place in (TOP, *SCOPES) if place != scope)
