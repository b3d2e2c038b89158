"""Distributions of one or several ensembles at one scale, with 68 % bands, and their ratio to a reference."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from n3fit.ensembles.bands import Band
from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.ensembles.partons import Basis, Parton, partons_of
from n3fit.report.band_plots import Curve, colours_of, draw_bands, ratio_of
from n3fit.report.figures import PlottedFigure, file_name
from n3fit.report.x_axis import XScale, points_along, set_x_axis

Floats = NDArray[np.float64]

_FRAMED_FROM, _FRAMED_TO, _FRAMED_TO_IF_STEEP = 1e-4, 0.9, 0.7
_MOST_LINES = 8
_STEEP = 25.0  # the factor from x = 0.1 to small x above which the vertical axis is logarithmic


def pdf_figures(
    snapshots: Sequence[EnsembleOnGrid],
    basis: Basis,
    *,
    reference: EnsembleOnGrid | None = None,
    xscale: XScale = "both",
) -> list[PlottedFigure]:
    """Give one figure for each distribution of a basis that does not vanish; the gluon only among the flavours.

    Parameters
    ----------
    snapshots : sequence of EnsembleOnGrid
        All at the same scale; ``reference`` may be among them.
    basis : str
        ``flavour`` or ``evolution``.
    reference : EnsembleOnGrid, optional
        What the lower panels are divided by; the first of ``snapshots`` by default.
    """
    names = {parton.name for shot in snapshots for parton in shot.shown_partons(basis)}
    if basis == "evolution":
        names.discard("g")
    partons = [parton for parton in partons_of(basis) if parton.name in names]
    return [pdf_figure(snapshots, parton, basis, reference=reference, xscale=xscale) for parton in partons]


def pdf_figure(
    snapshots: Sequence[EnsembleOnGrid],
    parton: Parton,
    basis: Basis,
    *,
    reference: EnsembleOnGrid | None = None,
    xscale: XScale = "both",
) -> PlottedFigure:
    """Give the figure of one distribution; arguments as :func:`pdf_figures`."""
    x = shown_points(snapshots if reference is None else [*snapshots, reference], xscale)
    curves, denominator = pdf_curves(snapshots, parton, x, reference=reference)
    q = snapshots[0].q
    return PlottedFigure(
        name=f"pdf_{basis}_{file_name(parton.name.replace('+', 'plus'))}_{q:.4g}GeV",
        title=f"{parton.words[0].upper()}{parton.words[1:]} at {q:.4g} GeV ({basis} basis)",
        caption=f"Central values and 68 % bands; below, divided by the central value of {denominator.label}.",
        figure=draw_pdf(x, curves, parton, q, denominator=denominator, xscale=xscale),
        numbers=_numbers(x, curves, denominator),
    )


def shown_points(snapshots: Sequence[EnsembleOnGrid], xscale: XScale) -> Floats:
    """Give the points (n,) of a figure that all ensembles reach."""
    x = points_along(xscale)
    return x[x >= max(float(shot.x[0]) for shot in snapshots)]


def pdf_curves(
    snapshots: Sequence[EnsembleOnGrid], parton: Parton, x: Floats, *, reference: EnsembleOnGrid | None = None
) -> tuple[list[Curve], Curve]:
    """Give what is drawn at the points ``x``, and the curve to divide by."""
    shown = [*snapshots] if reference is None or reference in snapshots else [*snapshots, reference]
    place = shown.index(reference) if reference is not None else None
    colours = colours_of(len(shown), place)
    curves = [
        Curve(
            label=shot.label,
            band=shot.band(parton, x),
            colour=colour,
            reference=shot is reference,
            members=shot.members_of(parton, x)[:_MOST_LINES] if len(shown) == 1 and len(shot.members) > 1 else None,
        )
        for shot, colour in zip(shown, colours, strict=True)
    ]
    return curves, curves[place or 0]


def draw_pdf(
    x: Floats, curves: Sequence[Curve], parton: Parton, q: float, *, denominator: Curve | None, xscale: XScale
) -> Figure:
    """Draw one distribution; without a denominator there is no panel of ratios."""
    steep = _is_steep(x, curves)
    return draw_bands(
        x,
        curves,
        framed=_framed(x),
        framed_above=_framed(x) & (x <= _FRAMED_TO_IF_STEEP) if steep else None,
        set_axis=lambda axes: set_x_axis(axes, xscale),
        label=f"$x\\,{parton.formula}(x, Q)$",
        note=f"$Q$ = {q:.4g} GeV",
        denominator=denominator,
        logarithmic=steep,
    )


def _framed(x: Floats) -> NDArray[np.bool_]:
    return (x >= _FRAMED_FROM) & (x <= _FRAMED_TO)


def _is_steep(x: Floats, curves: Sequence[Curve]) -> bool:
    """Tell whether the distribution is positive, and rises so much to small x that nothing else would be seen."""
    shown = (x >= _FRAMED_FROM) & (x <= 0.5)
    middle = int(np.argmin(np.abs(x - 0.1)))
    positive = all((curve.band.low[shown] > 0).all() for curve in curves)
    return positive and any(curve.band.central[shown].max() > _STEEP * curve.band.central[middle] for curve in curves)


def _numbers(x: Floats, curves: Sequence[Curve], denominator: Curve) -> dict[str, NDArray[np.generic]]:
    ratios = [ratio_of(curve.band, denominator.band.central, _framed(x)) for curve in curves]
    return {
        "ensemble": np.repeat([curve.label for curve in curves], len(x)),
        "x": np.tile(x, len(curves)),
        **band_columns([curve.band for curve in curves]),
        **band_columns(ratios, prefix="ratio "),
    }


def band_columns(bands: Sequence[Band], *, prefix: str = "") -> dict[str, NDArray[np.generic]]:
    """Give the numbers of bands one after another, as columns."""
    return {
        f"{prefix}{name}": np.concatenate([getattr(band, name) for band in bands])
        for name in ("central", "low", "high", "deviation")
    }
