"""The points that a fit keeps, by ``datacuts.use_cuts``: by rules, all, those of another fit, or an intersection."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.data import CommonData, Cuts, PointSelection, Removal, load_commondata, select_all, select_points
from n3fit.data.fk_masks import FOLDER, read_mask
from n3fit.data.nnpdf_profile import read_profile
from n3fit.errors import DataError
from n3fit.fit.card_cuts import check_scopes, cuts_of_card, theory_features
from n3fit.fit.completeness import Problems
from n3fit.fit.similar_predictions import similarity_of_entries
from n3fit.paths import SearchPaths
from n3fit.progress import ProgressReporter
from n3fit.runcard import Runcard, RuncardWarning
from n3fit.theory.theories import read_theory_card


@dataclass(frozen=True)
class SelectedPoints:
    """The points that a fit keeps.

    Parameters
    ----------
    datasets, positivity, integrability : tuple of PointSelection
        In the order of the runcard.
    cfacs : tuple of tuples of str
        Names of the K-factors of each data set.
    """

    datasets: tuple[PointSelection, ...]
    cfacs: tuple[tuple[str, ...], ...]
    positivity: tuple[PointSelection, ...]
    integrability: tuple[PointSelection, ...]


def select_fit_points(
    card: Runcard,
    theory_card: Mapping[str, Any],
    paths: SearchPaths,
    *,
    progress: ProgressReporter,
    problems: Problems | None = None,
) -> SelectedPoints:
    """Read the data of a runcard and choose their points.

    Positivity and integrability sets have the rules of the card whatever ``use_cuts`` says.

    Parameters
    ----------
    card : Runcard
    theory_card : mapping
        The card of its theory.
    paths : SearchPaths
        Where theories and PDF sets are searched, for the intersection of cuts.
    progress : ProgressReporter
    problems : Problems, optional
        Receives the errors of data and theory, and the result lacks what has one; otherwise they are raised.

    Raises
    ------
    DataError, TheoryError
        Data, a fit or a theory are missing or broken.
    RuncardError
        A rule cannot be applied, or names what does not exist.
    """
    collected = Problems() if problems is None else problems
    before = len(collected.errors)
    cuts = cuts_of_card(card, theory_features(theory_card, card.theory.theoryid))
    data = []
    for number, entry in enumerate(card.dataset_inputs, start=1):
        dataset = collected.attempt(partial(load_commondata, entry.dataset, entry.variant, path=paths.data))
        data += [] if dataset is None else [(dataset, entry.cfac)]
        progress.step("data sets", number, len(card.dataset_inputs))
    positivity = _load_all([entry.dataset for entry in card.positivity.posdatasets], paths, collected)
    integrability = _load_all([entry.dataset for entry in card.integrability.integdatasets], paths, collected)
    datasets = [dataset for dataset, _ in data]
    if len(collected.errors) == before:
        check_scopes(card, cuts, [*datasets, *positivity, *integrability], paths.data)
    selected = collected.attempt(partial(_select_datasets, card, cuts, datasets, paths))
    penalties = [
        [collected.attempt(partial(select_points, dataset, cuts)) for dataset in sets]
        for sets in (positivity, integrability)
    ]
    if problems is None:
        collected.raise_any()
    return SelectedPoints(
        datasets=selected or (),
        cfacs=tuple(cfac for _, cfac in data) if selected else (),
        positivity=tuple(selection for selection in penalties[0] if selection is not None),
        integrability=tuple(selection for selection in penalties[1] if selection is not None),
    )


def _load_all(names: Sequence[str], paths: SearchPaths, problems: Problems) -> list[CommonData]:
    loaded = [problems.attempt(partial(load_commondata, name, path=paths.data)) for name in names]
    return [dataset for dataset in loaded if dataset is not None]


def _select_datasets(
    card: Runcard, cuts: Cuts, datasets: Sequence[CommonData], paths: SearchPaths
) -> tuple[PointSelection, ...]:
    choice = card.datacuts.use_cuts
    if choice == "nocuts":
        return tuple(select_all(dataset) for dataset in datasets)
    if choice == "fromfit":
        folder = find_fit_folder(card)
        return tuple(_select_from_fit(dataset, folder) for dataset in datasets)
    if choice == "internal":
        for key in ("cuts_intersection_spec", "cut_similarity_threshold", "do_not_require_similarity_for", "fit"):
            if getattr(card, key):
                warnings.warn(f"{card.where((key,))}: without effect with use_cuts: internal", RuncardWarning, 2)
        return tuple(select_points(dataset, cuts) for dataset in datasets)
    by_entry = [_cuts_of_entry(card, index, paths) for index in range(len(card.cuts_intersection_spec))]
    common = [_intersection(dataset, by_entry) for dataset in datasets]
    if choice == "fromintersection":
        return tuple(common)
    internal = [select_points(dataset, cuts) for dataset in datasets]
    return similarity_of_entries(card, internal, common, paths)


def _cuts_of_entry(card: Runcard, index: int, paths: SearchPaths) -> Cuts:
    theoryid = card.cuts_intersection_spec[index].theoryid
    theoryid = card.theory.theoryid if theoryid is None else theoryid
    features = theory_features(read_theory_card(theoryid, path=paths.theories), theoryid)
    return cuts_of_card(card, features, index)


def _intersection(dataset: CommonData, by_entry: Sequence[Cuts]) -> PointSelection:
    """Return the points that the cuts of all entries keep."""
    removals = [
        replace(removal, origin=_join(f"cuts_intersection_spec[{index}]", removal.origin))
        for index, cuts in enumerate(by_entry)
        for removal in select_points(dataset, cuts).removals
    ]
    return select_all(dataset).without(removals)


def _join(entry: str, origin: str) -> str:
    return origin if origin.startswith(entry) else f"{entry}, {origin}"


def find_fit_folder(card: Runcard) -> Path:
    """Return the folder of the fit whose points are kept: a path, or the name of a fit of an installed nnpdf.

    Raises
    ------
    DataError
        There is no fit with records of its points.
    """
    named = Path(card.fit or "").expanduser()
    for folder in (named, *(results / named for results in read_profile().results)):
        if (folder / FOLDER).is_dir():
            return folder
    raise DataError(
        f"{card.where(('fit',))}: expected the folder of a fit with {FOLDER}/, received {card.fit!r}",
        hint="give the path of the fit folder",
    )


def _select_from_fit(dataset: CommonData, folder: Path) -> PointSelection:
    kept = read_mask(folder, dataset)
    if kept is None:
        text = f"{dataset.name} is not in the fit {folder}: all its {len(dataset)} points are kept"
        warnings.warn(text, RuncardWarning, stacklevel=2)
        return select_all(dataset)
    removed = dataset.indices[~np.isin(dataset.indices, kept)]
    removal = Removal(f"a point of the fit {folder.name}", "", "use_cuts: fromfit", removed)
    return select_all(dataset).without([removal] if removed.size else [])
