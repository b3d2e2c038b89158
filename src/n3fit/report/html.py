"""HTML of the page, from the templates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from n3fit import __version__
from n3fit.report import format_numbers
from n3fit.report.figure_files import FigureFiles
from n3fit.report.inline_content import attribute_text, inline_content, script_text
from n3fit.report.page_contents import PageContents


def render_page(contents: PageContents, files: Mapping[str, FigureFiles], figures_folder: str) -> str:
    """Return the page as text.

    Parameters
    ----------
    contents : PageContents
    files : mapping of str to FigureFiles
        Those of all figures of ``contents``, by name.
    figures_folder : str
        Name of the folder of figures beside the page.
    """
    return render_template("report.html.j2", contents, files, figures_folder)


def render_template(template: str, contents: object, files: Mapping[str, FigureFiles], figures_folder: str) -> str:
    """Return the text of a page from its template; see :func:`render_page`."""
    environment = Environment(
        loader=PackageLoader("n3fit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        breakable=breakable,
        attribute_text=attribute_text,
        script_text=script_text,
        sort_key=sort_key,
        number=format_numbers.format_number,
        signed=format_numbers.format_signed,
        scientific=format_numbers.format_scientific,
        with_deviation=format_numbers.format_with_deviation,
        percent=format_numbers.format_percent,
        duration=format_numbers.format_duration,
    )
    return environment.get_template(template).render(
        contents=contents,
        files=files,
        figures_folder=quote(figures_folder),
        version=__version__,
        inline=inline_content(),
    )


def breakable(name: str) -> Markup:
    """Return a name as HTML, with possible line breaks after underscores for narrow screens."""
    return Markup("_<wbr>").join(name.split("_"))


def sort_key(value: float | None) -> Markup:
    """Return the attribute of a table cell that is sorted by a number and not by its text; nothing for None and nan."""
    return Markup() if value is None or not math.isfinite(value) else Markup(f' data-key="{value:.6g}"')
