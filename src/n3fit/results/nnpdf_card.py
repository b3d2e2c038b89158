"""The card of a fit that nnpdf made, and the description of the fit from it; keys are looked up where nnpdf does."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from n3fit.data.fk_masks import read_mask
from n3fit.data.loading import load_commondata
from n3fit.errors import DataError, N3fitError
from n3fit.results.filter_files import read_kept_points
from n3fit.results.records import DatasetRecord, FitDescription
from n3fit.storage.yaml_files import read_yaml
from n3fit.theory.exponents import ExponentRange
from n3fit.theory.theories import read_theory_card

logger = logging.getLogger(__name__)

_SCOPES = ("fitting", "closuretest", "theory", "datacuts")
"""Blocks of the card in which a key is looked up, before the top level."""

_HINT = "restore the runcard of the fit"
_UNKNOWN = "unknown"
_SCALING = ("feature_scaling_points", "interpolation_points")
_DEFAULT_THRESHOLD = 1e-6


def find_key(card: Mapping[str, Any], name: str) -> Any:
    """Return the value of a key of the card, None without it."""
    for scope in _SCOPES:
        block = card.get(scope)
        if isinstance(block, Mapping) and name in block:
            return block[name]
    return card.get(name)


def read_card(path: Path) -> Mapping[str, Any]:
    """Read a runcard without judging its keys.

    Raises
    ------
    DataError
        Not YAML, or no mapping.
    ResourceError
        The file is missing or cannot be read.
    """
    card = read_yaml(path)
    if not isinstance(card, Mapping):
        raise DataError(f"{path}: expected a runcard, received {type(card).__name__}", hint=_HINT)
    return card


def describe_nnpdf_fit(fit: Path, name: str, card: Mapping[str, Any], *, q0: float) -> FitDescription:
    """Return the description of a fit.

    Parameters
    ----------
    fit : Path
        The fit folder.
    name : str
        Name of its files.
    card : mapping
    q0 : float
        Initial scale of the exportgrids, GeV.

    Raises
    ------
    DataError
        A key that the description needs is missing or malformed.
    """
    source = fit / "filter.yml"
    ranges = preprocessing_ranges(card, source)
    parameters = find_key(card, "parameters")
    parameters = parameters if isinstance(parameters, Mapping) else {}
    positivity = parameters.get("positivity")
    threshold = positivity.get("threshold") if isinstance(positivity, Mapping) else None
    title, saved = find_key(card, "description"), find_key(card, "save")
    stem = saved.removesuffix(".h5").removesuffix(".weights") if isinstance(saved, str) else "weights"
    identifier = find_key(card, "theoryid")
    return FitDescription(
        name=name,
        title="" if title is None else str(title).strip(),
        fitbasis=str(find_key(card, "fitbasis") or _UNKNOWN),
        flavours=tuple(entry.flavour for entry in ranges),
        q0=q0,
        epochs=_integer(parameters.get("epochs")),
        datasets=tuple(_datasets(fit, card, source)),
        positivity_sets=tuple(_positivity_sets(card)),
        integrability_sets=(),
        positivity_threshold=threshold if isinstance(threshold, float) else _DEFAULT_THRESHOLD,
        preprocessing=ranges,
        theory={"id": identifier, "card": theory_card_of(str(identifier))},
        weights_file=f"{Path(stem).name}.weights.h5",
    )


def theory_card_of(identifier: str) -> dict[str, Any]:
    """Return the card of a theory that is installed, else that of the data library; empty when neither has it."""
    try:
        return read_theory_card(identifier)
    except N3fitError as error:
        logger.debug("%s", error.message)
        return {}


def _positivity_sets(card: Mapping[str, Any]) -> Iterator[str]:
    block = find_key(card, "positivity")
    for entry in (block.get("posdatasets") if isinstance(block, Mapping) else None) or []:
        if isinstance(entry, Mapping) and "dataset" in entry:
            yield str(entry["dataset"])


def preprocessing_ranges(card: Mapping[str, Any], source: Path) -> tuple[ExponentRange, ...]:
    """Return the preprocessing ranges of a card; with feature scaling there is none for large x.

    Raises
    ------
    DataError
        The card has no list of the fitted flavours, or an entry is malformed.
    """
    basis = find_key(card, "basis")
    if not isinstance(basis, Sequence) or isinstance(basis, str):
        raise DataError(f"{source}: fitting.basis: expected the list of the fitted flavours", hint=_HINT)
    parameters = find_key(card, "parameters")
    scaled = isinstance(parameters, Mapping) and any(parameters.get(key) for key in _SCALING)
    ranges = []
    for entry in basis:
        try:
            smallx, largex = (_pair(entry.get(key)) for key in ("smallx", "largex"))
            trainable = entry.get("trainable", True)
            ranges.append(
                ExponentRange(str(entry["fl"]), smallx or (0.0, 0.0), None if scaled else largex, bool(trainable))
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(f"{source}: fitting.basis: {entry}: not a flavour with its ranges", hint=_HINT) from error
    return tuple(ranges)


def _pair(limits: Any) -> tuple[float, float] | None:
    if limits is None:
        return None
    low, high = limits
    return float(low), float(high)


def _integer(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and value >= 0 else 0


def _datasets(fit: Path, card: Mapping[str, Any], source: Path) -> Iterator[DatasetRecord]:
    """Yield the data sets with the numbers of their kept points."""
    start = 0
    for entry in _dataset_inputs(card, source):
        name = str(entry["dataset"])
        variant = entry.get("variant")
        variants = variant if isinstance(variant, list) else [variant] if variant is not None else []
        record = _dataset(fit, name, "+".join(map(str, variants)) or None, start)
        yield record
        start = record.stop


def _dataset_inputs(card: Mapping[str, Any], source: Path) -> list[Mapping[str, Any]]:
    """Return the entries of ``dataset_inputs``, or of the lists of ``experiments`` in their order."""
    entries = find_key(card, "dataset_inputs")
    if entries is None:
        experiments = find_key(card, "experiments") or []
        entries = [entry for experiment in experiments for entry in (experiment or {}).get("datasets") or []]
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) and "dataset" in entry for entry in entries):
        raise DataError(f"{source}: dataset_inputs: expected a list of data sets", hint=_HINT)
    return entries


def _dataset(fit: Path, name: str, variant: str | None, start: int) -> DatasetRecord:
    """Return the record of one data set; what the data library does not know of it is ``unknown``."""
    try:
        found = load_commondata(name, variant)
    except N3fitError as error:
        logger.debug("%s: %s", fit, error.message)
        kept = read_kept_points(fit, name)
        points = 0 if kept is None else len(kept)
        return DatasetRecord(
            name=name, variant=variant, experiment=_UNKNOWN, process_type=_UNKNOWN, start=start, stop=start + points
        )
    kept = read_mask(fit, found)
    points = found.ndata_file if kept is None else len(kept)
    return DatasetRecord(
        name=found.name, variant=found.variant, experiment=found.experiment, process_type=found.process_type,
        start=start, stop=start + points,
    )  # fmt: skip
