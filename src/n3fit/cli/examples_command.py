"""The command ``examples``: the runcards that come with n3fit."""

from __future__ import annotations

from pathlib import Path

import click

from n3fit.cli.completion import complete_folders
from n3fit.cli.formatting import align
from n3fit.cli.options import PATH, debug_option, force_option, json_option
from n3fit.cli.session import Session, emit_json
from n3fit.errors import n3fit_command


@click.command()
@click.option("--output", "-o", type=PATH, shell_complete=complete_folders, help="The folder.  [default: runcards]")
@force_option
@json_option
@debug_option
@click.pass_obj
def examples(session: Session, /, output: Path | None, force: bool, as_json: bool, debug: bool) -> None:
    """Write the runcards of the documentation, and files of campaigns, into a folder.

    They are those that come with n3fit: fits of deep-inelastic data, closure tests, a scan, other PDF models.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    cards = api.examples(output=output, force=force)
    if session.json:
        emit_json("result", {"examples": cards})
    else:
        lines = align(("runcard", "description"), [(str(card.path), card.description) for card in cards], "<<")
        card = next((card.path for card in cards if card.path.name == "dis.yml"), cards[0].path)
        click.echo("\n".join([*lines, f"next: {n3fit_command('check', card)}"]))
