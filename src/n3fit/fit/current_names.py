"""Runcards with the names that data sets have today."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

from n3fit.data.library import current_name
from n3fit.data.own_data import check_name
from n3fit.runcard import DatasetInput, LagrangeDataset, Runcard, RuncardWarning

MOST_SHOWN = 3
"""Maximum number of old names in a warning."""


def with_current_names(card: Runcard, path: Path | None = None) -> Runcard:
    """Return a runcard in which every data set has the name of the installed library, or its own.

    Parameters
    ----------
    card : Runcard
    path : Path, optional
        A folder of data of the user, besides those that are always searched.

    Warns
    -----
    RuncardWarning
        Once, if there are old names; and once, if ``sys`` stands beside today's names.

    Raises
    ------
    DataError
        An old name has no systematics with the number ``sys``, or is the name of a data set of the user too.
    """
    names = [entry.dataset for entry in card.dataset_inputs]
    names += [entry.dataset for entry in (*card.positivity.posdatasets, *card.integrability.integdatasets)]
    for name in dict.fromkeys(names):
        check_name(name, path)
    datasets = tuple(_translate(entry) for entry in card.dataset_inputs)
    positivity = tuple(map(_translate_penalty, card.positivity.posdatasets))
    integrability = tuple(map(_translate_penalty, card.integrability.integdatasets))
    _warn_about_names([*zip(card.dataset_inputs, datasets, strict=True)])
    selections = tuple(
        entry
        if entry.dataset_inputs is None
        else entry.model_copy(update={"dataset_inputs": tuple(map(_translate, entry.dataset_inputs))})
        for entry in card.cuts_intersection_spec
    )
    return card.model_copy(
        update={
            "dataset_inputs": datasets,
            "cuts_intersection_spec": selections,
            "positivity": card.positivity.model_copy(update={"posdatasets": positivity}),
            "integrability": card.integrability.model_copy(update={"integdatasets": integrability}),
        }
    )


def _translate(entry: DatasetInput) -> DatasetInput:
    name, variant = current_name(entry.dataset, entry.variant, entry.sys)
    return entry.model_copy(update={"dataset": name, "variant": variant, "sys": None})


def _translate_penalty(entry: LagrangeDataset) -> LagrangeDataset:
    return entry.model_copy(update={"dataset": current_name(entry.dataset, None)[0]})


def _warn_about_names(entries: Sequence[tuple[DatasetInput, DatasetInput]]) -> None:
    old = [(before, after) for before, after in entries if before.dataset != after.dataset]
    if old:
        shown = [
            f"{before.dataset} is {after.dataset}" + (f", variant {after.variant}" if after.variant else "")
            for before, after in old[:MOST_SHOWN]
        ]
        more = f"; and {len(old) - MOST_SHOWN} more, see `n3fit check`" if len(old) > MOST_SHOWN else ""
        warnings.warn(f"dataset_inputs: old names of data sets: {'; '.join(shown)}{more}", RuncardWarning, stacklevel=3)
    idle = [before.dataset for before, after in entries if before.sys is not None and before.dataset == after.dataset]
    if idle:
        names = ", ".join(idle[:MOST_SHOWN]) + (", ..." if len(idle) > MOST_SHOWN else "")
        text = f"dataset_inputs: sys: without effect beside today's names ({names}), whose variants choose systematics"
        warnings.warn(text, RuncardWarning, stacklevel=3)
