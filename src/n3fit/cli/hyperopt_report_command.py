"""The commands ``hyperopt report`` and ``hyperopt best``: what is made of hyperparameter scans."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from n3fit.cli.completion import complete_folders
from n3fit.cli.options import PATH, debug_option, force_option, json_option
from n3fit.cli.progress import open_reporter
from n3fit.cli.session import Session, emit_json


@click.command("report")
@click.argument("study", type=PATH, shell_complete=complete_folders)
@click.option("--output", "-o", type=PATH, help="The page (*.html), or a folder for it.  [default: the folder STUDY]")
@force_option
@json_option
@debug_option
@click.pass_obj
def scan_report(session: Session, /, study: Path, as_json: bool, debug: bool, **options: Any) -> None:
    """Write the HTML report of a scan: losses, parameters, folds, the best and the failed trials.

    STUDY is the folder of a scan of n3fit or of nnpdf, or the name of one in nnpdf's folder of scans.
    """
    session.configure(json=as_json, debug=debug)
    session.begin("reading the scan")
    from n3fit import api

    with open_reporter(session) as reporter:
        page = api.scan_report(study, progress=reporter, **options)
    if session.json:
        emit_json("result", {"report": page})
    else:
        click.echo(f"report: {page}")


@click.command("best")
@click.argument("study", type=PATH, shell_complete=complete_folders)
@click.option("--trial", type=click.IntRange(min=0), metavar="N", help="Another trial, by its number.")
@click.option("--output", "-o", type=PATH, help="File to write.  [default: print the runcard]")
@force_option
@json_option
@debug_option
@click.pass_obj
def best_card(session: Session, /, study: Path, as_json: bool, debug: bool, **options: Any) -> None:
    """Print the runcard of the best trial of a scan, ready for `n3fit fit`.

    It is the runcard of the scan with the parameters of the trial, and without hyperscan_config and kfold.
    """
    session.configure(json=as_json, debug=debug)
    session.begin("reading the scan")
    from n3fit import api

    card = api.best_card(study, **options)
    if session.json:
        emit_json("result", {"trial": card.trial, "loss": card.loss, "output": card.output, "runcard": card.text})
    elif card.output is None:
        click.echo(card.text, nl=False)
    else:
        click.echo(f"runcard: {card.output}, of trial {card.trial} with loss {card.loss:.4g}")
