"""The files in ``postfit/`` by which validphys (nnpdf 4.1.5) reads a fit: links to the chosen replicas, and the vetoes.

validphys takes the replicas of a fit from ``postfit/replica_1`` to ``replica_n`` as soon as the folder ``postfit``
exists, and their number from ``veto_count.json``; n3fit itself reads neither.
"""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from n3fit import __version__
from n3fit.errors import ResourceError
from n3fit.results.folder import FitFolder
from n3fit.results.layout import POSTFIT_LOG, SETS_FOLDER, VETO_COUNT, format_replicas, replica_folder
from n3fit.results.linked_choice import CONVERGENCE, OWN_LOG, VETO_COLUMNS
from n3fit.results.postfit import Postfit
from n3fit.storage import write_atomically
from n3fit.storage.json_files import to_json

_CONVERGENCE = ("finite", "sum rules", "positivity")  # the vetoes that have no column of their own


def write_validphys_files(fit: FitFolder, chosen: Sequence[int]) -> None:
    """Write the links and the vetoes of a fit; those of an earlier choice are replaced, PDF sets are kept.

    ``postfit.log`` is removed first and written last, so that an interrupted call leaves no complete choice.

    Parameters
    ----------
    fit : FitFolder
        ``fit.postfit`` gives the vetoes; without it only those that every fit has: finiteness and positivity.
    chosen : sequence of int
        The replicas of the PDF set; ``replica_k`` is the k-th of them.

    Raises
    ------
    ResourceError
        The folder cannot be written to.
    """
    home = fit.path / SETS_FOLDER
    vetoes = _passing_by_veto(fit)
    try:
        (home / POSTFIT_LOG).unlink(missing_ok=True)
        _remove_links(home)
        home.mkdir(exist_ok=True)
        for member, replica in enumerate(chosen, start=1):
            _link(home / f"replica_{member}", replica_folder(fit.path, replica))
    except OSError as error:
        raise ResourceError(
            f"{error.filename or home}: cannot be written ({error.strerror or error})",
            hint="check the disk space and the permissions",
        ) from error
    write_atomically(home / VETO_COUNT, to_json({**_thresholds(fit.postfit), **vetoes}))
    write_atomically(home / POSTFIT_LOG, _log(fit, chosen, vetoes))


def _thresholds(selection: Postfit | None) -> dict[str, float | None]:
    """Return the thresholds by validphys' names; None for a veto that was not applied."""
    names = {"chi2_threshold": "chi2", "arclength_threshold": "arc_length", "integrability_threshold": "integrability"}
    return {name: None if selection is None else getattr(selection, key) for name, key in names.items()}


def _passing_by_veto(fit: FitFolder) -> dict[str, list[bool]]:
    """Return, by validphys' names of the vetoes, which replicas pass, in the text order of their folders."""
    replicas = sorted(fit.replicas.tolist(), key=str)

    def passing(numbers: Sequence[int]) -> list[bool]:
        return [replica not in numbers for replica in replicas]

    excluded: dict[str, list[int]] = defaultdict(list)
    for entry in () if fit.postfit is None else fit.postfit.vetoes:
        excluded[CONVERGENCE if entry.veto in _CONVERGENCE else entry.quantity].append(entry.replica)
    vetoed = fit.replicas[fit.vetoed].tolist()
    if fit.postfit is None:
        excluded[CONVERGENCE] = vetoed
    columns = {name: passing(excluded[quantity]) for name, (_, quantity) in VETO_COLUMNS.items()}
    return columns | {"Total": passing(vetoed)}


def _log(fit: FitFolder, chosen: Sequence[int], vetoes: dict[str, list[bool]]) -> str:
    lines = [
        f"{OWN_LOG}{__version__}",
        f"{len(fit.replicas)} replicas found",
        *(f"{sum(mask)} pass {name}" for name, mask in vetoes.items()),
    ]
    return "\n".join([*lines, f"chosen: {format_replicas(chosen)}", "completed", ""])


def _remove_links(home: Path) -> None:
    for entry in home.glob("replica_*"):
        if entry.is_symlink() or entry.is_file():
            entry.unlink()
        else:
            shutil.rmtree(entry)


def _link(link: Path, folder: Path) -> None:
    """Link to a folder by a relative path; copy it where the system allows no links."""
    try:
        link.symlink_to(os.path.relpath(folder, link.parent), target_is_directory=True)
    except (OSError, NotImplementedError):
        shutil.copytree(folder, link)
