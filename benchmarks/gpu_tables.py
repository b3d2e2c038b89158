"""Tables of ``gpu.py``: the device, exact products, whole commands, epochs and tests."""

from __future__ import annotations

from command_tables import command_table
from records import Record, format_table, number


def gpu_report(records: list[Record], *, markdown: bool) -> str:
    """Return everything of one run."""
    parts = [_heading(records)]
    commands = [record for record in records if "step" in record]
    if commands:
        parts.append(command_table(commands, markdown=markdown))
    fits = [record for record in records if record["kind"] == "fit"]
    if fits:
        parts.append(_epoch_table(fits, markdown=markdown))
    parts += [_describe_tests(record) for record in records if record["kind"] == "tests"]
    parts += [f"Left out for lack of time: {record['what']}." for record in records if record["kind"] == "left out"]
    failures = (record for record in records if record["kind"] == "failure" and "what" in record)
    parts += [f"Failed: {record['what']}: {record['reason']}." for record in failures]
    return "\n\n".join(parts)


def _heading(records: list[Record]) -> str:
    machine = next(record for record in records if record["kind"] == "machine")
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    revision = f" ({machine['revision']})" if machine.get("revision") else ""
    lines = [
        f"Measured {machine['run']} UTC: {machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB; "
        f"Python {machine['python']}, {versions}{revision}."
    ]
    for record in records:
        if record["kind"] == "products":
            exact = "in full single precision" if record["product_error"] <= record["limit"] else "NOT EXACT"
            lines.append(
                f"Device {record['device_name']}, backend {record['backend']} {record['backend_version']}; products "
                f"{exact}: off by {record['product_error']:.1e} of the sum of the moduli of their terms."
            )
    return "\n\n".join(lines)


def _epoch_table(records: list[Record], *, markdown: bool) -> str:
    header = ("fit", "epoch [ms]", "spread [ms]", "a replica [ms]", "start [s]", "memory [MB]", "whole fit [s]")
    rows = [
        [
            record["label"],
            number(record["epoch_ms"]),
            f"{number(record['fastest_ms'])} to {number(record['slowest_ms'])}",
            number(record["epoch_ms"] / record["replicas"]),
            *(number(record[key]) for key in ("first_epoch_s", "peak_mb", "seconds")),
        ]
        for record in records
    ]
    return format_table(header, rows, markdown=markdown)


def _describe_tests(record: Record) -> str:
    failed = record["failed"]
    text = f"Tests: {record['passed']} passed, {len(failed)} failed, {record['skipped']} skipped"
    text += f" in {record['seconds']:.0f} s"
    text += f"; ended early: {record['ended']}." if record["ended"] else "."
    return text + "".join(f"\n- {name}: {reason}" for name, reason in failed.items())
