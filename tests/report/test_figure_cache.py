from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np
import pytest
from matplotlib.figure import Figure

from n3fit.ensembles.bands import Band
from n3fit.report.band_plots import Curve, draw_bands
from n3fit.report.figure_cache import STORE, figure_key, load_figure, save_figure
from n3fit.report.figure_files import FigureFiles
from n3fit.report.plotted_figure import PlottedFigure

X = np.linspace(0.1, 0.9, 5)
FILES = FigureFiles("data:image/svg+xml,<svg/>é", 10, 20, b"%PDF-\x00\xff", "x\n1.5\n", '{"series":[]}')


def make(draw) -> PlottedFigure:
    return PlottedFigure("name", "Title", "", draw, {"x": X})


def curve(**changes) -> Curve:
    return replace(Curve("fit", Band(X, X - 0.1, X + 0.1, X), "#000000"), **changes)


def test_key_depends_on_all_that_is_drawn_and_on_nothing_else() -> None:
    first = make(partial(draw_bands, X, [curve()], note="a", denominator=None))
    others = [
        make(partial(draw_bands, X, [curve()], note="b", denominator=None)),
        make(partial(draw_bands, X, [curve()], note="a", denominator=None, logarithmic=True)),
        make(partial(draw_bands, X, [curve(), curve()], note="a", denominator=None)),
        make(partial(draw_bands, X, [curve(reference=True)], note="a", denominator=None)),
        make(partial(draw_bands, X, [curve(band=Band(X, X - 0.1, X + 0.2, X))], note="a", denominator=None)),
        make(partial(draw_bands, X + 1e-15, [curve()], note="a", denominator=None)),
        make(partial(Figure, X, [curve()], note="a", denominator=None)),
        replace(first, title="Another"),
        replace(first, raster=True),
        replace(first, numbers={"y": X}),
    ]
    keys = [figure_key(plotted) for plotted in (first, *others)]
    assert all(one != another for one, another in combinations(keys, 2))
    again = make(partial(draw_bands, X.copy(), (curve(),), note="a", denominator=None))
    assert figure_key(replace(again, name="other", caption="Other.")) == keys[0]


def test_drawings_that_no_other_process_finds_are_refused() -> None:
    for draw in (lambda: Figure(), partial(draw_bands, object()), partial(draw_bands, {1, 2})):
        with pytest.raises(TypeError, match="drawings must"):
            figure_key(make(draw))


def test_files_are_kept_until_they_are_damaged(tmp_path, monkeypatch, caplog) -> None:
    monkeypatch.setenv("N3FIT_CACHE_DIR", str(tmp_path))
    key = figure_key(make(Figure))
    assert load_figure(key) is None
    save_figure(key, FILES)
    assert load_figure(key) == FILES
    STORE.path(key).write_bytes(b"other")
    assert load_figure(key) is None
    assert "damaged cache entry" in caplog.text
