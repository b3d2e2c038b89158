"""Options that several commands share."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from n3fit.cli.arguments import parse_replicas
from n3fit.cli.completion import complete_folders
from n3fit.defaults import REPLICAS

PATH = click.Path(path_type=Path)

logger = logging.getLogger(__name__)

Command = Callable[..., Any]


def shared_options(*options: Command) -> Callable[[Command], Command]:
    """Return one decorator for several options, in this order in the help."""

    def decorate(function: Command) -> Command:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def without_effect_option(*names: str, help: str, **settings: Any) -> Callable[[Command], Command]:
    """Return an option of nnpdf's command that has no effect; its use is named in a warning."""

    def warn(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        if context.get_parameter_source(str(parameter.name)) is ParameterSource.COMMANDLINE:
            name = "/".join([parameter.opts[0], *parameter.secondary_opts])
            logger.warning("%s: %s", name, help[0].lower() + help[1:].rstrip("."))

    settings = settings or {"is_flag": True}
    return click.option(*names, expose_value=False, callback=warn, help=help, **settings)


net_option = without_effect_option("--net/--no-net", default=False, help="Without effect: nothing is downloaded.")
replicas_option = click.option(
    "--replicas",
    "-r",
    metavar="FIRST-LAST",
    default=f"{REPLICAS[0]}-{REPLICAS[-1]}",
    show_default=True,
    callback=parse_replicas,
    help="First and last replica.",
)
theory_option = click.option(
    "--theory-path",
    type=PATH,
    shell_complete=complete_folders,
    help="Folder with theories (theory_400 and the like); also $N3FIT_THEORY_PATH.",
)
pdf_option = click.option(
    "--pdf-path",
    type=PATH,
    shell_complete=complete_folders,
    help="Folder with LHAPDF sets; also $N3FIT_PDF_PATH.",
)
data_option = click.option(
    "--data-path",
    type=PATH,
    shell_complete=complete_folders,
    help="Folder with data sets of your own (SET/metadata.yaml); also $N3FIT_DATA_PATH.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
debug_option = click.option("--debug", is_flag=True, help="Print the traceback of an error; also $N3FIT_DEBUG=1.")
force_option = click.option("--force", "-f", is_flag=True, help="Replace existing output.")
fit_options = shared_options(
    click.option("--output", "-o", type=PATH, help="Folder for the fit.  [default: the name of the runcard]"),
    theory_option,
    pdf_option,
    data_option,
    force_option,
    click.option("--add", is_flag=True, help="Add the replicas to the existing fit."),
    click.option("--resume", is_flag=True, help="Continue an interrupted fit; fit what is missing."),
    click.option(
        "--checkpoint",
        type=click.FloatRange(min=0),
        metavar="MINUTES",
        help="Time between checkpoints.  [default: so long that they cost less than 1 %]",
    ),
    click.option(
        "--postfit", type=click.IntRange(min=1), metavar="N", help="Choose N good replicas afterwards (n3fit postfit)."
    ),
    click.option("--evolve", "with_evolution", is_flag=True, help="Write the LHAPDF set too (n3fit evolve)."),
    click.option("--report", "with_report", is_flag=True, help="Write the HTML report too (n3fit report)."),
    json_option,
    debug_option,
)
