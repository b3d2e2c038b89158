"""A fit folder, read back."""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from n3fit.errors import DataError, ResourceError
from n3fit.results.arrays import FitArrays, read_arrays
from n3fit.results.chi2_csv import read_table
from n3fit.results.chi2_tables import Chi2Table
from n3fit.results.exportgrid import ExportGrid, read_exportgrid
from n3fit.results.manifest import changed_files, check_present
from n3fit.results.naming import MANIFEST, RUNCARD
from n3fit.results.records import FitDescription, Manifest, ReplicaInfo, read_record
from n3fit.results.residuals import LEVELS
from n3fit.results.strict_json import read_text
from n3fit.results.summary import Chi2Row, FitSummary, chi2_rows
from n3fit.results.weights import read_weights

Floats = NDArray[np.float64]
DESCRIPTION = "fit.json"
ARRAYS = "fit.npz"
RESIDUALS = "residuals.npz"
_HINT = "the fit folder is damaged; restore it or fit again"


@dataclass(frozen=True)
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

    @classmethod
    def open(cls, path: Path) -> FitFolder:
        """Read the fit in ``path``.

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
        check_present(path, manifest)
        description = read_record(path / DESCRIPTION, FitDescription)
        arrays = read_arrays(path / ARRAYS)
        numbers = [int(replica) for replica in arrays.replicas]
        _check_agreement(path, manifest, description, arrays)
        info_files = [_replica_file(path, number, description.name, "json") for number in numbers]
        xgrid, pdf = _read_grids(path, numbers, description.name)
        return cls(
            path=path,
            runcard_text=read_text(path / RUNCARD),
            manifest=manifest,
            description=description,
            infos=tuple(read_record(file, ReplicaInfo) for file in info_files),
            arrays=arrays,
            chi2={level: read_table(path / "tables" / f"chi2_{level}.csv", numbers) for level in LEVELS},
            xgrid=xgrid,
            pdf=pdf,
        )

    @property
    def name(self) -> str:
        """Name of the fit; that of its files, even when the folder was renamed."""
        return self.description.name

    @property
    def replicas(self) -> NDArray[np.int64]:
        """(R,) replica numbers."""
        return self.arrays.replicas

    @property
    def title(self) -> str:
        """The runcard's ``description``, or an empty text."""
        try:
            content = YAML(typ="safe", pure=True).load(StringIO(self.runcard_text))
        except YAMLError as error:
            raise DataError(f"{self.path / RUNCARD}: not valid YAML ({error})", hint=_HINT) from error
        description = content.get("description") if isinstance(content, dict) else None
        return str(description).strip() if description is not None else ""

    def weights(self, replica: int) -> dict[str, list[NDArray[np.floating]]]:
        """Read the weights of a replica: layer name to its arrays.

        Raises
        ------
        DataError, ResourceError
            The file is damaged or missing.
        """
        return read_weights(self.path / "nnfit" / f"replica_{replica}" / self.description.weights_file)

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
            selection=self.description.selection,
            points=arrays.central.size,
            datasets=chi2_rows(self.chi2["datasets"], selected),
            experiments=chi2_rows(self.chi2["experiments"], selected),
            total=total[0] if total else Chi2Row("total", 0, np.nan, np.nan, np.nan, np.nan),
            epochs=self.description.epochs,
            mean_best_epoch=float(stopped_well.mean() + 1) if stopped_well.size else np.nan,
            timing=dict(self.manifest.timing),
        )


def _replica_file(path: Path, replica: int, name: str, suffix: str) -> Path:
    return path / "nnfit" / f"replica_{replica}" / f"{name}.{suffix}"


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


def _read_grids(path: Path, replicas: list[int], name: str) -> tuple[Floats, Floats]:
    grids: list[ExportGrid] = []
    for replica in replicas:
        file = _replica_file(path, replica, name, "exportgrid")
        grid = read_exportgrid(file)
        if grid.replica != replica:
            raise DataError(f"{file}: replica: expected {replica}, received {grid.replica}", hint=_HINT)
        if grids and not np.array_equal(grid.xgrid, grids[0].xgrid):
            raise DataError(f"{file}: xgrid: not that of replica {grids[0].replica}", hint=_HINT)
        grids.append(grid)
    if not grids:
        raise DataError(f"{path}: holds no replica", hint=_HINT)
    return grids[0].xgrid, np.stack([grid.pdf for grid in grids])
