"""Translation of a runcard as written to today's keys: places, names, old keys, and keys that are not supported yet.

Paths are written with ``*`` for any entry of a list.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from n3fit.runcard import nnfit
from n3fit.runcard.notes import Notes
from n3fit.runcard.old_keys import DEAD, RENAMED, Pattern, paths
from n3fit.runcard.reference import section_at
from n3fit.runcard.scopes import SCOPES, homes, lift_keys
from n3fit.runcard.violations import Violation
from n3fit.storage.key_path import KeyPath, move_key
from n3fit.storage.yaml_files import Document

LATER: frozenset[Pattern] = frozenset((*paths("", "fiatlux"),))
"""Keys that are known and not supported yet: an error, unless they are empty."""

EXPERIMENTS = "experiments"
"""Key of lists of data sets by experiment, the old form of ``dataset_inputs``."""


def is_inactive_closure_test(value: Any) -> bool:
    """Return whether a ``closuretest`` replaces no data: older cards have all its keys beside ``fakedata: false``."""
    return isinstance(value, dict) and value.get("level") is None and value.get("fakedata", False) is False


@dataclass(frozen=True)
class Translation:
    """A runcard in today's keys.

    Parameters
    ----------
    content : dict
        Plain values by key, each in its home, without old and empty keys.
    rejected : list of Violation
        Keys that are not accepted, by their place in the file.
    places : dict
        Path in ``content`` -> path in the file, where these differ.
    """

    content: dict[str, Any]
    rejected: list[Violation]
    places: dict[KeyPath, KeyPath] = field(default_factory=dict)

    def place(self, key: KeyPath) -> KeyPath:
        """Return the path in the file of a path in the content."""
        return move_key(key, self.places)


def translate_legacy(document: Document, notes: Notes) -> Translation:
    """Return the content of a card in today's keys, and the keys that are not accepted; the document stays as it is.

    Keys without effect, and old names and places, are added to ``notes``.
    """
    written = {key: value for key, value in document.data.items() if not _is_helper(document, key)}
    lifted, places, rejected = lift_keys(written, LATER, notes)
    translation = Translation(lifted, rejected, places)
    _translate_experiments(translation, notes)
    methodology = nnfit.missing_keys(lifted)
    content = _translate_mapping(translation, lifted, (), (), notes)
    _move_renamed(translation, content, notes)
    if methodology:
        notes.add(nnfit.NOTE, ("fitting",))
    return Translation(content | methodology, rejected, places)


def _is_helper(document: Document, key: str) -> bool:
    """Return whether an unknown key of the top level only holds values that aliases repeat elsewhere."""
    known = {*homes(LATER), *SCOPES, EXPERIMENTS, *(pattern[0] for pattern in DEAD)}
    return key not in known and (key.startswith("x-") or any(path[:1] == (key,) for path in document.aliased))


def _translate_experiments(translation: Translation, notes: Notes) -> None:
    """Replace ``experiments``, lists of data sets by experiment, by ``dataset_inputs``."""
    content = translation.content
    if EXPERIMENTS not in content:
        return
    experiments = content.pop(EXPERIMENTS)
    if "dataset_inputs" in content:
        notes.add("without effect beside dataset_inputs", (EXPERIMENTS,))
        return
    datasets: list[Any] = []
    for number, experiment in enumerate(experiments if isinstance(experiments, list) else [None]):
        entries = experiment.get("datasets") if isinstance(experiment, dict) else None
        if not isinstance(entries, list):
            text = "expected a list of mappings with the key datasets, a list of data sets"
            translation.rejected.append(Violation((EXPERIMENTS, number), text))
            continue
        for index, entry in enumerate(entries):
            translation.places["dataset_inputs", len(datasets)] = (EXPERIMENTS, number, "datasets", index)
            datasets.append(entry)
    content["dataset_inputs"] = datasets


def _translate(translation: Translation, value: Any, path: KeyPath, pattern: Pattern, notes: Notes) -> Any:
    if isinstance(value, dict):
        return _translate_mapping(translation, value, path, pattern, notes)
    if isinstance(value, list):
        return [
            _translate(translation, entry, (*path, index), (*pattern, "*"), notes) for index, entry in enumerate(value)
        ]
    return value


def _translate_mapping(
    translation: Translation, mapping: dict[str, Any], path: KeyPath, pattern: Pattern, notes: Notes
) -> dict[str, Any]:
    """Return a mapping without old and empty keys; keys with a new name in the same mapping have that."""
    content: dict[str, Any] = {}
    for key, value in mapping.items():
        here, kind = (*path, key), (*pattern, key)
        place = translation.place(here)
        if kind in DEAD:
            notes.add(f"without effect: {DEAD[kind]}", place)
        elif (value is None and not _is_required(here)) or (
            kind == ("closuretest",) and is_inactive_closure_test(value)
        ):
            _note_idle_closure_keys(translation, value, notes)
        elif kind in LATER:
            text = "this key is known, and not supported yet: remove it to run without"
            translation.rejected.append(Violation(place, text))
        elif kind in RENAMED and RENAMED[kind][:-1] == pattern:
            new = RENAMED[kind][-1]
            if new in mapping:
                text = f"expected one of {key} and {new}, received both: keep {new}"
                translation.rejected.append(Violation(place, text))
            else:
                notes.add(f"the old name of {new}: use that", place)
                translation.places[*path, new] = place
                content[new] = value
        else:
            content[key] = _translate(translation, value, here, kind, notes)
    return content


def _note_idle_closure_keys(translation: Translation, value: Any, notes: Notes) -> None:
    """Note the keys of an inactive closure test that stand outside of it, where nothing shows that it is inactive."""
    for key in value if isinstance(value, dict) else ():
        place = translation.place(("closuretest", key))
        if place[0] != "closuretest":
            notes.add("without effect: no closuretest with fakedata: true or a level", place)


def _is_required(key: KeyPath) -> bool:
    section = section_at(key[:-1])
    field = section.model_fields.get(str(key[-1])) if section is not None else None
    return field is not None and field.is_required()


def _move_renamed(translation: Translation, content: dict[str, Any], notes: Notes) -> None:
    """Move keys whose new name is in another mapping, and remove what an old key replaced."""
    for (scope, old), (home, new) in ((key, value) for key, value in RENAMED.items() if len(key) == 2):
        if scope != home and old in content.get(scope, {}):
            value = content[scope].pop(old)
            target = content.setdefault(home, {})
            if new in target:
                text = f"expected one of {scope}.{old} and {home}.{new}, received both: keep the second"
                translation.rejected.append(Violation((scope, old), text))
            else:
                notes.add(f"the old place of {home}.{new}: use that", (scope, old))
                translation.places[home, new] = (scope, old)
                target[new] = value
    if translation.places.get(("parameters", "feature_scaling_points")) == ("parameters", "interpolation_points"):
        _remove_largex(translation, content, notes)


def _remove_largex(translation: Translation, content: dict[str, Any], notes: Notes) -> None:
    """Remove the exponents at large x, which the cards with ``interpolation_points`` still have."""
    basis = content.get("fitting", {}).get("basis")
    for index, entry in enumerate(basis if isinstance(basis, list) else ()):
        if isinstance(entry, dict) and "largex" in entry:
            del entry["largex"]
            notes.add("without effect: feature scaling replaces it", ("fitting", "basis", index, "largex"))
