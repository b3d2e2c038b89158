"""From the settings of a theory covariance to the covariance of the points of a fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from n3fit.data.categories import process_category
from n3fit.data.commondata import CommonData
from n3fit.data.nnpdf_profile import read_profile
from n3fit.data.theory_covariance import USER, TheoryCovariance, matrix_columns
from n3fit.errors import DataError
from n3fit.lhapdf.pdf_sets import PDFSet, load_pdf_set
from n3fit.lhapdf.set_kind import check_proton
from n3fit.paths import SearchPaths
from n3fit.progress import ProgressReporter
from n3fit.storage import sha256_of_file
from n3fit.storage.cache import content_key
from n3fit.theory.covariance.power_corrections import PowerCorrections
from n3fit.theory.covariance.prescriptions import PRESCRIPTIONS, PointPrescription
from n3fit.theory.covariance.theories import TheoryId
from n3fit.theory.covariance.user_matrix import arrange, find_user_matrix, read_user_matrix
from n3fit.theory.covariance.varied_predictions import predict_dataset
from n3fit.theory.covariance.varied_theories import DatasetTheory, open_variations
from n3fit.theory.theories import Theory
from n3fit.typing import Floats
from n3fit.vocabulary import POWER_CORRECTIONS


@dataclass(frozen=True)
class TheoryCovarianceSettings:
    """What ``theorycovmatconfig`` of a runcard requests.

    Parameters
    ----------
    prescriptions : tuple of str
        Names of point prescriptions; the covariance is the sum of all.
    pdf : str or None
        The PDF set whose central member makes the predictions.
    unpolarised_pdf : str or None
        In polarised fits, the set whose central member is the unpolarised PDF of the tables that have one.
    theories : mapping of str to int or str
        Theories that the runcard names, by their variation.
    power_corrections : PowerCorrections, optional
        For the prescription of that name.
    user_matrix : str, optional
        Path of a matrix of the user.
    factor : float
        Multiplies the matrix of the user.
    polarised : bool
        Whether ``pdf`` must have polarised PDFs.
    in_fitting, in_sampling : bool
        Whether it is part of the covariance of chi2, and of the pseudodata.
    """

    prescriptions: tuple[str, ...] = ()
    pdf: str | None = None
    unpolarised_pdf: str | None = None
    theories: Mapping[str, TheoryId] = field(default_factory=dict)
    power_corrections: PowerCorrections | None = None
    user_matrix: str | None = None
    factor: float = 1.0
    polarised: bool = False
    in_fitting: bool = True
    in_sampling: bool = True


@dataclass(frozen=True, eq=False)
class BuiltCovariance:
    """A theory covariance and its origin.

    Parameters
    ----------
    covariance : TheoryCovariance
    theories : mapping of str to str
        The theory of each variation.
    hashes : mapping of str to str
        Hash of each input by its name.
    pdf, user_matrix : str or None
        Names of the PDF set and of the file of the user.
    """

    covariance: TheoryCovariance
    theories: Mapping[str, str]
    hashes: Mapping[str, str]
    pdf: str | None
    user_matrix: str | None


def build_theory_covariance(
    settings: TheoryCovarianceSettings,
    entries: Sequence[DatasetTheory],
    *,
    theory: Theory,
    central: TheoryId,
    paths: SearchPaths,
    progress: ProgressReporter,
) -> BuiltCovariance:
    """Build the theory covariance of all points of a fit.

    Parameters
    ----------
    settings : TheoryCovarianceSettings
    entries : sequence of DatasetTheory
        The data sets of the fit.
    theory : Theory
        The theory of the fit.
    central : int or str
        The theory whose variations are taken.
    paths : SearchPaths
    progress : ProgressReporter

    Raises
    ------
    DataError
        The PDF set or the matrix of the user is missing or malformed, or a data set has no process category or no
        power correction.
    TheoryError
        Variations, theories, tables or K-factors are missing; all of them are named.
    """
    datasets = [entry.dataset for entry in entries]
    blocks: dict[str, Floats] = {}
    opened: dict[str, Theory] = {}
    hashes: dict[str, str] = {}
    if settings.prescriptions:
        pdf_set = _load_pdf("pdf", settings.pdf or "", paths, polarised=settings.polarised)
        boundary = None
        if settings.unpolarised_pdf is not None:
            boundary = _load_pdf("unpolarized_bc", settings.unpolarised_pdf, paths)
        points = [PRESCRIPTIONS[name] for name in settings.prescriptions if name != POWER_CORRECTIONS]
        opened = open_variations(points, entries, central=central, named=settings.theories, paths=paths)
        sets = (pdf_set, boundary)
        predictions = _predict_all({**opened, "fit": theory}, entries, sets, hashes, settings, progress)
        categories = [name for dataset in datasets for name in [process_category(dataset)] * len(dataset)]
        for name in settings.prescriptions:
            if name == POWER_CORRECTIONS:
                blocks[name] = _power_columns(settings, datasets, predictions["fit"])
            else:
                blocks[name] = _point_columns(PRESCRIPTIONS[name], predictions, categories)
    if settings.user_matrix is not None:
        blocks[USER] = _user_columns(settings, datasets, hashes, progress)
    columns = np.concatenate([np.zeros((sum(map(len, datasets)), 0)), *blocks.values()], axis=1)
    covariance = TheoryCovariance(
        columns,
        {name: block.shape[1] for name, block in blocks.items()},
        in_fitting=settings.in_fitting,
        in_sampling=settings.in_sampling,
    )
    return BuiltCovariance(
        covariance,
        theories={name: entry.identifier for name, entry in opened.items()},
        hashes=hashes,
        pdf=settings.pdf if settings.prescriptions else None,
        user_matrix=settings.user_matrix,
    )


def _predict_all(
    theories: Mapping[str, Theory],
    entries: Sequence[DatasetTheory],
    sets: tuple[PDFSet, PDFSet | None],
    hashes: dict[str, str],
    settings: TheoryCovarianceSettings,
    progress: ProgressReporter,
) -> dict[str, list[Floats]]:
    """Return the predictions of each data set by variation, and add the hashes of their theories."""
    needed = dict(theories)
    if POWER_CORRECTIONS not in settings.prescriptions:
        del needed["fit"]
    by_identifier: dict[str, list[Floats]] = {}
    distinct = {theory.identifier: theory for theory in needed.values()}
    for number, (identifier, theory) in enumerate(distinct.items(), start=1):
        pairs = [predict_dataset(theory, entry.dataset, entry.cfac, *sets) for entry in entries]
        by_identifier[identifier] = [values for values, _ in pairs]
        hashes[f"theory covariance: predictions of theory {identifier}"] = content_key(*(key for _, key in pairs))
        progress.step("varied theories", number, len(distinct))
    return {name: by_identifier[theory.identifier] for name, theory in needed.items()}


def _point_columns(
    prescription: PointPrescription, predictions: Mapping[str, Sequence[Floats]], categories: Sequence[str]
) -> Floats:
    reference = np.concatenate(predictions[prescription.reference])
    shifts = np.stack([np.concatenate(predictions[name]) - reference for name in prescription.variations])
    return prescription.columns(shifts, categories)


def _power_columns(
    settings: TheoryCovarianceSettings, datasets: Sequence[CommonData], predictions: Sequence[Floats]
) -> Floats:
    if settings.power_corrections is None:
        raise ValueError("power_corrections must be given with the prescription of that name")
    return settings.power_corrections.shifts(datasets, predictions).T


def _user_columns(
    settings: TheoryCovarianceSettings,
    datasets: Sequence[CommonData],
    hashes: dict[str, str],
    progress: ProgressReporter,
) -> Floats:
    path = find_user_matrix(settings.user_matrix or "", read_profile().caches)
    matrix, remarks = arrange(read_user_matrix(path), datasets)
    columns, mended = matrix_columns(matrix, datasets, path.name)
    for remark in (*remarks, *mended):
        progress.message(f"theory covariance: {remark}")
    hashes[f"theory covariance: matrix {path.name}"] = sha256_of_file(path)
    return columns * np.sqrt(settings.factor)


def _load_pdf(key: str, name: str, paths: SearchPaths, *, polarised: bool = False) -> PDFSet:
    try:
        pdf_set = load_pdf_set(name, paths.pdf_folders)
        pdf_set.member(0)
    except DataError as error:
        raise DataError(f"theorycovmatconfig.{key}: {error.message}", hint=error.hint) from error
    check_proton(pdf_set, key=f"theorycovmatconfig.{key}", polarised=polarised)
    return pdf_set
