"""Cache of the files of figures, by all that is drawn: a second report of the same fit draws nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import PIL

from n3fit import __version__
from n3fit.report.figure_files import FigureFiles
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.storage.cache import ArrayStore, content_key

STORE = ArrayStore("figures", version=2)

Part = str | int | float | bool | None | np.ndarray[Any, Any]


def figure_key(plotted: PlottedFigure) -> str:
    """Return the key of a figure: of its drawing with all arguments, its numbers, and the programs that draw."""
    shown = (plotted.draw, plotted.numbers, plotted.title, plotted.raster)
    return content_key(*_programs(), *(part for value in shown for part in _parts(value)))


def load_figure(key: str) -> FigureFiles | None:
    """Return the files of a figure, None if they are not in the cache."""
    entry = STORE.load(key)
    if entry is None:
        return None
    uri, pdf, csv, values = (entry.arrays[name].tobytes() for name in ("uri", "pdf", "csv", "values"))
    width, height = entry.header["size"]
    return FigureFiles(uri=uri.decode(), width=width, height=height, pdf=pdf, csv=csv.decode(), values=values.decode())


def save_figure(key: str, files: FigureFiles) -> None:
    """Store the files of a figure; a cache that cannot be written gives a warning only."""
    content = {
        "uri": files.uri.encode(),
        "pdf": files.pdf,
        "csv": files.csv.encode(),
        "values": files.values.encode(),
    }
    arrays = {name: np.frombuffer(data, dtype=np.uint8) for name, data in content.items()}
    STORE.save(key, arrays, {"size": [files.width, files.height]})


@cache
def _programs() -> tuple[str, ...]:
    """Return the versions of the programs that draw, and the text of the modules of this package."""
    modules = (path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.py")))
    return __version__, mpl.__version__, PIL.__version__, content_key(*modules)


def _parts(value: object) -> Iterator[Part]:
    """Yield names and numbers that determine a drawing, an argument of it, or a part of one.

    Raises
    ------
    TypeError
        The value is of a kind that drawings must not have as an argument.
    """
    if isinstance(value, str | int | float | bool | None):
        yield value
    elif isinstance(value, np.ndarray):
        yield from _parts(value.tolist()) if value.dtype.hasobject else (value,)
    elif isinstance(value, np.generic):
        yield value.item()
    elif isinstance(value, partial):
        yield from _parts((value.func, value.args, value.keywords))
    elif is_dataclass(value) and not isinstance(value, type):
        yield type(value).__qualname__
        for field in fields(value):
            yield from _parts(getattr(value, field.name))
    elif isinstance(value, Mapping):
        yield f"mapping of {len(value)}"
        for name, entry in value.items():
            yield from (name, *_parts(entry))
    elif isinstance(value, list | tuple):
        yield f"sequence of {len(value)}"
        for entry in value:
            yield from _parts(entry)
    elif callable(value):
        yield _name_of(value)
    else:
        raise TypeError(f"drawings must have plain arguments, received {type(value).__name__}")


def _name_of(function: Callable[..., object]) -> str:
    """Return module and name of a function, which must be one of a module so that another process finds it."""
    name = f"{getattr(function, '__module__', '?')}.{getattr(function, '__qualname__', '<unknown>')}"
    if "<" in name:
        raise TypeError(f"drawings must be functions of modules, received {name}")
    return name
