"""Figures of the distributions of ensembles at one scale, with 68 % bands and the ratio to a reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from n3fit.ensembles.ensemble import Ensemble
from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.ensembles.partons import Basis, Parton, find_parton, partons_of
from n3fit.errors import CommandLineError, nearest
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.paths import PathLike
from n3fit.report.axes import XSCALES, XScale, set_x_axis
from n3fit.report.band_plots import Curve, band_numbers, common_points, draw_bands, with_reference
from n3fit.report.plotted_figure import PlottedFigure, file_name
from n3fit.report.style import plot_style
from n3fit.results.ensembles import Members, open_ensemble
from n3fit.results.folder import FitFolder
from n3fit.typing import Floats

Source = Ensemble | FitFolder | PDFSet | PathLike

_FRAMED_FROM, _FRAMED_TO, _FRAMED_TO_IF_STEEP = 1e-4, 0.9, 0.7
_MOST_LINES = 8
_STEEP = 25.0  # the factor from x = 0.1 to small x above which the vertical axis is logarithmic


def plot_pdf(
    source: Source,
    flavour: str,
    q: float | None = None,
    *,
    members: Members | Sequence[int] = "chosen",
    reference: Source | None = None,
    xscale: XScale = "both",
) -> Figure:
    """Plot x f(x, Q) of a fit or PDF set with its 68 % band; notebooks display the figure.

    Parameters
    ----------
    source : Ensemble, FitFolder, PDFSet, path or str
        A fit, an LHAPDF set, the folder of one of them, or the name of a set.
    flavour : str
        Such as ``g``, ``ubar``, ``u_v``, ``c+``, ``Sigma`` or ``T8``.
    q : float, optional
        The scale in GeV; the initial scale of ``source`` by default.
    members : str or sequence of int
        Replicas of ``source``, see :func:`n3fit.results.ensembles.open_ensemble`.
    reference : the same as ``source``, optional
        Drawn too, with a lower panel of the ratio to it.
    xscale : str
        ``log``, ``linear``, or ``both``: logarithmic below x = 0.1 and linear above.

    Raises
    ------
    CommandLineError
        There is no such flavour (the message names the nearest), axis or replica, or the scale is out of range.
    DataError, FitError, ResourceError, TheoryError
        The fit or set cannot be read or evolved.
    """
    parton = find_parton(flavour)
    if xscale not in XSCALES:
        raise CommandLineError(
            f"xscale: expected one of {', '.join(XSCALES)}, received {xscale!r}",
            hint=f"did you mean {near!r}?" if (near := nearest(str(xscale), XSCALES)) else "",
        )
    ensemble = (source if isinstance(source, Ensemble) else open_ensemble(source, members=members)).at(q)
    divisor = None
    if reference is not None:
        divisor = (reference if isinstance(reference, Ensemble) else open_ensemble(reference)).at(ensemble.q)
    x = common_points([ensemble] if divisor is None else [ensemble, divisor], xscale)
    with plot_style():
        curves, denominator = _curves([ensemble], parton, x, reference=divisor)
        return _drawing(x, curves, parton, ensemble.q, denominator=denominator if divisor else None, xscale=xscale)()


def pdf_figures(
    ensembles: Sequence[EnsembleOnGrid], basis: Basis, *, reference: EnsembleOnGrid | None = None
) -> list[PlottedFigure]:
    """Return one figure for each distribution of a basis that does not vanish; the gluon only among the flavours.

    Parameters
    ----------
    ensembles : sequence of EnsembleOnGrid
        All at the same scale; ``reference`` may be among them.
    basis : str
        ``flavour`` or ``evolution``.
    reference : EnsembleOnGrid, optional
        Divisor of the lower panels; the first of ``ensembles`` by default.
    """
    names = {parton.name for ensemble in ensembles for parton in ensemble.shown_partons(basis)}
    if basis == "evolution":
        names.discard("g")
    return [
        _pdf_figure(ensembles, parton, basis, reference=reference)
        for parton in partons_of(basis)
        if parton.name in names
    ]


def _pdf_figure(
    ensembles: Sequence[EnsembleOnGrid], parton: Parton, basis: Basis, *, reference: EnsembleOnGrid | None
) -> PlottedFigure:
    x = common_points(ensembles if reference is None else [*ensembles, reference], "both")
    curves, denominator = _curves(ensembles, parton, x, reference=reference)
    q = ensembles[0].q
    return PlottedFigure(
        name=f"pdf_{basis}_{file_name(parton.name.replace('+', 'plus'))}_{q:.4g}GeV",
        title=f"{parton.words[0].upper()}{parton.words[1:]} at {q:.4g} GeV ({basis} basis)",
        caption=f"Central values and 68 % bands; below, divided by the central value of {denominator.label}.",
        draw=_drawing(x, curves, parton, q, denominator=denominator, xscale="both"),
        numbers=band_numbers("x", x, curves, denominator, _framed(x)),
    )


def _curves(
    ensembles: Sequence[EnsembleOnGrid], parton: Parton, x: Floats, *, reference: EnsembleOnGrid | None
) -> tuple[list[Curve], Curve]:
    """Return the curves at the points ``x`` (n,), and the one by which they are divided."""
    shown, index, colours = with_reference(ensembles, reference)
    curves = [
        Curve(
            label=ensemble.label,
            band=ensemble.band(parton, x),
            colour=colour,
            reference=ensemble is reference,
            **_members(ensemble, parton, x, drawn=len(shown) == 1),
        )
        for ensemble, colour in zip(shown, colours, strict=True)
    ]
    return curves, curves[index or 0]


def _members(ensemble: EnsembleOnGrid, parton: Parton, x: Floats, *, drawn: bool) -> dict[str, Floats]:
    """Return the first members: lines of an ensemble alone; of several, replicas that the page shows on demand."""
    if len(ensemble.members) == 1 or not (drawn or ensemble.kind == "replicas"):
        return {}
    return {"members" if drawn else "kept_members": ensemble.members_of(parton, x)[:_MOST_LINES]}


def _drawing(
    x: Floats, curves: Sequence[Curve], parton: Parton, q: float, *, denominator: Curve | None, xscale: XScale
) -> Callable[[], Figure]:
    """Return the drawing of one distribution; without a denominator there is no panel of ratios."""
    steep = _is_steep(x, curves)
    return partial(
        draw_bands,
        x,
        curves,
        framed=_framed(x),
        framed_above=_framed(x) & (x <= _FRAMED_TO_IF_STEEP) if steep else None,
        set_axis=partial(set_x_axis, scale=xscale),
        label=f"$x\\,{parton.formula}(x, Q)$",
        note=f"$Q$ = {q:.4g} GeV",
        denominator=denominator,
        logarithmic=steep,
    )


def _framed(x: Floats) -> NDArray[np.bool_]:
    return (x >= _FRAMED_FROM) & (x <= _FRAMED_TO)


def _is_steep(x: Floats, curves: Sequence[Curve]) -> bool:
    """Check whether all curves are positive and one rises so much to small x that a linear axis would not show more."""
    shown = (x >= _FRAMED_FROM) & (x <= 0.5)
    middle = int(np.argmin(np.abs(x - 0.1)))
    positive = all((curve.band.low[shown] > 0).all() for curve in curves)
    return positive and any(curve.band.central[shown].max() > _STEEP * curve.band.central[middle] for curve in curves)
