"""Rendering of the figures of a page: from the cache, in this process, or in several."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace

from n3fit.machine import usable_cores
from n3fit.progress import ProgressReporter
from n3fit.report.figure_cache import figure_key, load_figure, save_figure
from n3fit.report.figure_files import FigureFiles, render_figure
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.worker_pool import run_tasks

FEWEST_PER_PROCESS = 4
"""Figures for which a further process is worth its start, about half a second of imports."""


def render_figures(
    figures: Sequence[PlottedFigure], *, progress: ProgressReporter, most_cores: int | None = None
) -> dict[str, FigureFiles]:
    """Render figures; the result does not depend on the number of processes.

    Parameters
    ----------
    figures : sequence of PlottedFigure
    progress : ProgressReporter
        Receives the number of figures done.
    most_cores : int, optional
        Limit of the number of processes, which is that of the usable cores by default.

    Returns
    -------
    dict
        The files by the name of the figure, in the order of ``figures``.

    Raises
    ------
    ValueError
        Two figures have the same name.
    """
    names = [plotted.name for plotted in figures]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"names of figures must be unique, received {name!r} twice")
    keys = {plotted.name: figure_key(plotted) for plotted in figures}
    found = {name: files for name, key in keys.items() if (files := load_figure(key)) is not None}
    missing = [plotted for plotted in figures if plotted.name not in found]
    if found:
        progress.step("figures", len(found), len(figures))
    cores = usable_cores() if most_cores is None else min(usable_cores(), most_cores)
    with closing(_render(missing, jobs=min(cores, len(missing) // FEWEST_PER_PROCESS))) as rendered:
        for name, files in rendered:
            save_figure(keys[name], files)
            found[name] = files
            progress.step("figures", len(found), len(figures))
    return {name: found[name] for name in names}


def _render(figures: Sequence[PlottedFigure], *, jobs: int) -> Generator[tuple[str, FigureFiles], None, None]:
    """Yield names and files of figures as they are finished.

    A figure that another process cannot render without an error or a warning is rendered in this one, which then
    raises the error or gives the warning.
    """
    if jobs < 2:
        for plotted in figures:
            yield plotted.name, render_figure(plotted)
        return
    # images with many marks take longest; a copy has no figure that was drawn here
    tasks = [replace(plotted) for plotted in sorted(figures, key=lambda plotted: not plotted.raster)]
    with closing(run_tasks(_start, tasks, jobs=jobs)) as outcomes:
        for plotted, files in outcomes:
            yield plotted.name, files if isinstance(files, FigureFiles) else render_figure(plotted)


def _start() -> Callable[[PlottedFigure], FigureFiles | None]:
    """Return the function that renders in a worker process."""
    gc.freeze()  # what was imported stays: searching it for garbage takes a fifth of the time
    return _render_or_none


def _render_or_none(plotted: PlottedFigure) -> FigureFiles | None:
    """Return the files of a figure in a worker process, None with any error or warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return render_figure(plotted)
        except Exception:  # noqa: BLE001 - the parent process renders the figure again, and raises the error
            return None
