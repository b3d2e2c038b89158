"""Completion of arguments in the shell: fit folders, names of theories and PDF sets, keys of runcards.

Files are completed by the type of their argument.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import click
from click.shell_completion import CompletionItem

from n3fit.errors import N3fitError


def complete_folders(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the request for names of folders."""
    return [CompletionItem(incomplete, type="dir")]


def complete_theories(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the theories on the search path that begin with ``incomplete``; the option --theory-path counts."""
    from n3fit import api

    return _matching(lambda: api.theory_names(theory_path=context.params.get("theory_path")), incomplete)


def complete_pdf_sets(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the PDF sets on the search path that begin with ``incomplete``; the option --pdf-path counts."""
    from n3fit import api

    return _matching(lambda: api.pdf_set_names(pdf_path=context.params.get("pdf_path")), incomplete)


def complete_sets_or_files(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the PDF sets that begin with ``incomplete``; without one, or with a folder, the request for a file."""
    found = [] if "/" in incomplete else complete_pdf_sets(context, parameter, incomplete)
    return found or [CompletionItem(incomplete, type="file")]


def complete_like(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the choices of data sets that begin with ``incomplete``; without one, the request for a file."""
    from n3fit import api

    return _matching(api.data_choices, incomplete) or [CompletionItem(incomplete, type="file")]


def complete_kinds(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the kinds of cached files that begin with ``incomplete``."""
    from n3fit import api

    return _matching(api.cache_kinds, incomplete)


def complete_keys(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the keys of runcards whose path or last part begins with ``incomplete``."""
    from n3fit import api

    keys = api.runcard_keys()
    found = [key for key in keys if key.startswith(incomplete)]
    if "." not in incomplete:
        found += [key.rpartition(".")[2] for key in keys if key.rpartition(".")[2].startswith(incomplete)]
    return [CompletionItem(key) for key in dict.fromkeys(found)]


def _matching(read_names: Callable[[], Sequence[str]], incomplete: str) -> list[CompletionItem]:
    """Return the names that begin with ``incomplete``; nothing where they cannot be read, as a shell shows no error."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        return [CompletionItem(name) for name in read_names() if name.startswith(incomplete)]
    except (N3fitError, OSError):
        return []
    finally:
        logging.disable(disabled)
