"""The commands ``n3fit pdf list|describe|check|bundle``; ``get`` is in :mod:`n3fit.cli.fetch_commands`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from n3fit.cli.completion import complete_pdf_sets
from n3fit.cli.formatting import align
from n3fit.cli.groups import Subcommands, show_help_without_command
from n3fit.cli.options import PATH, debug_option, force_option, json_option, pdf_option
from n3fit.cli.progress import open_reporter
from n3fit.cli.session import Session, emit_json
from n3fit.defaults import SUM_RULE_TOLERANCE

if TYPE_CHECKING:
    from n3fit.api import PdfCheck, PdfDescription, PdfSummary

CHECK_FAILED = 3
"""Exit code for a set that fails its check."""


@click.group(cls=Subcommands, invoke_without_command=True)
@click.pass_context
def pdf(context: click.Context, /) -> None:
    """List, describe, check and bundle PDF sets of the LHAPDF format."""
    show_help_without_command(context)


@pdf.command("list")
@pdf_option
@json_option
@debug_option
@click.pass_obj
def list_pdfs(session: Session, /, pdf_path: Path | None, as_json: bool, debug: bool) -> None:
    """List the PDF sets that a runcard can name, broken ones too."""
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    sets = api.list_pdfs(pdf_path=pdf_path)
    if session.json:
        emit_json("result", {"sets": sets})
    else:
        click.echo("\n".join(describe_sets(sets)))


@pdf.command("describe")
@click.argument("name", shell_complete=complete_pdf_sets)
@pdf_option
@json_option
@debug_option
@click.pass_obj
def describe_pdf(session: Session, /, name: str, pdf_path: Path | None, as_json: bool, debug: bool) -> None:
    """Print order, coupling, flavours and grids of the PDF set NAME (or a folder)."""
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    description = api.describe_pdf(name, pdf_path=pdf_path)
    if session.json:
        emit_json("result", {"set": description})
    else:
        click.echo("\n".join(describe_set(description)))


@pdf.command("check")
@click.argument("name", shell_complete=complete_pdf_sets)
@click.option(
    "--tolerance", type=click.FloatRange(min=0, min_open=True), default=SUM_RULE_TOLERANCE, show_default=True,
    help="Largest deviation of momentum and quark numbers.",
)  # fmt: skip
@pdf_option
@json_option
@debug_option
@click.pass_obj
def check_pdf(
    session: Session, /, name: str, tolerance: float, pdf_path: Path | None, as_json: bool, debug: bool
) -> int:
    """Read every member of the PDF set NAME (or a folder) and check it.

    The check covers files, grids, flavours, the coupling, momentum and quark numbers at 1.65, 10 and 100 GeV, and the
    central member. The exit code is 3 if something fails.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        found = api.check_pdf(name, pdf_path=pdf_path, tolerance=tolerance, progress=reporter)
    if session.json:
        emit_json("result", {"passed": found.passed, "check": found})
    else:
        click.echo("\n".join(describe_check(found)))
    return 0 if found.passed else CHECK_FAILED


@pdf.command("bundle")
@click.argument("name", shell_complete=complete_pdf_sets)
@click.argument("central", metavar="CENTRAL", shell_complete=complete_pdf_sets)
@click.argument("lower", metavar="LOWER", shell_complete=complete_pdf_sets)
@click.argument("upper", metavar="UPPER", shell_complete=complete_pdf_sets)
@click.option("--output", "-o", type=PATH, help="Folder of PDF sets for it.  [default: that of your own sets]")
@pdf_option
@force_option
@json_option
@debug_option
@click.pass_obj
def bundle_pdf(
    session: Session, /, name: str, central: str, lower: str, upper: str, as_json: bool, debug: bool, **options: Any
) -> None:
    """Write the PDF set NAME for uncertainties of PDFs and alpha_s together.

    It has all members of the set CENTRAL, then the central members of the sets LOWER and UPPER of lower and higher
    alpha_s, with their alpha_s in the headers. Sets are names or folders.
    """
    session.configure(json=as_json, debug=debug)
    session.begin("reading the sets")
    from n3fit import api

    written = api.bundle_pdf(name, central, lower, upper, **options)
    if session.json:
        emit_json("result", {"folder": written})
    else:
        click.echo(f"PDF set: {written}")


def describe_sets(sets: list[PdfSummary]) -> list[str]:
    """Return one line for each set, or the next step if there is none."""
    if not sets:
        return ["no PDF sets found; set their folder with --pdf-path"]
    rows = [
        (one.name, "-", "-", "-", "-", f"BROKEN: {one.problem}")
        if one.problem
        else (
            one.name, str(one.members), one.error_type, f"{one.x_min:.3g}", f"{one.q_min:.4g} - {one.q_max:.4g}",
            str(one.folder),
        )
        for one in sets
    ]  # fmt: skip
    return align(("set", "members", "errors", "x from", "Q [GeV]", "folder"), rows, "<><>><")


def describe_set(description: PdfDescription) -> list[str]:
    """Return the properties of a set, one per line."""
    entries = {
        "set": description.name,
        "folder": str(description.folder),
        "description": description.description,
        "authors": description.authors,
        "members": f"{description.members}, errors: {description.error_type or 'unspecified'}",
        "order": description.order or "unspecified",
        "alpha_s(MZ)": f"{description.alpha_s_mz:.6g} ({description.alpha_s_nodes} nodes)",
        "flavours": " ".join(map(str, description.flavours)),
    }
    lines = [f"{key + ':':<13}{value}" for key, value in entries.items()]
    for grid in description.subgrids:
        lines.append(
            f"{'grid:':<13}{grid.x_nodes} nodes in x from {grid.x_min:.4g} to {grid.x_max:.4g}, "
            f"{grid.q_nodes} in Q from {grid.q_min:.6g} to {grid.q_max:.6g} GeV"
        )
    return lines


def describe_check(check: PdfCheck) -> list[str]:
    """Return the checks, the sum rules at each scale, and the verdict."""
    verdicts = {True: "ok", False: "FAILED", None: "note"}
    lines = align(("check", "", ""), [(row.name, verdicts[row.passed], row.detail) for row in check.rows], "<<<")
    if check.sum_rules:
        rows = [
            (
                row.name, f"{row.q:g}", str(row.member), f"{row.expected:g}", f"{row.found:.6f}",
                "-" if row.with_flow != row.with_flow else f"{row.with_flow:.6f}", "" if row.passed else "FAILED",
            )
            for row in check.sum_rules
        ]  # fmt: skip
        header = ("sum rule", "Q [GeV]", "worst member", "expected", "on the grid", "with flow below it", "")
        lines += ["", *align(header, rows, "<>>>>><")]
    failed = [row.name for row in check.rows if row.passed is False]
    lines += ["", f"{check.name}: {'failed: ' + ', '.join(failed) if failed else 'passed'}"]
    return lines
