"""Keys of a campaign file."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, JsonValue

from n3fit.runcard.data_keys import TheoryIdentifier
from n3fit.runcard.values import (
    Integer,
    Kind,
    ListAsTuple,
    Number,
    PositiveInteger,
    RuncardSection,
    StrictBool,
    Text,
    list_names,
    one_of,
    violation,
)

ANALYSES = ("closure", "alphas", "table")

Replicas = Annotated[tuple[int, int], BeforeValidator(lambda value: _replicas(value)), Kind("number or FIRST-LAST")]
"""First and last replica: ``40`` for 1 to 40, or ``21-40``."""

RunName = Annotated[Text, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]{0,99}$"), Kind("name")]
Overrides = Annotated[dict[str, JsonValue], Kind("mapping")]


def _replicas(value: Any) -> Any:
    """Return first and last replica of a number or a text."""
    found = re.fullmatch(r"(\d{1,6})-(\d{1,6})", value) if isinstance(value, str) else None
    if found:
        limits = int(found[1]), int(found[2])
    elif isinstance(value, int) and not isinstance(value, bool):
        limits = 1, value
    else:
        limits = 0, 0
    if not 1 <= limits[0] <= limits[1] <= 100_000:
        raise violation("a number of replicas, or the first and the last such as 21-40")
    return limits


class Seeds(RuncardSection):
    """Runs that differ in their seeds alone."""

    runs: PositiveInteger = Field(description="number of runs")
    first: PositiveInteger = Field(default=1, description="number of the first run; seeds follow from the number")


class TheoryEntry(RuncardSection):
    """A theory that everything is fitted with."""

    theoryid: TheoryIdentifier = Field(description="number of a theory, or its name")
    alphas: Number | None = Field(default=None, description="alpha_s(MZ) of its card, to be checked")


class Variation(RuncardSection):
    """Changes of the runcard, with which everything is fitted once more."""

    name: RunName = Field(description="part of the names of its runs")
    overrides: Overrides = Field(default={}, description="values in place of those of the runcard, nested as there")


class ExplicitRun(RuncardSection):
    """One run of its own."""

    name: RunName = Field(description="name of the run and of its fit")
    runcard: Text = Field(description="the runcard, relative to the campaign file")
    replicas: Replicas | None = Field(default=None, description="its replicas; by default those of the campaign")
    overrides: Overrides = Field(default={}, description="values in place of those of the runcard, nested as there")


class Steps(RuncardSection):
    """What follows each fit."""

    postfit: PositiveInteger | None = Field(default=None, description="number of replicas to choose")
    evolve: StrictBool = Field(default=False, description="write the PDF set of each fit")
    report: StrictBool = Field(default=False, description="write the page of each fit")


def _entries(value: Any) -> Any:
    """Return the list with plain identifiers of theories as entries."""
    if not isinstance(value, list | tuple):
        raise violation("a list")
    return [entry if isinstance(entry, dict) else {"theoryid": entry} for entry in value]


class CampaignFile(RuncardSection):
    """The runs of a campaign: those of ``runs``, and of ``runcard`` with every theory, variation and seed."""

    description: Text = Field(default="", description="title of the page")
    analysis: Annotated[str, one_of(*ANALYSES), Kind(list_names(ANALYSES))] = Field(
        default="table", description="what is made of all fits together"
    )
    runcard: Text | None = Field(default=None, description="runcard of the runs, relative to the campaign file")
    replicas: Replicas = Field(default=(1, 20), description="replicas of each run: 40, or 21-40")
    overrides: Overrides = Field(default={}, description="values in place of those of all runcards, nested as there")
    seeds: Annotated[
        Seeds | None, BeforeValidator(lambda value: {"runs": value} if isinstance(value, int) else value)
    ] = Field(default=None, description="runs with other seeds: their number, or {runs, first}")
    theories: Annotated[tuple[TheoryEntry, ...], BeforeValidator(_entries)] = Field(
        default=(), description="a run with each theory: their identifiers, or {theoryid, alphas}"
    )
    variations: ListAsTuple[Variation] = Field(default=(), description="a run with each set of changes")
    batches: Annotated[Integer, Field(ge=1, le=100)] = Field(
        default=1, description="repetitions of each fit from other initial weights, for `analysis: alphas`"
    )
    runs: ListAsTuple[ExplicitRun] = Field(default=(), description="runs with runcards of their own")
    steps: Steps = Field(default_factory=Steps, description="what follows each fit")
    fewest_points: Annotated[Integer, Field(ge=3)] | None = Field(
        default=None, description="fits that the parabola of a replica needs, for `analysis: alphas`"
    )
