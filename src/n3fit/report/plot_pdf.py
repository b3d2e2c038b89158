"""One distribution at one scale as a figure, for notebooks."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from n3fit.ensembles.ensemble import Ensemble
from n3fit.ensembles.partons import find_parton
from n3fit.errors import CommandLineError, nearest
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.paths import PathLike
from n3fit.report.ensemble_plots import draw_pdf, pdf_curves, shown_points
from n3fit.report.pictures import look
from n3fit.report.x_axis import XSCALES, XScale
from n3fit.results.ensembles import Members, open_ensemble
from n3fit.results.folder import FitFolder

Source = Ensemble | FitFolder | PDFSet | PathLike


def plot_pdf(
    fit: Source,
    flavour: str,
    q: float | None = None,
    *,
    members: Members | Sequence[int] = "chosen",
    reference: Source | None = None,
    xscale: XScale = "both",
) -> Figure:
    """Plot x f(x, Q) of a fit or PDF set with its 68 % band; the figure shows itself in notebooks.

    Parameters
    ----------
    fit : Ensemble, FitFolder, PDFSet, path or str
        A fit, an LHAPDF set, the folder of one of them, or the name of a set.
    flavour : str
        Such as ``g``, ``ubar``, ``u_v``, ``c+``, ``Sigma`` or ``T8``.
    q : float, optional
        The scale in GeV; the initial scale of ``fit`` by default.
    members : str or sequence of int
        Which replicas of ``fit``, see :func:`n3fit.results.ensembles.open_ensemble`.
    reference : the same as ``fit``, optional
        Drawn too, and a lower panel shows the ratio to it.
    xscale : str
        ``log``, ``linear``, or ``both``: logarithmic below x = 0.1 and linear above.

    Raises
    ------
    CommandLineError
        There is no such flavour (the message names the nearest), axis or replica, or the scale is out of reach.
    DataError, FitError, ResourceError, TheoryError
        The fit or set cannot be read or evolved.
    """
    parton = find_parton(flavour)
    if xscale not in XSCALES:
        raise CommandLineError(
            f"xscale: expected one of {', '.join(XSCALES)}, received {xscale!r}",
            hint=f"did you mean {near!r}?" if (near := nearest(str(xscale), XSCALES)) else "",
        )
    ensemble = fit if isinstance(fit, Ensemble) else open_ensemble(fit, members=members)
    snapshot = ensemble.at(q)
    compared = None
    if reference is not None:
        compared = (reference if isinstance(reference, Ensemble) else open_ensemble(reference)).at(snapshot.q)
    x = shown_points([snapshot] if compared is None else [snapshot, compared], xscale)
    with look():
        curves, denominator = pdf_curves([snapshot], parton, x, reference=compared)
        return draw_pdf(x, curves, parton, snapshot.q, denominator=denominator if compared else None, xscale=xscale)
