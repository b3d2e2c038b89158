"""Keys of a valid runcard that have no effect beside the others."""

from __future__ import annotations

from collections.abc import Iterator

from n3fit.runcard.hyperscan import KEY
from n3fit.runcard.legacy import Translation
from n3fit.runcard.notes import Notes
from n3fit.runcard.pdf_model import idle_model_keys
from n3fit.runcard.schema import Runcard
from n3fit.storage.key_path import KeyPath

WITHOUT_GROUPS = (None, "ALL", "diagonal_basis", "thcovmat_fit")
"""Values that divide the data into no groups."""


SCAN_KEYS = ("hyperscan_config", "kfold")


def note_idle_keys(card: Runcard, translation: Translation, notes: Notes, *, scanned: bool = False) -> None:
    """Add the keys that other keys leave without effect to the notes, by their places in the file.

    Parameters
    ----------
    card, translation, notes : Runcard, Translation, Notes
    scanned : bool
        Whether a hyperparameter scan follows, not a fit.
    """
    for key, reason in _idle_keys_of_scans(card) if scanned else _idle_keys(card):
        notes.add(f"without effect beside {reason}", translation.place(key))
    if scanned and card.kfold is not None and card.diagonal_basis:
        text = "its folds leave data sets out, so that points are split and not eigenvectors: diagonal_basis: false"
        notes.add(text, translation.place(("kfold",)))
    for name in SCAN_KEYS:
        if not scanned and getattr(card, name) is not None:
            notes.add("without effect in a fit: of scans, `n3fit hyperopt`", translation.place((name,)))
    if card.trial_specs is not None:
        if card.parameters.positivity.initial is not None:
            place = translation.place(("parameters", "positivity", "initial"))
            notes.add("without effect beside trial_specs, where each trial gives it", place)
        return
    for kind, list_key in (("positivity", "posdatasets"), ("integrability", "integdatasets")):
        growth = getattr(card.parameters, kind)
        for index, entry in enumerate(getattr(getattr(card, kind), list_key)):
            if growth.multiplier is None and growth.initial is not None and growth.initial > entry.maxlambda:
                text = f"below parameters.{kind}.initial = {growth.initial:g}, so that the multiplier shrinks"
                notes.add(text, translation.place((kind, list_key, index, "maxlambda")))


def _idle_keys(card: Runcard) -> Iterator[tuple[KeyPath, str]]:
    if card.diagonal_basis:
        reason = f"diagonal_basis: true, where diagonal_frac = {card.diagonal_frac:g} of the eigenvectors train"
        for index, entry in enumerate(card.dataset_inputs):
            if "frac" in entry.model_fields_set:
                yield ("dataset_inputs", index, "frac"), reason
        yield from _given(card, "diagonal_basis: true, where all data are one group", "metadata_group", "data_grouping")
    else:
        yield from _given(card, "diagonal_basis: false", "diagonal_frac", "threshold")
        if card.metadata_group is not None:
            yield from _given(card, f"metadata_group: {card.metadata_group}", "data_grouping")
    yield from _idle_keys_of_closure_tests(card)
    yield from idle_model_keys(card)
    if card.theorycovmatconfig is not None:
        for name in card.theorycovmatconfig.without_effect():
            yield ("theorycovmatconfig", name), "the other keys of theorycovmatconfig"
    if not card.resample_negative_pseudodata:
        yield from _given(card, "resample_negative_pseudodata: false", "max_tries")


def _idle_keys_of_scans(card: Runcard) -> Iterator[tuple[KeyPath, str]]:
    """Yield the keys without effect in a scan, which splits the points of data sets and not eigenvectors."""
    yield from _idle_keys(card.model_copy(update={"diagonal_basis": False}) if card.kfold is not None else card)
    config = card.hyperscan_config
    if config is None:
        return
    if config.other_scan is not None:
        for name in sorted(config.model_fields_set - {config.other_scan}):
            yield (KEY, name), f"{KEY}.{config.other_scan}"
    elif "positivity" in config.sampled_keys:
        for name in sorted(card.parameters.positivity.model_fields_set):
            if getattr(config.positivity, f"max_{name}", None) is None:
                yield ("parameters", "positivity", name), f"{KEY}.positivity, which replaces parameters.positivity"


def _idle_keys_of_closure_tests(card: Runcard) -> Iterator[tuple[KeyPath, str]]:
    test = card.closuretest
    if test is None:
        return
    if test.inconsistent_fakedata and card.closure_level == 0:
        yield ("closuretest", "inconsistent_fakedata"), "level 0, whose data have no noise"
    if not test.inconsistent_fakedata and "inconsistent_data_settings" in test.model_fields_set:
        yield ("closuretest", "inconsistent_data_settings"), "inconsistent_fakedata: false"


def _given(card: Runcard, reason: str, *names: str) -> Iterator[tuple[KeyPath, str]]:
    for name in names:
        if name in card.model_fields_set and getattr(card, name) not in WITHOUT_GROUPS:
            yield (name,), reason
