"""The runs of a campaign: the runcard, the replicas and the name of each."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from n3fit.campaign.schema import CampaignFile
from n3fit.errors import N3fitError, RuncardError
from n3fit.runcard import Runcard, RuncardWarning, parse_runcard
from n3fit.runcard.editing import Value, edit_runcard
from n3fit.runcard.yaml_reader import read_text
from n3fit.seeds import derive_seed
from n3fit.storage.key_path import KeyPath

SEED_PURPOSE = "closure test"
"""Purpose of the seeds of numbered runs; each seed has its name behind a comma."""

Changes = Mapping[KeyPath, Value]


@dataclass(frozen=True)
class Run:
    """One run.

    Parameters
    ----------
    name : str
        Also that of its fit.
    source : Path
        The runcard that it was made from.
    card : str
        The text of its runcard.
    replicas : tuple of int
        First and last replica.
    theory : str or int
        Identifier of the theory.
    alphas : float, optional
        What the campaign file says of it.
    batch : int
        Number of the repetition from other initial weights, from 1.
    """

    name: str
    source: Path
    card: str
    replicas: tuple[int, int]
    theory: str | int
    alphas: float | None = None
    batch: int = 1


@dataclass(frozen=True)
class _Part:
    """A part of the name of a run with the changes that it stands for."""

    name: str
    changes: Changes
    seed: int | None = None
    alphas: float | None = None
    batch: int = 1


def expand_campaign(campaign: CampaignFile, folder: Path) -> list[Run]:
    """Return the runs of a campaign whose file is in ``folder``, in their order; every runcard is checked.

    Raises
    ------
    RuncardError
        A runcard violates the rules, a value cannot be replaced, or two runs have the same name.
    """
    runs = [
        _make_run(
            campaign, entry.name, folder / entry.runcard, [_flatten(entry.overrides)], entry.replicas, _Part("", {})
        )
        for entry in campaign.runs
    ]
    if campaign.runcard is not None:
        for parts in _product(_variations(campaign), _theories(campaign), _seeds(campaign), _batches(campaign)):
            name = "_".join(part.name for part in parts if part.name) or Path(campaign.runcard).stem
            runs.append(_combine(campaign, name, folder / campaign.runcard, parts))
    names = [run.name for run in runs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RuncardError(f"runs with the same name: {', '.join(twice)}", hint="give runs or variations other names")
    return runs


def _combine(campaign: CampaignFile, name: str, source: Path, parts: Iterable[_Part]) -> Run:
    together = list(parts)
    merged = _Part(
        name,
        {},
        seed=next((part.seed for part in together if part.seed is not None), None),
        alphas=next((part.alphas for part in together if part.alphas is not None), None),
        batch=max(part.batch for part in together),
    )
    return _make_run(campaign, name, source, [part.changes for part in together], None, merged)


def _make_run(
    campaign: CampaignFile,
    name: str,
    source: Path,
    changes: Iterable[Changes],
    replicas: tuple[int, int] | None,
    part: _Part,
) -> Run:
    label = f"{source} (run {name})"
    text = read_text(source)
    wanted: dict[KeyPath, Value] = dict(_flatten(campaign.overrides))
    for some in changes:
        wanted |= some
    text = _edit(text, wanted, label)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuncardWarning)  # each fit gives the warnings of its runcard
        card = parse_runcard(text, name=label)
        if campaign.analysis == "alphas":
            _check_correlated(card, label)
        text = _edit(text, _derived_changes(campaign, card, part), label)
        card = parse_runcard(text, name=label)
    return Run(
        name=name,
        source=source,
        card=text,
        replicas=replicas or campaign.replicas,
        theory=card.theory.theoryid,
        alphas=part.alphas,
        batch=part.batch,
    )


def _derived_changes(campaign: CampaignFile, card: Runcard, part: _Part) -> dict[KeyPath, Value]:
    """Return the seeds of numbered runs and batches, and what a scan of alpha_s needs of each fit."""
    changes: dict[KeyPath, Value] = {}
    if part.seed is not None:
        names = ["trvlseed", "nnseed", *(["mcseed"] if card.mcseed is not None else [])]
        changes |= {(name,): derive_seed(part.seed, f"{SEED_PURPOSE}, {name}") for name in names}
        if card.closure_level:
            changes["closuretest", "filterseed"] = derive_seed(part.seed, f"{SEED_PURPOSE}, filterseed")
    if part.batch > 1:
        for name, base in {"nnseed": card.nnseed, "trvlseed": card.trvlseed}.items():
            changes[(name,)] = derive_seed(base, f"batch {part.batch}, {name}")
    if campaign.analysis == "alphas":
        if not card.fitting.savepseudodata:
            changes["fitting", "savepseudodata"] = True
        if card.theory.t0theoryid is None and campaign.theories:
            changes["theory", "t0theoryid"] = reference_theory(campaign)
    return changes


def _check_correlated(card: Runcard, label: str) -> None:
    """Check that the replicas of a run in a scan of alpha_s have pseudodata, and the same as in the other runs.

    Raises
    ------
    RuncardError
    """
    if not card.genrep:
        raise RuncardError(f"{label}: genrep: expected true, received false", hint="a scan of alpha_s needs replicas")
    if card.closuretest is not None and card.closure_level is not None and card.closuretest.faketheoryid is None:
        raise RuncardError(
            f"{label}: closuretest.faketheoryid: expected a theory, received nothing",
            hint="without it the data follow from another theory in each run",
        )


def reference_theory(campaign: CampaignFile) -> str | int:
    """Return the theory in the middle of a scan, which gives all its runs the same t0 covariance and pseudodata."""
    known = [entry for entry in campaign.theories if entry.alphas is not None]
    if len(known) == len(campaign.theories):
        ordered = sorted(known, key=lambda entry: entry.alphas or 0.0)
        return ordered[len(ordered) // 2].theoryid
    return campaign.theories[len(campaign.theories) // 2].theoryid


def _variations(campaign: CampaignFile) -> list[_Part]:
    return [_Part(entry.name, _flatten(entry.overrides)) for entry in campaign.variations] or [_Part("", {})]


def _theories(campaign: CampaignFile) -> list[_Part]:
    return [
        _Part(f"theory_{entry.theoryid}", {("theory", "theoryid"): entry.theoryid}, alphas=entry.alphas)
        for entry in campaign.theories
    ] or [_Part("", {})]


def _seeds(campaign: CampaignFile) -> list[_Part]:
    if campaign.seeds is None:
        return [_Part("", {})]
    first = campaign.seeds.first
    return [_Part(f"run_{number}", {}, seed=number) for number in range(first, first + campaign.seeds.runs)]


def _batches(campaign: CampaignFile) -> list[_Part]:
    if campaign.batches == 1:
        return [_Part("", {})]
    return [_Part(f"batch_{number}", {}, batch=number) for number in range(1, campaign.batches + 1)]


def _product(*factors: list[_Part]) -> Iterator[tuple[_Part, ...]]:
    """Yield one part of each factor, the last one changing fastest."""
    if not factors:
        yield ()
        return
    for part in factors[0]:
        for rest in _product(*factors[1:]):
            yield (part, *rest)


def _flatten(overrides: Mapping[str, Any], path: KeyPath = ()) -> dict[KeyPath, Value]:
    """Return the values of nested mappings by their key paths."""
    found: dict[KeyPath, Value] = {}
    for key, value in overrides.items():
        if isinstance(value, dict) and value:
            found |= _flatten(value, (*path, key))
        else:
            found[*path, key] = value
    return found


def _edit(text: str, changes: Changes, label: str) -> str:
    """Return the text with values replaced one after the other; the error names the run and the key."""
    for path, value in changes.items():
        try:
            text = edit_runcard(text, {path: value}, name=label, digits=None)
        except N3fitError as error:
            raise RuncardError(error.message, hint=error.hint or "change it in the runcard itself") from error
    return text
