"""Cuts by the agreement of two theories: points whose two predictions differ by less than the data can resolve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from n3fit.data import CommonData, PointSelection, Removal, covariance_matrix
from n3fit.data.library import current_name
from n3fit.errors import RuncardError
from n3fit.lhapdf.pdf_sets import PDFSet, load_pdf_set
from n3fit.paths import SearchPaths
from n3fit.runcard import CutsOfEntry, DatasetInput, Runcard
from n3fit.theory.predictions import observable_of, predict
from n3fit.theory.theories import Theory, open_theory
from n3fit.typing import Floats

ORIGIN = "use_cuts: fromsimilarpredictions"


@dataclass(frozen=True)
class _Source:
    """What one of the two predictions is made of."""

    theory: Theory
    pdf_set: PDFSet
    entries: Mapping[str, DatasetInput]

    def predict(self, dataset: CommonData) -> Floats:
        observable = observable_of(self.theory, dataset, self.entries[dataset.name].cfac)
        return predict(observable, self.pdf_set, self.theory.q0)[0]


def similarity_of_entries(
    card: Runcard, internal: Sequence[PointSelection], common: Sequence[PointSelection], paths: SearchPaths
) -> tuple[PointSelection, ...]:
    """Return the points where the predictions of the two entries of ``cuts_intersection_spec`` agree.

    The predictions T1 and T2 are those of member 0; a point is kept if ``|T1 - T2| / sigma`` is below
    ``cut_similarity_threshold``, with the experimental uncertainty sigma of the point.

    Parameters
    ----------
    card : Runcard
    internal : sequence of PointSelection
        By the rules of the card, for the data sets of ``do_not_require_similarity_for``.
    common : sequence of PointSelection
        Points that the cuts of both entries keep, for the other data sets.
    paths : SearchPaths

    Raises
    ------
    RuncardError
        A data set is missing in one of the two entries.
    DataError, TheoryError
        A PDF set, theory or table is missing or broken.
    """
    exempt = {current_name(name, None)[0] for name in card.do_not_require_similarity_for}
    compared = [selection.dataset.name for selection in common if selection.dataset.name not in exempt]
    inputs = [_entries_by_name(entry) for entry in card.cuts_intersection_spec]
    _check_present(card, compared, inputs)
    folders = paths.pdf_folders
    first, second = (
        _source(card, entry, names, folders, paths.theories)
        for entry, names in zip(card.cuts_intersection_spec, inputs, strict=True)
    )
    return tuple(
        selection if selection.dataset.name in exempt else _keep_similar(both, first, second, card)
        for selection, both in zip(internal, common, strict=True)
    )


def _entries_by_name(entry: CutsOfEntry) -> dict[str, DatasetInput]:
    return {given.dataset: given for given in entry.dataset_inputs or ()}


def _check_present(card: Runcard, names: Sequence[str], inputs: Sequence[Mapping[str, DatasetInput]]) -> None:
    problems = []
    for index, entries in enumerate(inputs):
        missing = [name for name in names if name not in entries]
        if missing:
            key = ("cuts_intersection_spec", index, "dataset_inputs")
            problems.append(
                f"{card.where(key)}: expected every data set of the fit, received none of {', '.join(missing)} "
                "(add them, or list them under do_not_require_similarity_for)"
            )
    if problems:
        raise RuncardError("\n".join(problems))


def _source(
    card: Runcard,
    entry: CutsOfEntry,
    entries: Mapping[str, DatasetInput],
    folders: Sequence[Path],
    theory_path: Path | None,
) -> _Source:
    theoryid = card.theory.theoryid if entry.theoryid is None else entry.theoryid
    return _Source(open_theory(theoryid, path=theory_path), load_pdf_set(str(entry.pdf), folders), entries)


def _keep_similar(selection: PointSelection, first: _Source, second: _Source, card: Runcard) -> PointSelection:
    dataset = selection.select()
    sigma = np.sqrt(np.diag(covariance_matrix([dataset])))
    distance = np.abs(first.predict(dataset) - second.predict(dataset)) / sigma
    threshold = float(card.cut_similarity_threshold or 0.0)
    removed = dataset.indices[~(distance < threshold)]
    condition = (
        f"|T1 - T2| / sigma < {threshold:g}, T1 and T2 of the theories "
        f"{first.theory.identifier} and {second.theory.identifier}"
    )
    return selection.without([Removal(condition, "", ORIGIN, removed)] if removed.size else [])
