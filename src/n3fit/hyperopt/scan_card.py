"""The card of a scan: what a scan needs of it, and what differs from a fit."""

from __future__ import annotations

import warnings
from pathlib import Path

from pydantic import ValidationError

from n3fit.errors import RuncardError
from n3fit.hyperopt.space import SearchSpace
from n3fit.results.scan_folder import scan_config
from n3fit.runcard import Runcard, RuncardWarning, parse_runcard
from n3fit.runcard.hyperscan import KEY, HyperscanConfig
from n3fit.runcard.scan_checks import find_sampling_problems
from n3fit.runcard.schema_violations import schema_violations
from n3fit.runcard.violations import violations_error
from n3fit.storage.key_path import KeyPath, format_key


def parse_scan_card(text: str, name: str, *, warn: bool = True) -> Runcard:
    """Return the card of a scan, whose points are split and not eigenvectors: ``diagonal_basis`` is false.

    Where it was true, the fraction ``diagonal_frac`` of the points of every data set without ``frac`` trains.

    Parameters
    ----------
    text, name : str
        The card, and its file in messages.
    warn : bool
        Whether keys without effect are named in warnings.

    Raises
    ------
    RuncardError
        The card is not valid, or has no ``hyperscan_config`` or no ``kfold``.
    """
    with warnings.catch_warnings():
        if not warn:
            warnings.simplefilter("ignore", RuncardWarning)
        card = parse_runcard(text, name=name, scanned=True)
    for key in (KEY, "kfold"):
        if getattr(card, key) is None:
            raise RuncardError(
                f"{name}: {key}: expected this key for a scan, received nothing",
                hint=f"see `n3fit explain {key}`, and runcards/dis_scan.yml of `n3fit examples`",
            )
    if card.trial_specs is not None:
        hint = "remove it, and write the keys of parameters"
        raise RuncardError(f"{name}: trial_specs: expected a card without it for a scan", hint=hint)
    if not card.diagonal_basis:
        return card
    datasets = tuple(
        entry if "frac" in entry.model_fields_set else entry.model_copy(update={"frac": card.diagonal_frac})
        for entry in card.dataset_inputs
    )
    return card.model_copy(update={"diagonal_basis": False, "dataset_inputs": datasets})


def search_space(card: Runcard, folder: Path) -> SearchSpace:
    """Return the search space of a card, or of the scan that its ``from_hyperscan`` names.

    Parameters
    ----------
    card : Runcard
    folder : Path
        Folder of the card, where the other scan is looked for too.

    Raises
    ------
    DataError
        The other scan is not there.
    RuncardError
        Nothing is sampled, or what the other scan samples does not fit the card.
    """
    config = card.hyperscan_config
    assert config is not None
    if config.from_hyperscan is not None:
        config = _config_of(config.from_hyperscan, card, folder)
    return SearchSpace(config, card)


def _config_of(name: str, card: Runcard, folder: Path) -> HyperscanConfig:
    """Return ``hyperscan_config`` of another scan, checked with the card that names it."""
    content = {key: value for key, value in scan_config(name, folders=(folder,)).items() if key != "integrability"}
    where = f"{KEY} of the scan {name}"

    def place(key: KeyPath) -> str:
        return card.where(key) if key[0] == "parameters" else f"{where}: {format_key(key)}"

    try:
        config = HyperscanConfig.model_validate(content)
    except ValidationError as error:
        raise violations_error(schema_violations(error, content), place, where) from error
    if config.other_scan is not None:
        raise RuncardError(f"{where}: expected a scan with its own space, received {config.other_scan}")
    problems = list(find_sampling_problems(config, card))
    if problems:
        raise violations_error(problems, place, where)
    return config
