"""Reading of fit folders: those of n3fit in every format, and those of nnpdf."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from n3fit.errors import DataError
from n3fit.results.chi2 import read_table, take_table_replicas
from n3fit.results.fit_record import read_fit_record
from n3fit.results.folder import FitFolder
from n3fit.results.format_1 import read_record_of_format_1
from n3fit.results.layout import ARRAYS, MANIFEST, RUNCARD
from n3fit.results.linked_choice import read_choice
from n3fit.results.manifest import check_present, read_manifest
from n3fit.results.nnpdf_fit import ABSENT, is_nnpdf_fit, read_nnpdf_fit
from n3fit.results.point_table import LEVELS
from n3fit.results.records import FOLDER_FORMAT
from n3fit.results.replica_files import files_by_replica, find_damaged
from n3fit.results.replica_results import select_chosen
from n3fit.storage.json_files import read_text
from n3fit.storage.locks import restore_replaced

_HINT = "the fit folder is damaged; restore it or fit again"


def read_fit_folder(
    path: Path, *, skip_damaged: bool = False, checksums: bool = False, use_postfit: bool = True
) -> FitFolder:
    """Read the fit in ``path``, of n3fit or of nnpdf (4.0.10 to 4.1.5).

    A fit that a killed process was about to replace is restored.

    Parameters
    ----------
    path : Path
    skip_damaged : bool
        Exclude replicas whose files are damaged or missing. Those that ``postfit.json`` names as damaged are always
        excluded.
    checksums : bool
        Compare the content of all files with their checksums too, not only the sizes.
    use_postfit : bool
        Use the choice of postfit where there is one: that of the program that ran last, n3fit's or nnpdf's.

    Raises
    ------
    DataError
        A file is damaged; the message has its name and the reason.
    ResourceError
        There is no fit, or one of its files is missing or cannot be read.
    """
    restore_replaced(path)
    if is_nnpdf_fit(path):
        return _read_nnpdf_folder(path, use_postfit=use_postfit)
    manifest = read_manifest(path)
    shared, by_replica = files_by_replica(manifest)
    check_present(path, shared, checksums=checksums)
    postfit = read_choice(path, manifest.replicas) if use_postfit else None
    known = [entry.replica for entry in postfit.damaged] if postfit is not None else []
    damaged = find_damaged(path, by_replica, skip=skip_damaged or known, checksums=checksums)
    if manifest.format == FOLDER_FORMAT:
        record = read_fit_record(path)
    else:
        record = read_record_of_format_1(path, manifest, damaged)
    numbers = tuple(record.results.replicas.tolist())
    if numbers != manifest.replicas:
        raise DataError(f"{path / ARRAYS}: other replicas than in {MANIFEST}", hint=_HINT)
    fit = FitFolder(
        path=path,
        runcard_text=read_text(path / RUNCARD),
        manifest=manifest,
        description=record.description,
        points=record.points,
        results=record.results,
        chi2={level: read_table(path / "tables" / f"chi2_{level}.csv", numbers) for level in LEVELS},
        postfit=postfit,
        damaged=damaged,
    )
    return _without_damaged(fit)


def _read_nnpdf_folder(path: Path, *, use_postfit: bool) -> FitFolder:
    content = read_nnpdf_fit(path)
    return FitFolder(
        path=path,
        runcard_text=content.runcard_text,
        manifest=content.manifest,
        description=content.description,
        points=content.points,
        results=content.results,
        chi2=content.chi2,
        postfit=read_choice(path, content.manifest.replicas) if use_postfit else None,
        damaged=content.damaged,
        absent=ABSENT,
    )


def _without_damaged(fit: FitFolder) -> FitFolder:
    """Return the fit without damaged replicas, and with the chi2 of the mean of the chosen replicas."""
    kept = ~np.isin(fit.replicas, list(fit.damaged))
    written = select_chosen(fit.results)[1]
    fit = fit if kept.all() else replace(fit, results=fit.results.take(kept))
    chosen = np.zeros_like(kept)
    chosen[kept] = fit.chosen
    if kept.all() and np.array_equal(chosen, written):
        return fit
    residuals = fit.residuals()
    chi2 = {
        level: take_table_replicas(table, kept).with_mean(residuals, level, chosen) for level, table in fit.chi2.items()
    }
    return replace(fit, chi2=chi2)
