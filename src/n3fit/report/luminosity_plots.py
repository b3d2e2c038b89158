"""Figures of the parton luminosities of one or several ensembles against the invariant mass."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from n3fit.ensembles.bands import Band
from n3fit.ensembles.ensemble import Ensemble
from n3fit.ensembles.luminosities import CHANNELS, ENERGY, default_masses, luminosities
from n3fit.progress import ProgressReporter
from n3fit.report.axes import set_mass_axis
from n3fit.report.band_plots import Curve, band_numbers, draw_bands, with_reference
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.typing import Floats

_FORMULAS = {"gg": "gg", "gq": "gq", "qqbar": r"q\bar{q}", "qq": "qq"}
_WORDS = {"gg": "Gluon–gluon", "gq": "Gluon–quark", "qqbar": "Quark–antiquark", "qq": "Quark–quark"}
_FRAMED_TO = 0.3  # of the energy: beyond, luminosities vanish


def luminosity_figures(
    ensembles: Sequence[Ensemble],
    *,
    reference: Ensemble | None = None,
    energy: float = ENERGY,
    progress: ProgressReporter | None = None,
) -> list[PlottedFigure]:
    """Return one figure for each channel: the luminosities above, their ratio to a reference below.

    Parameters
    ----------
    ensembles : sequence of Ensemble
        Each is drawn up to its largest scale; ``reference`` may be among them.
    reference : Ensemble, optional
        Divisor of the lower panels; the first of ``ensembles`` by default.
    energy : float
        Centre-of-mass energy in GeV.
    progress : ProgressReporter, optional

    Raises
    ------
    CommandLineError, DataError, ResourceError, TheoryError
        An ensemble cannot be evolved, or has none of the masses in its range.
    """
    masses = default_masses()
    shown, index, colours = with_reference(ensembles, reference)
    found = [luminosities(ensemble, energy=energy, masses=masses, progress=progress) for ensemble in shown]
    figures = []
    for channel in CHANNELS:
        curves = [
            Curve(entry.label, _padded(entry.bands[channel], entry.masses, masses), colour, place == index)
            for place, (entry, colour) in enumerate(zip(found, colours, strict=True))
        ]
        figures.append(_figure(channel, masses, curves, curves[index or 0], energy))
    return figures


def _figure(channel: str, masses: Floats, curves: list[Curve], denominator: Curve, energy: float) -> PlottedFigure:
    framed = masses < _FRAMED_TO * energy
    return PlottedFigure(
        name=f"luminosity_{channel}",
        title=f"{_WORDS[channel]} luminosity at √s = {energy / 1000:g} TeV",
        caption="Luminosity against the invariant mass of the final state, with 68 % bands; below, divided by the "
        f"central value of {denominator.label}.",
        draw=partial(
            draw_bands,
            masses,
            curves,
            framed=framed,
            set_axis=partial(set_mass_axis, low=float(masses[0]), high=float(masses[-1])),
            label=f"$L_{{{_FORMULAS[channel]}}}$ [GeV$^{{-2}}$]",
            note=f"$\\sqrt{{s}}$ = {energy / 1000:g} TeV",
            denominator=denominator,
            logarithmic=True,
        ),
        numbers=band_numbers("mass [GeV]", masses, curves, denominator, framed),
    )


def _padded(band: Band, masses: Floats, all_masses: Floats) -> Band:
    """Return a band at all masses, nan at those that are out of the range of the ensemble."""
    columns = []
    for values in (band.central, band.low, band.high, band.deviation):
        column = np.full(len(all_masses), np.nan)
        column[np.isin(all_masses, masses)] = values
        columns.append(column)
    return Band(*columns)
