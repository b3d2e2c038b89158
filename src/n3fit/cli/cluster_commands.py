"""The commands ``cluster`` and the options of ``fit`` for many processes and machines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from n3fit.cli.groups import Subcommands, show_help_without_command
from n3fit.cli.options import PATH, debug_option, force_option, json_option, shared_options
from n3fit.cli.session import Session, emit_json
from n3fit.defaults import RETRIES
from n3fit.progress import ProgressReporter

if TYPE_CHECKING:
    from n3fit.api import Fit

SYSTEMS = ("slurm", "htcondor")


def parse_part(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """Return (K, N) of ``K/N``; the callback of ``--part``."""
    if value is None:
        return None
    found = re.fullmatch(r"\s*(\d{1,6})\s*/\s*(\d{1,6})\s*", value)
    if not found:
        raise click.BadParameter(f"expected K/N such as 2/10, received {value!r}")
    return int(found[1]), int(found[2])


worker_options = shared_options(
    click.option(
        "--workers", type=click.IntRange(min=1), metavar="N", help="Divide the replicas over N processes; resumes."
    ),
    click.option(
        "--cluster",
        metavar="FILE",
        help="Divide them over a cluster: a file (n3fit cluster template) or the address of a scheduler; resumes.",
    ),
    click.option(
        "--block", type=click.IntRange(min=1), metavar="SIZE", help="Replicas per block.  [default: one block a worker]"
    ),
    click.option(
        "--retries",
        type=click.IntRange(min=0),
        default=RETRIES,
        show_default=True,
        help="How often a block whose worker was lost is given to another one.",
    ),
)
array_options = shared_options(
    click.option(
        "--array", type=click.IntRange(min=1), metavar="N", help="Print the script of an array of N jobs for this fit."
    ),
    click.option(
        "--system", type=click.Choice(SYSTEMS), default=SYSTEMS[0], show_default=True, help="Of the script of --array."
    ),
    click.option("--part", metavar="K/N", callback=parse_part, help="Fit one of N parts; the last one merges them."),
    click.option("--collect", "only_collect", is_flag=True, help="Merge the parts that the jobs have finished."),
)


@dataclass(frozen=True)
class Division:
    """The way in which a fit is divided; at most one of workers, cluster, array, part and only_collect is given.

    ``alone`` is false for the old form of the command, whose replicas are added to those of other processes.
    """

    workers: int | None = None
    cluster: str | None = None
    block: int | None = None
    retries: int = RETRIES
    array: int | None = None
    system: str = SYSTEMS[0]
    part: tuple[int, int] | None = None
    only_collect: bool = False
    alone: bool = True

    @property
    def resumes(self) -> bool:
        """Whether replicas that are there are kept, and are part of the fit."""
        return self.workers is not None or self.cluster is not None or self.only_collect or not self.alone

    def check(self, options: Mapping[str, Any]) -> None:
        """Check that the options go together.

        Parameters
        ----------
        options : mapping
            The other options of ``fit``, by their names in Python.

        Raises
        ------
        click.UsageError
        """
        ways = {
            "--workers": self.workers, "--cluster": self.cluster, "--array": self.array, "--part": self.part,
            "--collect": self.only_collect or None,
        }  # fmt: skip
        chosen = [name for name, value in ways.items() if value is not None]
        if len(chosen) > 1:
            raise click.UsageError(f"expected at most one of {', '.join(chosen)}")
        if self.block is not None and chosen not in (["--workers"], ["--cluster"]):
            raise click.UsageError("expected --workers or --cluster with --block")
        if chosen and chosen[0] in ("--array", "--part"):
            names = {"force": "--force", "add": "--add", "postfit": "--postfit", "with_evolution": "--evolve"}
            names["with_report"] = "--report"
            for name, option in names.items():
                if options[name] not in (None, False):
                    raise click.UsageError(f"{option}: has no meaning with {chosen[0]}, only when all parts are merged")

    def compute(
        self,
        runcard: Path,
        options: Mapping[str, Any],
        progress: ProgressReporter,
        *,
        force: bool,
        add: bool,
        resume: bool,
    ) -> Fit:
        """Call the function of the api; ``options`` are those that all of them have."""
        from n3fit import api

        if self.only_collect:
            shared = {name: options[name] for name in ("replicas", "output")}
            return api.collect(runcard, **shared, progress=progress)
        if self.part is not None:
            return api.fit_part(runcard, part=self.part, **options, progress=progress)
        if not (self.alone or force or add):
            return api.add_replicas(runcard, **options, progress=progress)
        workers: dict[str, Any] = {}
        if self.workers is not None or self.cluster is not None:
            workers = {name: getattr(self, name) for name in ("workers", "cluster", "block", "retries")}
        return api.fit(runcard, **options, force=force, add=add, resume=resume, **workers, progress=progress)


def others_write(folder: Path) -> bool:
    """Return whether a fit is in a folder, or other processes write it or parts of it."""
    beside = (folder.with_name(f"{folder.name}.parts"), folder.with_name(f".{folder.name}.lock"))
    return any(path.exists() for path in (folder, *beside))


def print_array(
    session: Session,
    runcard: Path,
    *,
    jobs: int,
    system: str,
    replicas: Sequence[int],
    output: Path | None,
    theory_path: Path | None,
    pdf_path: Path | None,
    data_path: Path | None,
    checkpoint: float | None,
) -> None:
    """Print the script of a job array."""
    from n3fit import api

    options: list[str] = []
    for name, value in (("--theory-path", theory_path), ("--pdf-path", pdf_path), ("--data-path", data_path)):
        options += [] if value is None else [name, str(value.resolve())]
    options += [] if checkpoint is None else ["--checkpoint", f"{checkpoint:g}"]
    script = api.job_array(runcard, jobs=jobs, system=system, replicas=replicas, output=output, options=options)
    if session.json:
        emit_json("result", {"system": system, "text": script})
    else:
        click.echo(script, nl=False)


@click.group(cls=Subcommands, invoke_without_command=True)
@click.pass_context
def cluster(context: click.Context, /) -> None:
    """Describe clusters for `n3fit fit --cluster`."""
    show_help_without_command(context)


@cluster.command()
@click.argument("system", metavar="slurm|htcondor")
@click.option("--output", "-o", type=PATH, help="Write it to a file.  [default: print it]")
@force_option
@json_option
@debug_option
@click.pass_obj
def template(session: Session, /, system: str, output: Path | None, force: bool, as_json: bool, debug: bool) -> None:
    """Print a commented file for Slurm or HTCondor, to be adapted."""
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    text = api.template_cluster(system, output=output, force=force)
    if session.json:
        emit_json("result", {"system": system, "text": text, "file": output})
    elif output is None:
        click.echo(text, nl=False)
    else:
        click.echo(f"cluster file: {output}; adapt it, then `n3fit fit CARD --cluster {quote(str(output))}`")
