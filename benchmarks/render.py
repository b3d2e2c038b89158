"""The tables of the page on performance, from the files of JSON lines that the benchmarks write.

``python benchmarks/render.py`` puts them into ``docs/performance.md`` between its markers. Of each case the newest run
counts.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

from command_tables import command_table
from gpu_tables import gpu_report
from machine import product_rate
from records import Record, format_table, median_of, number, read_records

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "performance.md"
RESULTS = Path(__file__).parent / "results"
HEADER = (
    "case",
    "epoch, peer [ms]",
    "n3fit [ms]",
    "ratio",
    "start, peer [s]",
    "n3fit cold [s]",
    "ratio",
    "n3fit warm [s]",
    "ratio",
    "memory, peer [MB]",
    "n3fit [MB]",
    "ratio",
)


def newest(records: list[Record], key: str) -> dict[str, list[Record]]:
    """Return the records of each value of ``key``, in order of appearance, those of its newest run only."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        if key in record:
            groups.setdefault(str(record[key]), []).append(record)
    last = {name: max(record["run"] for record in group) for name, group in groups.items()}
    return {name: [record for record in group if record["run"] == last[name]] for name, group in groups.items()}


def peer_table(results: Path, *, markdown: bool = True) -> str:
    """Return the comparison with the peer: time per epoch, start to the first epoch, peak memory, and ratios."""
    records = read_records(results)
    rows = []
    for name, group in newest(records, "case").items():
        peer = [record for record in group if record["kind"] == "peer"]
        warm = [record for record in group if record["kind"] == "ours" and record["cache"] == "warm"]
        cold = [record for record in group if record["kind"] == "ours" and record["cache"] == "cold"]
        honest = [record for record in peer if not record["fast_yaml"]]
        epoch = median_of(peer, "epoch_ms"), median_of(warm, "epoch_ms")
        start = median_of(honest, "first_epoch_s")
        first = median_of(cold, "first_epoch_s"), median_of(warm, "first_epoch_s")
        memory = median_of(peer, "peak_mb"), median_of(warm, "peak_mb")
        row = [name, number(epoch[0]), number(epoch[1]), ratio(*epoch), number(start)]
        for ours in first:
            row += [number(ours), ratio(start, ours)]
        rows.append([*row, number(memory[0]), number(memory[1]), ratio(*memory)])
    table = format_table(HEADER, rows, markdown=markdown)
    failures = [record for record in records if record["kind"] == "failure"]
    notes = "".join(f"\n{record['time']}: {record['reason']}" for record in failures)
    return f"{_heading(records)}\n\n{table}\n{notes}".rstrip() if records else "Not measured yet."


def bench_tables(results: Path) -> str:
    """Return every table of ``bench.py``."""
    records = read_records(results)
    if not records:
        return "Not measured yet."
    parts = [_heading(records)]
    for title, group in newest(records, "table").items():
        parts.append(f"### {title}\n\n{fit_table(group, markdown=True)}")
    return "\n\n".join(parts)


def command_tables(results: Path) -> str:
    """Return the table of whole commands, of each case the newest run."""
    records = read_records(results)
    groups = newest([record for record in records if "case" in record], "case")
    if not groups:
        return "Not measured yet."
    table = command_table([record for group in groups.values() for record in group], markdown=True)
    return f"{_heading(records)}\n\n{table}"


def gpu_tables(results: Path) -> str:
    """Return what the newest run of ``gpu.py`` found."""
    records = read_records(results)
    if not records:
        return "Not measured yet."
    return gpu_report([record for record in records if record["run"] == records[-1]["run"]], markdown=True)


def fit_table(records: list[Record], *, markdown: bool) -> str:
    """Return one table of fits, a row for each label; medians over the rounds."""
    header = (
        "fit",
        "epoch [ms]",
        "spread [ms]",
        "a replica [ms]",
        "products",
        "share of the limit",
        "with whole tables",
        "start cold [s]",
        "start warm [s]",
        "memory [MB]",
        "whole fit [s]",
    )
    rows = []
    for label in dict.fromkeys(record["label"] for record in records):
        group = [record for record in records if record["label"] == label]
        cold = [record for record in group if record.get("cache") == "cold"]
        warm = [record for record in group if record.get("cache") == "warm"]
        trained = warm or cold
        skipped = [record["reason"] for record in group if "reason" in record]
        if not trained:
            rows.append([f"{label}: {skipped[0] if skipped else 'not measured'}", *("" for _ in header[1:])])
            continue
        epoch = median_of(trained, "epoch_ms")
        product = median_of(trained, "product_ms")
        counts = median_of(trained, "operations"), median_of(trained, "whole")
        assert epoch is not None
        assert product is not None
        possible = 1e-3 * epoch * product_rate(product)
        spread = min(record["fastest_ms"] for record in trained), max(record["slowest_ms"] for record in trained)
        rows.append(
            [
                label,
                number(epoch),
                f"{number(spread[0])} to {number(spread[1])}",
                number(epoch / trained[0]["replicas"]),
                number(epoch / product),
                *("-" if count is None else f"{100 * count / possible:.0f} %" for count in counts),
                number(median_of(cold, "first_epoch_s")),
                number(median_of(warm, "first_epoch_s")),
                number(median_of(trained, "peak_mb")),
                number(median_of(trained, "seconds")),
            ]
        )
    return format_table(header, rows, markdown=markdown)


def ratio(peer: float | None, ours: float | None) -> str:
    """Return how many times larger the number of the peer is."""
    return "-" if peer is None or ours is None else number(peer / ours)


def _heading(records: list[Record]) -> str:
    machines = [record for record in records if record["kind"] == "machine"]
    if not machines:
        return ""
    last = machines[-1]
    versions = ", ".join(f"{name} {version}" for name, version in last["versions"].items())
    peer = f"; peer {last['peer']}" if "peer" in last else ""
    revisions = ", ".join(f"{name} {revision}" for name, revision in last.get("revisions", {}).items())
    return (
        f"Measured {last['run']} UTC: {last['processor']}, {last['cores']} cores, {last['memory_gb']} GB; "
        f"Python {last['python']}, {versions}{peer}{f'; {revisions}' if revisions else ''}."
    )


SECTIONS: MappingProxyType[str, Callable[[], str]] = MappingProxyType(
    {
        "peer": lambda: peer_table(RESULTS / "peer.jsonl"),
        "bench": lambda: bench_tables(RESULTS / "bench.jsonl"),
        "commands": lambda: command_tables(RESULTS / "commands.jsonl"),
        "gpu": lambda: gpu_tables(RESULTS / "gpu.jsonl"),
    }
)
"""What goes between the markers ``<!-- begin NAME -->`` and ``<!-- end NAME -->``."""


def fill_page(text: str) -> str:
    """Return the text of the page with every table in its place.

    Raises
    ------
    ValueError
        The page lacks a marker.
    """
    for name, make in SECTIONS.items():
        pattern = re.compile(rf"(<!-- begin {name} -->).*?(<!-- end {name} -->)", re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"the page has no markers for {name!r}")
        table = make()
        text = pattern.sub(lambda match, table=table: f"{match[1]}\n\n{table}\n\n{match[2]}", text)
    return text


def main() -> None:
    """Fill the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", type=Path, default=PAGE)
    arguments = parser.parse_args()
    arguments.page.write_text(fill_page(arguments.page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
