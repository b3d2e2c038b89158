"""The JSON files of a fit folder, with a check of every key when they are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError

from n3fit.errors import DataError
from n3fit.storage.json_files import read_json
from n3fit.theory.bases import FITTING_BASES
from n3fit.theory.exponents import ExponentRange

FOLDER_FORMAT = 2
"""Format of the folders written; raise it when the meaning of a file changes, with a reader for the one before."""

FROM_RUNCARD = "from runcard"
"""In place of the hyperparameters of a replica that has those of the runcard."""

Status = Literal["complete", "interrupted"]


class Record(BaseModel):
    """Base of the records: read-only, and no key but the known ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DatasetRecord(Record):
    """One data set and its place among the points of the fit."""

    name: str
    variant: str | None
    experiment: str
    process_type: str
    start: NonNegativeInt
    stop: NonNegativeInt


class ClosureRecord(Record):
    """The closure test that a fit is: its level, and the PDF set whose member 0 is the truth."""

    level: Literal[0, 1, 2]
    pdf_set: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    filterseed: NonNegativeInt | None


class TheoryCovarianceRecord(Record):
    """The origin of a theory covariance.

    ``columns`` is the number of its columns by prescription, ``user`` for the matrix of the user. ``theories`` is the
    theory of each variation; its predictions are those of member 0 of ``pdf``. ``in_fitting`` and ``in_sampling``: part
    of the covariance of chi2, and of the pseudodata.
    """

    columns: dict[str, NonNegativeInt]
    pdf: str | None
    theories: dict[str, str]
    user_matrix: str | None
    in_fitting: bool
    in_sampling: bool


class TrialRecord(Record):
    """A trial of a hyperparameter scan that some replicas use, with the values of the field's keys for them."""

    tid: int
    loss: float
    hyperparameters: dict[str, Any]


class FitDescription(Record):
    """Everything about a fit that is neither an array nor about one replica: ``fit.json``.

    ``title`` is the description in the runcard. A replica passes positivity when the loss of every positivity set is
    at most ``positivity_threshold``. ``weights_file`` is the name of the file of weights in the folder of each
    replica. ``closure`` is None when measured data were fitted, ``theory_covariance`` for a fit without one.
    ``trials`` are those of ``trial_specs``, N of them, the best one first: replica r uses that at r modulo N; empty for
    a fit whose replicas all have the network of the runcard. ``epochs`` is the largest number of them.
    """

    name: str
    title: str
    fitbasis: str
    flavours: tuple[str, ...]
    q0: float
    epochs: NonNegativeInt
    datasets: tuple[DatasetRecord, ...]
    positivity_sets: tuple[str, ...]
    integrability_sets: tuple[str, ...]
    positivity_threshold: float
    preprocessing: tuple[ExponentRange, ...]
    theory: dict[str, Any]
    weights_file: str = Field(pattern=r"^[^/\\]+$")
    closure: ClosureRecord | None = None
    theory_covariance: TheoryCovarianceRecord | None = None
    trials: tuple[TrialRecord, ...] = ()

    def trial_of(self, replica: int) -> TrialRecord | None:
        """Return the trial that a replica uses, None if it has the network of the runcard."""
        return self.trials[replica % len(self.trials)] if self.trials else None

    @property
    def polarised(self) -> bool:
        """Whether the PDFs are polarised."""
        return self.fitbasis in FITTING_BASES and FITTING_BASES[self.fitbasis].polarised


class FileRecord(Record):
    """Size in bytes and SHA-256 of a file."""

    bytes: NonNegativeInt
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Manifest(Record):
    """The origin of a fit and its files: ``manifest.json``."""

    format: int
    name: str
    status: Status
    created: str
    runcard: str
    versions: dict[str, str]
    platform: dict[str, str]
    environment: dict[str, Any]
    replicas: tuple[int, ...]
    seeds: dict[str, int]
    timing: dict[str, float]
    inputs: dict[str, str]
    files: dict[str, FileRecord]


class Exponents(Record):
    """The exponents of one flavour of one replica, with the field's keys: x**(1 - smallx) (1 - x)**largex."""

    fl: str
    smallx: float | None
    largex: float | None
    trainable: bool


class ReplicaInfo(Record):
    """One replica: ``<fit>.json``, with the field's keys and a few more; None stands for not finite.

    ``best_epoch`` counts from 0, ``stop_epoch`` is the number of epochs. ``erf_tr``, ``erf_vl`` are per point to the
    replica's own pseudodata, ``chi2`` is per point to the central data with the t0 covariance.
    """

    replica: int
    preprocessing: tuple[Exponents, ...]
    stop_epoch: int
    best_epoch: int
    erf_tr: float | None
    erf_vl: float | None
    chi2: float | None
    pos_state: Literal["POS_PASS", "POS_VETO"]
    arc_lengths: tuple[float | None, ...]
    integrability: tuple[float | None, ...]
    finite: bool
    guarded: bool
    timing: dict[str, dict[str, float]]
    version: dict[str, str]
    hyperparameters: dict[str, Any] | str = FROM_RUNCARD


RecordT = TypeVar("RecordT", bound=BaseModel)


def read_record(path: Path, kind: type[RecordT]) -> RecordT:
    """Read a JSON file as one of the records above.

    Raises
    ------
    DataError
        Not such a file: the first wrong key is named, with what was expected and what was received.
    ResourceError
        The file is missing or cannot be read.
    """
    return parse_record(read_json(path), kind, path)


def parse_record(content: dict[str, Any], kind: type[RecordT], path: Path) -> RecordT:
    """Return the content of the JSON file ``path`` as a record; see :func:`read_record`."""
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        received = repr(first["input"])[:80]
        raise DataError(
            f"{path}: {key}: {first['msg']}, received {received}", hint="the file is damaged; restore it or fit again"
        ) from error
