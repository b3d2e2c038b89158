"""What a runcard says about its data sets: weights, groups, and uncertainties that are wrong on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from n3fit.data import CommonData, WrongUncertainties
from n3fit.data.grouping import ALL, group_of
from n3fit.data.library import current_name
from n3fit.runcard import Runcard


def weights_of(card: Runcard, datasets: Sequence[CommonData]) -> dict[str, float]:
    """Return the weight of each data set; all that are fitted have weight one without ``use_weights_in_covmat``."""
    weights = [entry.weight for entry in card.dataset_inputs]
    if not card.use_weights_in_covmat:
        weights = [float(weight > 0) for weight in weights]
    return {dataset.name: weight for dataset, weight in zip(datasets, weights, strict=True)}


def groups_of(card: Runcard, datasets: Sequence[CommonData], path: Path | None = None) -> list[str] | None:
    """Return the group of each data set, None where all data are one group; ``path`` is a folder of own data.

    Raises
    ------
    DataError
        The metadata of a data set do not have the key of the groups.
    """
    key = card.grouping
    if key == ALL:
        return None
    custom = {dataset.name: entry.custom_group for dataset, entry in zip(datasets, card.dataset_inputs, strict=True)}
    return [group_of(dataset, key, custom, path) for dataset in datasets]


def wrong_uncertainties(card: Runcard) -> WrongUncertainties | None:
    """Return the uncertainties that a closure test gives wrongly, if the runcard requests any."""
    if card.closuretest is None or not card.closuretest.inconsistent_fakedata:
        return None
    settings = card.closuretest.inconsistent_data_settings
    return WrongUncertainties(
        datasets=tuple(current_name(name, None)[0] for name in settings.inconsistent_datasets),
        treatments=settings.treatment_names,
        correlations=settings.names_uncertainties,
        factor=settings.sys_rescaling_factor,
    )
