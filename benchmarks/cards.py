"""Copies of a runcard with another number of epochs, fewer data sets or another network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


def copy_with_epochs(runcard: Path, folder: Path, epochs: int) -> Path:
    """Write a copy that differs in the epochs alone, text for text; its name ends with their number.

    Raises
    ------
    ValueError
        The runcard has no line with the epochs.
    """
    text, count = re.subn(r"^(\s+epochs:\s*)\d+", rf"\g<1>{epochs}", runcard.read_text(), count=1, flags=re.MULTILINE)
    if count == 0:
        raise ValueError(f"{runcard}: there is no line `epochs:`")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{runcard.stem.rpartition('_')[0] or runcard.stem}_{epochs}.yml"
    path.write_text(text)
    return path


def copy_with(
    runcard: Path,
    folder: Path,
    *,
    epochs: int,
    datasets: int | None = None,
    parameters: Mapping[str, Any] | None = None,
    seed: int | None = None,
) -> Path:
    """Write a copy that trains all its epochs.

    Parameters
    ----------
    datasets : int, optional
        Keep the first so many data sets.
    parameters : mapping, optional
        Entries of ``parameters`` that change; of an entry that is a mapping, those of its keys.
    seed : int, optional
        Of the initial weights.
    """
    yaml = YAML()
    card = yaml.load(runcard)
    entries = card["parameters"]
    for key, value in ({"epochs": epochs, "stopping_patience": 1.0} | dict(parameters or {})).items():
        both = isinstance(value, Mapping) and isinstance(entries.get(key), Mapping)
        entries[key] = dict(entries[key]) | dict(value) if both else value
    if seed is not None:
        card["nnseed"] = seed
    if datasets is not None:
        card["dataset_inputs"] = card["dataset_inputs"][:datasets]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{runcard.stem}.yml"
    yaml.dump(card, path)
    return path
