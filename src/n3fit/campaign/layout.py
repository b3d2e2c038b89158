"""The files of a campaign folder."""

from __future__ import annotations

from pathlib import Path

CAMPAIGN = "campaign.yml"
"""The campaign file as the user wrote it."""

CARDS = "cards"
RUNS = "runs"
RECORDS = "records"
TABLE = "table.csv"
RESULT = "campaign.json"


def card_path(folder: Path, name: str) -> Path:
    """Return the runcard of a run."""
    return folder / CARDS / f"{name}.yml"


def run_folder(folder: Path, name: str) -> Path:
    """Return the fit folder of a run."""
    return folder / RUNS / name


def record_path(folder: Path, name: str) -> Path:
    """Return the file that says that a run is done with all its steps."""
    return folder / RECORDS / f"{name}.json"
