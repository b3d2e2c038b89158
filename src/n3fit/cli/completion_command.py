"""The command ``completion``: the script with which a shell completes commands, options, files and names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from n3fit.cli.options import debug_option, json_option
from n3fit.cli.session import Session, emit_json
from n3fit.errors import CommandLineError

SHELLS = ("bash", "zsh", "fish")
PROGRAM, VARIABLE = "n3fit", "_N3FIT_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@json_option
@debug_option
@click.pass_context
def completion(context: click.Context, /, shell: str, as_json: bool, debug: bool) -> None:
    """Print the script that completes commands, options, files and names in a SHELL.

    Add to ~/.bashrc: eval "$(n3fit completion bash)"; to ~/.zshrc, after compinit: eval "$(n3fit completion zsh)"; for
    fish: n3fit completion fish > ~/.config/fish/completions/n3fit.fish
    """
    session: Session = context.obj
    session.configure(json=as_json, debug=debug)
    script = completion_script(context.find_root().command, shell)
    if session.json:
        emit_json("result", {"shell": shell, "script": script})
    else:
        click.echo(script.rstrip("\n"))


def completion_script(command: click.Command, shell: str) -> str:
    """Return the script of a shell, which calls ``n3fit`` for the words that complete a line.

    Raises
    ------
    CommandLineError
        There is no completion for this shell.
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise CommandLineError(f"expected one of {', '.join(SHELLS)}, received {shell!r}")
    script = kind(command, {}, PROGRAM, VARIABLE)
    # not source(), which starts bash to see its version: the script may be for another machine
    return script.source_template % script.source_vars()
