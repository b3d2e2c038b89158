"""The command ``fit``, its old form, and the steps that may follow a fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, fields
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from n3fit.cli.arguments import replica_range
from n3fit.cli.cluster_commands import Division, array_options, others_write, print_array, worker_options
from n3fit.cli.hyperopt_commands import old_scan_options, scan_in_old_form
from n3fit.cli.options import PATH, fit_options, net_option, replicas_option, without_effect_option
from n3fit.cli.postfit_commands import describe_postfit, describe_selection, postfit_content, print_selection
from n3fit.cli.progress import open_reporter
from n3fit.cli.session import Session, emit_json
from n3fit.cli.tables import describe_fit
from n3fit.errors import N3fitError, n3fit_command
from n3fit.progress import ProgressReporter

if TYPE_CHECKING:
    from n3fit.api import EvolutionAhead, Fit, PostfitSummary


@click.command()
@click.argument("runcard", type=PATH)
@replicas_option
@worker_options
@array_options
@fit_options
@click.pass_obj
def fit(session: Session, /, runcard: Path, replicas: Sequence[int], **options: Any) -> None:
    """Fit the replicas of a RUNCARD and write a fit folder.

    With --postfit, --evolve and --report, postfit, the PDF set and the report follow at once.
    The old form `n3fit RUNCARD 1 -r 20` (first replica, last replica) does the same.
    """
    division = Division(**{entry.name: options.pop(entry.name) for entry in fields(Division) if entry.name in options})
    division.check(options)
    if division.array is None:
        _fit(session, runcard, replicas, division, **options)
        return
    session.configure(json=options["as_json"], debug=options["debug"])
    names = ("output", "theory_path", "pdf_path", "data_path", "checkpoint")
    shared = {name: options[name] for name in names}
    print_array(session, runcard, jobs=division.array, system=division.system, replicas=replicas, **shared)


@click.command("fit-replicas", hidden=True)
@click.argument("runcard", type=PATH)
@click.argument("first", type=int, required=False)
@click.option("--replica-range", "--replica_range", "-r", "last", type=int, help="Last replica.")
@without_effect_option("--skip-md5-check", help="Without effect: nothing is set up before a fit.")
@net_option
@old_scan_options
@fit_options
@click.pass_context
def fit_replicas(
    context: click.Context, /, runcard: Path, first: int | None, last: int | None, hyperopt: int | None, **options: Any
) -> None:
    """Fit replicas FIRST to LAST: the form of the command that nnpdf has; with --hyperopt, scan hyperparameters.

    They are added to the fit that is there, or that other jobs write with other replicas at the same time.
    """
    if first is None:
        example = n3fit_command("fit", runcard, "-r", "1-20")
        raise click.UsageError(f"expected a command, received only the runcard (did you mean `{example}`?)")
    replicas = replica_range(first, first if last is None else last)
    if hyperopt is not None:
        scan_in_old_form(context, runcard, replicas, hyperopt, options)
        return
    alone = last is not None and not others_write(options["output"] or Path(runcard.stem))
    _fit(context.obj, runcard, replicas, Division(alone=alone), **options)


@dataclass
class _Products:
    """The products made so far; ``steps`` are the commands of the steps that remain."""

    folder: Fit
    steps: dict[str, str]
    selection: PostfitSummary | None = None
    pdf_set: Path | None = None
    page: Path | None = None


def _fit(
    session: Session,
    runcard: Path,
    replicas: Sequence[int],
    division: Division,
    *,
    output: Path | None,
    theory_path: Path | None,
    pdf_path: Path | None,
    data_path: Path | None,
    force: bool,
    add: bool,
    resume: bool,
    checkpoint: float | None,
    postfit: int | None,
    with_evolution: bool,
    with_report: bool,
    as_json: bool,
    debug: bool,
) -> None:
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    may_exist = add or resume or division.resumes
    if postfit is not None or with_evolution:
        needed = None if may_exist else postfit  # existing replicas count too
        api.check_steps(output or Path(runcard.stem), replicas=replicas, postfit=needed, evolve=with_evolution)
    products = None
    try:
        with open_reporter(session) as reporter, _evolution_ahead(runcard, theory_path, with_evolution) as ahead:
            options = {
                "replicas": replicas,
                "output": output,
                "theory_path": theory_path,
                "pdf_path": pdf_path,
                "data_path": data_path,
                "checkpoint": checkpoint,
            }
            folder = division.compute(runcard, options, reporter, force=force, add=add, resume=resume)
            products = _Products(folder, _commands(folder.path, postfit, with_evolution, with_report))
            _follow_up(products, reporter, ahead, postfit=postfit, pdf_path=pdf_path, replace=may_exist)
    except N3fitError as error:
        if products is not None:
            _print_products(session, products, "partial")
            if isinstance(error, api.TooFewReplicasError):
                print_selection(session, error.selection)
            rest = "; ".join(f"`{command}`" for command in products.steps.values())
            error.hint = f"{error.hint + '; ' if error.hint else ''}the fit is complete; continue with {rest}"
        raise
    _print_products(session, products, "result")


def _evolution_ahead(
    runcard: Path, theory_path: Path | None, with_evolution: bool
) -> AbstractContextManager[EvolutionAhead | None]:
    """Return the context in which the operators of the evolution are computed beside the fit."""
    if not with_evolution:
        return nullcontext()
    from n3fit import api

    return api.evolution_ahead(runcard, theory_path=theory_path)


def _commands(folder: Path, postfit: int | None, with_evolution: bool, with_report: bool) -> dict[str, str]:
    """Return the commands of the steps, in their order."""
    place = quote(str(folder))
    commands = {
        "postfit": f"n3fit postfit {place} -n {postfit}" if postfit is not None else "",
        "evolve": f"n3fit evolve {place}" if with_evolution else "",
        "report": f"n3fit report {place}" if with_report else "",
    }
    return {step: command for step, command in commands.items() if command}


def _follow_up(
    products: _Products,
    reporter: ProgressReporter,
    ahead: EvolutionAhead | None,
    *,
    postfit: int | None,
    pdf_path: Path | None,
    replace: bool,
) -> None:
    """Run the steps after the fit, and remove each from ``products.steps`` when it is done.

    With ``replace`` an existing PDF set, made before replicas were added, is replaced.
    """
    from n3fit import api

    path = products.folder.path

    def choose() -> None:
        reporter.phase("choosing replicas")
        products.selection = api.postfit(path, count=postfit)
        products.folder = api.open_fit(path)

    def evolve() -> None:
        if ahead is not None:
            reporter.phase("waiting for the operators of the evolution")
            ahead.wait()
        products.pdf_set = api.evolve(path, force=replace, progress=reporter)

    def report() -> None:
        reporter.phase("writing the report")
        products.page = api.report(path, pdf_path=pdf_path, force=True, progress=reporter)

    actions: dict[str, Callable[[], None]] = {"postfit": choose, "evolve": evolve, "report": report}
    for step in list(products.steps):
        actions[step]()
        del products.steps[step]


def _print_products(session: Session, products: _Products, event: str) -> None:
    """Print the summary of the fit and the products."""
    summary = products.folder.summary()
    if session.json:
        content = {
            "folder": products.folder.path,
            "summary": summary,
            "postfit": None if products.selection is None else postfit_content(products.selection),
            "pdf_set": products.pdf_set,
            "report": products.page,
        }
        emit_json(event, content)
        return
    lines = describe_fit(summary)
    if products.selection is not None:
        lines += [*describe_selection(products.selection.selection), *describe_postfit(products.selection)]
    lines.append(f"fit folder: {products.folder.path}")
    if products.pdf_set is not None:
        lines.append(f"PDF set: {products.pdf_set}")
    if products.page is not None:
        lines.append(f"report: {products.page}")
    if event == "result":
        lines.append(f"next: {_next_command(products)}")
    click.echo("\n".join(lines))


def _next_command(products: _Products) -> str:
    """Return the first of the usual steps after a fit that this command has not done."""
    done = {
        "postfit": products.selection is not None,
        "evolve": products.pdf_set is not None,
        "report": products.page is not None,
    }
    step = next((step for step, is_done in done.items() if not is_done), "next-runcard")
    return n3fit_command(step, products.folder.path)
