"""Tables of whole commands: one version, or two side by side with their ratio."""

from __future__ import annotations

from collections.abc import Iterator

from records import Record, format_table, median_of, number

STAGES = (
    ("fit, cold: start", "fit", "cold", "start_s"),
    ("fit, cold: whole", "fit", "cold", "seconds"),
    ("fit: start", "fit", "warm", "start_s"),
    ("fit: training", "fit", "warm", "training_s"),
    ("fit: evaluation, writing", "fit", "warm", "end_s"),
    ("fit: whole", "fit", "warm", "seconds"),
    ("postfit", "postfit", "warm", "seconds"),
    ("evolve", "evolve", "warm", "seconds"),
    ("report", "report", "warm", "seconds"),
    ("comparison of two fits", "compare", "warm", "seconds"),
)
"""Row, command, cache and the number that it shows."""

MEASURES = (("time [s]", None), ("processor [s]", "processor_s"), ("memory [MB]", "peak_mb"))
"""Group of columns and its number; none for that of the row. Only whole commands have the others."""


def command_table(records: list[Record], *, markdown: bool) -> str:
    """Return a table of the medians over rounds; with two versions before, after and their ratio."""
    versions = [name for name in ("before", "after") if any(record["version"] == name for record in records)]
    header = ["command"]
    for title, _ in MEASURES:
        header += [title] if len(versions) == 1 else [f"{title}, before", "after", "ratio"]
    rows = [
        [f"{case}: {row}", *cells]
        for case in dict.fromkeys(record["case"] for record in records)
        for row, cells in _case_rows([record for record in records if record["case"] == case], versions)
    ]
    rounds = 1 + max((record["round"] for record in records), default=0)
    failures = dict.fromkeys(f"{r['case']}: {r['reason']}" for r in records if r["kind"] == "failure")
    notes = "".join(f"\n\nFailed: {failure}." for failure in failures)
    return f"{format_table(header, rows, markdown=markdown)}\n\nMedians of {rounds} round{'s' * (rounds > 1)}.{notes}"


def _case_rows(records: list[Record], versions: list[str]) -> Iterator[tuple[str, list[str]]]:
    for row, step, cache, key in STAGES:
        measured = (r for r in records if r["kind"] == "command" and r["counted"])
        chosen = [r for r in measured if (r["step"], r["cache"]) == (step, cache)]
        if not chosen:
            continue
        cells: list[str] = []
        for _, measure in MEASURES:
            if measure is None or key == "seconds":
                values = [median_of((r for r in chosen if r["version"] == name), measure or key) for name in versions]
            else:
                values = [None for _ in versions]
            cells += [number(value) for value in values]
            if len(versions) == 2:
                before, after = values
                cells.append("-" if before is None or after is None else number(before / after))
        yield row, cells
