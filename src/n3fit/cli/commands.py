"""The command ``n3fit`` and its subcommands."""

from __future__ import annotations

import click

from n3fit import __version__
from n3fit.cli.cache_commands import cache
from n3fit.cli.campaign_commands import campaign
from n3fit.cli.chi2_command import chi2
from n3fit.cli.cluster_commands import cluster
from n3fit.cli.completion_command import completion
from n3fit.cli.data_commands import data
from n3fit.cli.doctor_command import doctor
from n3fit.cli.examples_command import examples
from n3fit.cli.explain_command import explain
from n3fit.cli.fetch_commands import get_pdf, get_theory
from n3fit.cli.fit_commands import fit, fit_replicas
from n3fit.cli.groups import Commands, show_help_without_command
from n3fit.cli.hyperopt_commands import hyperopt
from n3fit.cli.hyperopt_report_command import best_card, scan_report
from n3fit.cli.init_command import init
from n3fit.cli.nnpdf_commands import compare_fits, evolven3fit, get_resource, next_fit_runcard, setup_fit
from n3fit.cli.own_data_commands import check_data, new_data, show_data
from n3fit.cli.pdf_commands import pdf
from n3fit.cli.postfit_commands import merge, postfit
from n3fit.cli.product_commands import closure, evolve, report
from n3fit.cli.reduction_commands import compress, hessian
from n3fit.cli.runcard_commands import check, next_runcard, schema
from n3fit.cli.theory_commands import theory


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="n3fit")
@click.pass_context
def cli(context: click.Context, /) -> None:
    """Fit ensembles of neural-network parton distribution functions, all replicas at once."""
    show_help_without_command(context)


for command in (
    fit,
    fit_replicas,
    postfit,
    merge,
    evolve,
    hessian,
    compress,
    report,
    chi2,
    check,
    schema,
    next_runcard,
    closure,
    campaign,
    hyperopt,
    cluster,
    data,
    pdf,
    theory,
    examples,
    init,
    explain,
    doctor,
    cache,
    completion,
):
    cli.add_command(command)
for command in (new_data, check_data, show_data):
    data.add_command(command)
theory.add_command(get_theory)
pdf.add_command(get_pdf)
hyperopt.add_command(scan_report)
hyperopt.add_command(best_card)
for command in (setup_fit, get_resource, evolven3fit, next_fit_runcard, compare_fits):  # of nnpdf, not listed
    cli.add_command(command)
