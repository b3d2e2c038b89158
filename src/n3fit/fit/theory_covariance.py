"""The theory covariance that a runcard requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from n3fit.data import CommonData, FitData
from n3fit.data.library import current_name
from n3fit.fit.named_sets import is_polarised
from n3fit.paths import SearchPaths
from n3fit.progress import ProgressReporter
from n3fit.results.records import TheoryCovarianceRecord
from n3fit.results.theory_covariance import StoredCovariance
from n3fit.theory.covariance.build import (
    BuiltCovariance,
    TheoryCovarianceSettings,
    build_theory_covariance,
)
from n3fit.theory.covariance.power_corrections import PiecewiseLinear, PowerCorrections
from n3fit.theory.covariance.varied_theories import DatasetTheory
from n3fit.theory.theories import Theory
from n3fit.vocabulary import POWER_CORRECTIONS

if TYPE_CHECKING:
    from n3fit.runcard import Runcard
    from n3fit.runcard.theory_covariance import TheoryCovarianceConfig

KEY = "theorycovmatconfig"


def load_theory_covariance(
    card: Runcard,
    theory: Theory,
    datasets: Sequence[CommonData],
    *,
    paths: SearchPaths,
    progress: ProgressReporter,
) -> BuiltCovariance | None:
    """Build the theory covariance of a runcard, None if it requests none.

    Parameters
    ----------
    card : Runcard
    theory : Theory
        The theory of the fit.
    datasets : sequence of CommonData
        The data sets after cuts, in the order of the runcard.
    paths : SearchPaths
    progress : ProgressReporter

    Raises
    ------
    DataError, TheoryError
        See :func:`n3fit.theory.covariance.build.build_theory_covariance`.
    """
    config = card.theorycovmatconfig
    if config is None:
        return None
    if not config.used:
        progress.message(f"{KEY}: used neither in the fit nor in the sampling, and not computed")
        return None
    settings = covariance_settings(config, polarised=is_polarised(card))
    names = {dataset.name for dataset in datasets}
    excluded = settings.power_corrections.excluded if settings.power_corrections is not None else ()
    absent = [name for name in excluded if name not in names]
    if absent:
        progress.message(f"{KEY}.pc_excluded_datasets: the fit does not have {', '.join(absent)}, without effect")
    progress.message("computing the theory covariance")
    return build_theory_covariance(
        settings,
        [DatasetTheory(dataset, entry.cfac) for dataset, entry in zip(datasets, card.dataset_inputs, strict=True)],
        theory=theory,
        central=card.theory.theoryid if card.theory.t0theoryid is None else card.theory.t0theoryid,
        paths=paths,
        progress=progress,
    )


def describe_covariance(data: FitData) -> str:
    """Return a line about the theory covariance of the data of a fit: its sources and its size."""
    theory = data.theory
    if theory is None:
        return "no theory covariance"
    variances = np.diagonal(data.experimental_covariance)
    share = float(np.mean(theory.variances / (theory.variances + variances)))
    uses = {"chi2": theory.in_fitting, "pseudodata": theory.in_sampling}
    used = " and ".join(name for name, applies in uses.items() if applies)
    return (
        f"theory covariance: {' + '.join(theory.sources)}, part of {used}; "
        f"{100 * share:.1f} % of the variance of a point on average"
    )


def covariance_settings(config: TheoryCovarianceConfig, *, polarised: bool) -> TheoryCovarianceSettings:
    """Return the settings of a theory covariance."""
    power = POWER_CORRECTIONS in config.point_prescriptions
    return TheoryCovarianceSettings(
        prescriptions=config.point_prescriptions,
        pdf=config.pdf,
        unpolarised_pdf=config.unpolarized_bc,
        theories=config.theories,
        power_corrections=_power_corrections(config) if power else None,
        user_matrix=config.user_covmat_path,
        factor=config.mult_factor,
        polarised=polarised,
        in_fitting=config.use_thcovmat_in_fitting,
        in_sampling=config.use_thcovmat_in_sampling,
    )


def covariance_record(built: BuiltCovariance) -> TheoryCovarianceRecord:
    """Return what the description of a fit records of its theory covariance."""
    covariance = built.covariance
    return TheoryCovarianceRecord(
        columns=dict(covariance.sources),
        pdf=built.pdf,
        theories=dict(built.theories),
        user_matrix=built.user_matrix,
        in_fitting=covariance.in_fitting,
        in_sampling=covariance.in_sampling,
    )


def stored_covariance(built: BuiltCovariance | None, datasets: Sequence[CommonData]) -> StoredCovariance | None:
    """Return the theory covariance of a fit with the labels of its points, None for a fit without one."""
    if built is None:
        return None
    return StoredCovariance(built.covariance, np.concatenate([dataset.indices for dataset in datasets]))


def _power_corrections(config: TheoryCovarianceConfig) -> PowerCorrections:
    return PowerCorrections(
        functions={name: PiecewiseLinear(entry.nodes, entry.yshift) for name, entry in config.pc_parameters.items()},
        categories=config.pc_included_procs,
        excluded=tuple(current_name(name, None)[0] for name in config.pc_excluded_datasets),
    )
