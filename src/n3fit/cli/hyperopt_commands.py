"""The commands ``hyperopt CARD`` and those for the folder of a scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from n3fit.cli.arguments import looks_like_runcard, parse_replicas
from n3fit.cli.formatting import format_number
from n3fit.cli.groups import Subcommands, show_help_without_command
from n3fit.cli.options import (
    PATH,
    data_option,
    debug_option,
    force_option,
    json_option,
    pdf_option,
    shared_options,
    theory_option,
    without_effect_option,
)
from n3fit.cli.progress import open_reporter
from n3fit.cli.session import Session, emit_json
from n3fit.defaults import RETRIES, SCAN_REPLICAS, SCAN_SAMPLERS, SCAN_SEED

if TYPE_CHECKING:
    from n3fit.api import ScanSummary

SCAN = "scan"


class ScanCommands(Subcommands):
    """The group of commands for scans; ``n3fit hyperopt CARD.yml`` is ``n3fit hyperopt scan CARD.yml``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments of the group: those without a command that contain a runcard are of ``scan``."""
        command = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        if not command and any(looks_like_runcard(word) for word in args if not word.startswith("-")):
            args = [SCAN, *args]
        return super().parse_args(ctx, args)


@click.group(cls=ScanCommands, invoke_without_command=True)
@click.pass_context
def hyperopt(context: click.Context, /) -> None:
    """Scan hyperparameters: `n3fit hyperopt CARD --trials 200` does the trials of a runcard."""
    show_help_without_command(context)


scan_options = shared_options(
    click.option(
        "--sampler",
        type=click.Choice(SCAN_SAMPLERS),
        default=SCAN_SAMPLERS[0],
        show_default=True,
        help="How trials are chosen: grid and cmaes suit scans of few keys, and of numbers alone.",
    ),
    click.option(
        "--seed", type=click.IntRange(min=0), default=SCAN_SEED, show_default=True, help="Seed of the sampler."
    ),
    click.option(
        "--prune", is_flag=True, help="Stop trials between folds where they are worse than most others so far."
    ),
    click.option(
        "--together",
        type=click.IntRange(min=1),
        metavar="N",
        help="Trials chosen at once; those of one network train together.  [default: 1; with random and grid, those "
        "of 100 replicas]",
    ),
    click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes of this machine for trials."),
    click.option(
        "--cluster",
        metavar="FILE",
        help="Evaluate trials on a cluster: a file (n3fit cluster template) or the address of a scheduler.",
    ),
    click.option(
        "--retries",
        type=click.IntRange(min=0),
        default=RETRIES,
        show_default=True,
        help="How often a trial whose worker was lost is given to another one.",
    ),
)


@hyperopt.command(SCAN)
@click.argument("runcard", type=PATH)
@click.option("--trials", type=click.IntRange(min=1), metavar="N", required=True, help="Trials, earlier ones included.")
@click.option("--output", "-o", type=PATH, help="Folder for the scan.  [default: the name of the runcard]")
@click.option(
    "--replicas",
    "-r",
    metavar="FIRST-LAST",
    default=f"{SCAN_REPLICAS[0]}-{SCAN_REPLICAS[-1]}",
    show_default=True,
    callback=parse_replicas,
    help="First and last replica of every trial.",
)
@scan_options
@theory_option
@pdf_option
@data_option
@force_option
@json_option
@debug_option
@click.pass_obj
def scan(
    session: Session,
    /,
    runcard: Path,
    trials: int,
    replicas: Sequence[int],
    output: Path | None,
    sampler: str,
    seed: int,
    prune: bool,
    together: int | None,
    workers: int | None,
    cluster: str | None,
    retries: int,
    theory_path: Path | None,
    pdf_path: Path | None,
    data_path: Path | None,
    force: bool,
    as_json: bool,
    debug: bool,
) -> None:
    """Do the trials of a RUNCARD with `hyperscan_config` and `kfold`, and write the folder of the scan.

    The same command again continues a scan that was interrupted, or has fewer trials.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        summary = api.hyperopt(
            runcard,
            trials=trials,
            replicas=replicas,
            output=output,
            sampler=sampler,
            seed=seed,
            prune=prune,
            together=together,
            workers=workers,
            cluster=cluster,
            retries=retries,
            theory_path=theory_path,
            pdf_path=pdf_path,
            data_path=data_path,
            force=force,
            progress=reporter,
        )
    if session.json:
        emit_json("result", {"summary": summary})
    else:
        click.echo("\n".join(describe_scan(summary)))


old_scan_options = shared_options(
    click.option("--hyperopt", type=click.IntRange(min=1), metavar="T", help="Scan hyperparameters: T trials."),
    without_effect_option("--restart", help="Without effect: the same command continues a scan."),
    without_effect_option("--parallel-hyperopt", help="Without effect: see `n3fit hyperopt CARD --workers N`."),
    without_effect_option(
        "--num-mongo-workers", type=int, help="Without effect: see `n3fit hyperopt CARD --workers N`."
    ),
)
"""Options of nnpdf's command for scans."""

_FIT_ALONE = {
    "add": "--add",
    "checkpoint": "--checkpoint",
    "postfit": "--postfit",
    "with_evolution": "--evolve",
    "with_report": "--report",
}


def scan_in_old_form(
    context: click.Context, runcard: Path, replicas: Sequence[int], trials: int, options: Mapping[str, Any]
) -> None:
    """Do a scan for ``n3fit CARD 1 -r R --hyperopt T``.

    Parameters
    ----------
    context : click.Context
    runcard : Path
    replicas : sequence of int
    trials : int
    options : mapping
        Of a fit, by the names of their variables.
    """
    for name, option in _FIT_ALONE.items():
        if options.get(name) not in (None, False):
            raise click.UsageError(f"{option} belongs to a fit, and not to a scan with --hyperopt")
    shared = {name: value for name, value in options.items() if name in {entry.name for entry in scan.params}}
    context.invoke(scan, runcard=runcard, replicas=replicas, trials=trials, **shared)


def describe_scan(summary: ScanSummary) -> list[str]:
    """Return the lines that the command prints at the end."""
    lines = [f"trials: {summary.trials}, of which {summary.failed} failed"]
    if summary.best is not None:
        lines.append(f"best: trial {summary.best}, loss {format_number(summary.loss, '.4g')}")
        lines += [f"  {name}: {_text(value)}" for name, value in summary.parameters.items()]
    return [*lines, f"scan: {summary.folder}"]


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(entry)}" for name, entry in value.items())
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_text, value)) + "]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
