"""A hook of mkdocs: the scripts of ``docs/notebooks`` are executed, and each becomes a page with its outputs.

``notebooks/NAME.py`` gives the page ``notebooks/NAME.md``, its images, and the notebook ``notebooks/NAME.ipynb`` to
download. A cell that fails fails the build. Under ``mkdocs serve`` a script is executed again only when it changes.
Other pages link to the script, which is there in the repository too; on the site these links lead to its page.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

import nbformat
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File
from nbclient.exceptions import CellExecutionError
from notebooks import execute, to_page

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

FOLDER = "notebooks/"
_LINK = re.compile(rf"(\]\((?:\.\./)*{FOLDER}\w+)\.py(?=[)#])")

log = logging.getLogger("mkdocs.hooks.notebooks")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages, images and notebooks of all scripts to the files of the site.

    Raises
    ------
    PluginError
        A cell failed.
    """
    for script in [file for file in files if file.src_uri.startswith(FOLDER) and file.src_uri.endswith(".py")]:
        log.info("executing %s", script.src_uri)
        try:
            notebook = execute(script.content_string)
        except CellExecutionError as error:
            raise PluginError(f"{script.src_uri}: {error}") from None
        name = script.src_uri.removeprefix(FOLDER).removesuffix(".py")
        page = to_page(notebook, name)
        files.append(File.generated(config, f"{FOLDER}{name}.md", content=page.markdown))
        files.append(File.generated(config, f"{FOLDER}{name}.ipynb", content=nbformat.writes(notebook)))
        for file, image in page.images.items():
            files.append(File.generated(config, FOLDER + file, content=image))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return the text of a page with links to the pages of scripts."""
    return _LINK.sub(r"\1.md", markdown)
