"""The command ``init``: a new runcard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from n3fit.cli.completion import complete_like, complete_pdf_sets, complete_theories
from n3fit.cli.options import PATH, data_option, debug_option, force_option, json_option, theory_option
from n3fit.cli.session import Session, emit_json
from n3fit.defaults import NEW_CARD_SEED


@click.command()
@click.option("--output", "-o", type=PATH, help="The runcard to write.  [default: print it]")
@click.option(
    "--data",
    multiple=True,
    metavar="NAME[:VARIANT[:KFACTORS]]",
    help="Data set; repeatable, or several with commas between them.",
)
@click.option(
    "--like",
    metavar="CHOICE|CARD",
    shell_complete=complete_like,
    help="Data sets: small (the default), dis, dis_nnpdf40, or those of a runcard.",
)
@click.option("--theory", metavar="ID", shell_complete=complete_theories, help="Theory.  [default: dis_nnlo]")
@click.option("--basis", metavar="NAME", help="Fitting basis.  [default: EVOL; NN31PC without fitted charm]")
@click.option("--t0", metavar="SET", shell_complete=complete_pdf_sets, help="PDF set of the t0 covariance.")
@click.option(
    "--unpolarized", metavar="SET", shell_complete=complete_pdf_sets, help="Unpolarised PDF set, for POLARIZED bases."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=NEW_CARD_SEED, show_default=True, help="Number for the seeds."
)
@theory_option
@data_option
@force_option
@json_option
@debug_option
@click.pass_obj
def init(session: Session, /, output: Path | None, as_json: bool, debug: bool, **options: Any) -> None:
    """Write a new runcard, with a comment on every key.

    It has the methodology of NNPDF4.0, and the positivity and integrability sets of the theory that suit the basis.
    Without options it is a small fit with the theory that comes with n3fit.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    card = api.init(output=output, **options)
    if session.json:
        emit_json("result", {"runcard": card})
    elif card.path is None:
        click.echo(card.text.rstrip("\n"))
    else:
        click.echo("\n".join([f"runcard: {card.path}", *(f"next: {command}" for command in card.commands)]))
