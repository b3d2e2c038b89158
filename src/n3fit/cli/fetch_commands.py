"""The commands ``n3fit theory get`` and ``n3fit pdf get``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from n3fit.cli.options import PATH, debug_option, force_option, json_option
from n3fit.cli.progress import open_reporter
from n3fit.cli.session import Session, emit_json

if TYPE_CHECKING:
    from n3fit.api import Fetched

url_option = click.option(
    "--url", "urls", multiple=True, metavar="ADDRESS",
    help="Address of a folder on a server, or of the archive, instead of those of the profile of nnpdf; may be "
    "repeated.",
)  # fmt: skip


@click.command("get")
@click.argument("theoryid", metavar="ID")
@click.option("--output", "-o", type=PATH, help="Folder for theory_ID.  [default: that of the user's theories]")
@url_option
@force_option
@json_option
@debug_option
@click.pass_obj
def get_theory(
    session: Session,
    /,
    theoryid: str,
    output: Path | None,
    urls: tuple[str, ...],
    force: bool,
    as_json: bool,
    debug: bool,
) -> None:
    """Fetch the theory ID from the servers of NNPDF.

    The addresses are those of --url, else of $N3FIT_THEORY_URLS, else of the profile of nnpdf (theory_urls). A transfer
    that was interrupted is continued.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        fetched = api.get_theory(theoryid, output=output, urls=urls, force=force, progress=reporter)
    print_fetched(session, fetched)


@click.command("get")
@click.argument("name")
@click.option("--output", "-o", type=PATH, help="Folder for the folder NAME.  [default: that of the user's sets]")
@url_option
@force_option
@json_option
@debug_option
@click.pass_obj
def get_pdf(
    session: Session, /, name: str, output: Path | None, urls: tuple[str, ...], force: bool, as_json: bool, debug: bool
) -> None:
    """Fetch the PDF set NAME from the servers of LHAPDF and NNPDF.

    The addresses are those of --url, else of $N3FIT_PDF_URLS, else of the profile of nnpdf (lhapdf_urls,
    nnpdf_pdfs_urls). A transfer that was interrupted is continued.
    """
    session.configure(json=as_json, debug=debug)
    from n3fit import api

    with open_reporter(session) as reporter:
        fetched = api.get_pdf(name, output=output, urls=urls, force=force, progress=reporter)
    print_fetched(session, fetched)


def print_fetched(session: Session, fetched: Fetched) -> None:
    """Print where a theory or a PDF set is now."""
    if session.json:
        emit_json("result", {"fetched": fetched})
    else:
        click.echo("\n".join(describe_fetched(fetched)))


def describe_fetched(fetched: Fetched) -> list[str]:
    """Return where a theory or a PDF set is now, and where it came from."""
    if fetched.present:
        return [f"{fetched.name} is there already: {fetched.folder} (--force fetches it again)"]
    verified = f"verified: {', '.join(fetched.checksums)}" if fetched.checksums else "no checksum is published"
    return [
        f"{fetched.name}: {fetched.folder}",
        f"from {fetched.address}, {fetched.size / 1e6:.1f} MB, {verified}",
    ]
