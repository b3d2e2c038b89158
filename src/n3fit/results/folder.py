"""A fit folder, read back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from n3fit.errors import DataError, ResourceError
from n3fit.results.arrays import FitArrays, keep_replicas, read_arrays, select_mean, select_replicas
from n3fit.results.chi2_csv import read_table
from n3fit.results.chi2_tables import Chi2Table, keep_table_replicas
from n3fit.results.manifest import changed_files, check_present
from n3fit.results.naming import MANIFEST, RUNCARD, SETS_FOLDER
from n3fit.results.postfit import Postfit, read_postfit
from n3fit.results.presentation import describe_fit, to_html
from n3fit.results.records import FitDescription, Manifest, ReplicaInfo, read_record
from n3fit.results.replica_files import files_by_replica, read_replicas, replica_folder
from n3fit.results.residuals import LEVELS, read_residuals
from n3fit.results.summary import Chi2Row, FitSummary, chi2_rows
from n3fit.storage.json_files import read_text
from n3fit.storage.locks import lock_folder
from n3fit.storage.weights import read_weights

Floats = NDArray[np.float64]
DESCRIPTION = "fit.json"
ARRAYS = "fit.npz"
RESIDUALS = "residuals.npz"
_HINT = "the fit folder is damaged; restore it or fit again"


@dataclass(frozen=True, eq=False, repr=False)
class FitFolder:
    """A finished fit of R replicas, checked and in memory; only the weights are read on demand.

    Parameters
    ----------
    path : Path
    runcard_text : str
        ``filter.yml``, the runcard as the user wrote it.
    manifest, description, infos
        The JSON files; ``infos`` has one entry for each replica.
    arrays : FitArrays
        Numbers by replica and by point.
    chi2 : dict
        Tables by ``datasets``, ``experiments`` and ``total``.
    xgrid : (196,)
    pdf : (R, 196, 14)
        x f(x, Q0) of the exportgrids, in the order of ``n3fit.theory.flavours.EXPORT_PIDS``.
    postfit : Postfit, optional
        The replicas chosen by ``n3fit postfit``; means are made of them then.
    damaged : mapping
        Replicas that were left out because their files are damaged, with what is wrong; not among the R.
    """

    path: Path
    runcard_text: str
    manifest: Manifest
    description: FitDescription
    infos: tuple[ReplicaInfo, ...]
    arrays: FitArrays
    chi2: dict[str, Chi2Table]
    xgrid: Floats
    pdf: Floats
    postfit: Postfit | None = None
    damaged: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, *, skip_damaged: bool = False, checksums: bool = False, use_postfit: bool = True) -> Self:
        """Read the fit in ``path``.

        Parameters
        ----------
        path : Path
        skip_damaged : bool
            Leave out replicas whose files are damaged or missing. Those that ``postfit.json`` names as damaged are
            left out anyway.
        checksums : bool
            Compare the content of the replicas' files with their checksums too, not only the sizes.
        use_postfit : bool
            Make the means those of the replicas that ``n3fit postfit`` chose, if it did.

        Raises
        ------
        DataError
            A file is damaged; it is named with what is wrong.
        ResourceError
            There is no fit, or one of its files is missing or cannot be read.
        """
        if not path.is_dir():
            raise ResourceError(f"{path}: no such folder", hint="give the folder that `n3fit fit` wrote")
        if not (path / MANIFEST).is_file():
            raise ResourceError(f"{path}: holds no fit ({MANIFEST} is missing)", hint="give the folder of a fit")
        manifest = read_record(path / MANIFEST, Manifest)
        shared, by_replica = files_by_replica(manifest)
        check_present(path, shared)
        description = read_record(path / DESCRIPTION, FitDescription)
        arrays = read_arrays(path / ARRAYS)
        _check_agreement(path, manifest, description, arrays)
        numbers = [int(replica) for replica in arrays.replicas]
        chi2 = {level: read_table(path / "tables" / f"chi2_{level}.csv", numbers) for level in LEVELS}
        postfit = read_postfit(path) if use_postfit else None
        known = [entry.replica for entry in postfit.damaged] if postfit is not None else []
        files = read_replicas(path, description.name, by_replica, skip=skip_damaged or known, checksums=checksums)
        fit = cls(
            path=path,
            runcard_text=read_text(path / RUNCARD),
            manifest=manifest,
            description=description,
            infos=files.infos,
            arrays=arrays,
            chi2=chi2,
            xgrid=files.xgrid,
            pdf=files.pdf,
            postfit=postfit,
            damaged=files.damaged,
        )
        return _choose(fit, np.isin(arrays.replicas, files.replicas))

    @property
    def name(self) -> str:
        """Name of the fit; that of its files, even when the folder was renamed."""
        return self.description.name

    @property
    def replicas(self) -> NDArray[np.int64]:
        """(R,) replica numbers."""
        return self.arrays.replicas

    @property
    def groups(self) -> dict[str, dict[str, int]]:
        """By level, the groups of points that have a chi2, with the number of their points."""
        return {level: dict(zip(table.names, table.points.tolist(), strict=True)) for level, table in self.chi2.items()}

    @property
    def passing(self) -> NDArray[np.bool_]:
        """(R,) the replicas that ``n3fit postfit`` chose, else those that are finite and pass positivity."""
        return self.arrays.selected if self.postfit is not None else self.arrays.passing

    @property
    def pdf_sets(self) -> tuple[Path, ...]:
        """The folders of the PDF sets that are kept in the fit folder, sorted."""
        return tuple(sorted(info.parent for info in (self.path / SETS_FOLDER).glob("*/*.info")))

    @property
    def selection(self) -> str:
        """What means are made of: ``postfit``, else ``passing`` positivity, else ``finite``, else ``none``."""
        if self.postfit is not None:
            return "postfit"
        return select_replicas(self.arrays.positivity_passed, self.arrays.finite)[0]

    @property
    def title(self) -> str:
        """The runcard's ``description``, or an empty text."""
        try:
            content = YAML(typ="safe", pure=True).load(StringIO(self.runcard_text))
        except YAMLError as error:
            raise DataError(f"{self.path / RUNCARD}: not valid YAML ({error})", hint=_HINT) from error
        description = content.get("description") if isinstance(content, dict) else None
        return str(description).strip() if description is not None else ""

    def __repr__(self) -> str:
        """Name, replicas and chi2 in a few lines."""
        return "\n".join(f"{name}: {value}" for name, value in self._describe().items())

    def _repr_html_(self) -> str:
        """Give the same as a table, for notebooks."""
        return to_html(self._describe())

    def _describe(self) -> dict[str, str]:
        selected = [int(number) for number in self.replicas[self.arrays.selected]]
        return describe_fit(self.summary(), title=self.title, selected=selected, sets=self.pdf_sets)

    def weights(self, replica: int) -> dict[str, list[NDArray[np.floating]]]:
        """Read the weights of a replica: layer name to its arrays.

        Raises
        ------
        DataError, ResourceError
            The file is damaged or missing.
        """
        return read_weights(replica_folder(self.path, replica) / self.description.weights_file)

    def verify(self) -> None:
        """Compare every file with its checksum in the manifest.

        Raises
        ------
        DataError
            Files were changed; they are named.
        """
        changed = changed_files(self.path, self.manifest)
        if changed:
            raise DataError(f"{self.path}: changed since the fit was written: {', '.join(changed)}", hint=_HINT)

    def summary(self) -> FitSummary:
        """Give the numbers by which the fit is judged."""
        arrays, selected = self.arrays, self.arrays.selected
        stopped_well = arrays.best_epoch[arrays.best_epoch >= 0]
        total = chi2_rows(self.chi2["total"], selected)
        return FitSummary(
            name=self.name,
            path=str(self.path),
            status=self.manifest.status,
            replicas=arrays.replicas.size,
            passing=int(arrays.passing.sum()),
            finite=int(arrays.finite.sum()),
            guarded=int(arrays.guarded.sum()),
            selection=self.selection,
            points=arrays.central.size,
            datasets=chi2_rows(self.chi2["datasets"], selected),
            experiments=chi2_rows(self.chi2["experiments"], selected),
            total=total[0] if total else Chi2Row("total", 0, np.nan, np.nan, np.nan, np.nan),
            epochs=self.description.epochs,
            mean_best_epoch=float(stopped_well.mean() + 1) if stopped_well.size else np.nan,
            timing=dict(self.manifest.timing),
        )


FitT = TypeVar("FitT", bound=FitFolder)


@contextmanager
def lock_fit(path: Path, *, skip_damaged: bool = False) -> Iterator[FitFolder]:
    """Yield the fit in ``path``, checksums compared and postfit disregarded, with other writers kept out.

    Raises
    ------
    DataError
        A file is damaged.
    ResourceError
        There is no whole fit, or it is being written.
    """
    if not path.absolute().parent.is_dir():
        raise ResourceError(f"{path}: no such folder", hint="give the folder that `n3fit fit` wrote")
    with lock_folder(path):
        yield FitFolder.open(path, skip_damaged=skip_damaged, checksums=True, use_postfit=False)


def _check_agreement(path: Path, manifest: Manifest, description: FitDescription, arrays: FitArrays) -> None:
    """Check that the three descriptions of the fit speak of the same replicas, points and sets."""
    if tuple(arrays.replicas.tolist()) != manifest.replicas:
        raise DataError(f"{path / ARRAYS}: other replicas than in {MANIFEST}", hint=_HINT)
    points = max((dataset.stop for dataset in description.datasets), default=0)
    if points != arrays.central.size:
        raise DataError(
            f"{path / DESCRIPTION}: datasets: expected {arrays.central.size} points, received {points}", hint=_HINT
        )
    for key, width in (
        ("positivity_sets", arrays.positivity_losses.shape[1]),
        ("integrability_sets", arrays.integrability_losses.shape[1]),
        ("flavours", arrays.alpha.shape[1]),
    ):
        received = len(getattr(description, key))
        if received != width:
            raise DataError(f"{path / DESCRIPTION}: {key}: expected {width} names, received {received}", hint=_HINT)


def _choose(fit: FitT, kept: NDArray[np.bool_]) -> FitT:
    """Leave the replicas that are not ``kept`` out, and make the means those of the selection of postfit."""
    arrays = keep_replicas(fit.arrays, kept)
    if fit.postfit is not None:
        selected = np.isin(arrays.replicas, fit.postfit.replicas)
    else:
        selected = select_replicas(arrays.positivity_passed, arrays.finite)[1]
    if kept.all() and np.array_equal(selected, arrays.selected):
        return fit
    residuals = read_residuals(fit.path / RESIDUALS, fit.groups, kept.size)
    chosen = kept.copy()
    chosen[kept] = selected
    chi2 = {
        level: keep_table_replicas(table, kept).with_mean(residuals, level, chosen) for level, table in fit.chi2.items()
    }
    return replace(fit, arrays=select_mean(arrays, selected), chi2=chi2)
