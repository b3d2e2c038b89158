"""Settings of a fit, read from the runcard: plain numbers for the training and for building its problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.training.settings import OptimizerSettings, StoppingSettings, TensorBoardSettings, TrainingSettings

if TYPE_CHECKING:
    from n3fit.runcard import LagrangeDataset, Runcard
    from n3fit.runcard.parameters import LagrangeMultipliers

WEIGHTS_FILE = "weights.weights.h5"
"""Name of the file of weights when the runcard gives none."""


@dataclass(frozen=True)
class PseudodataSettings:
    """How pseudodata are drawn; without a ``seed`` every replica is fitted to the central data.

    With ``positive``, a replica is drawn again, up to ``max_tries`` times, while a cross-section is negative.
    """

    seed: int | None
    from_t0: bool
    separate_multiplicative: bool
    positive: bool
    max_tries: int
    saved: bool


@dataclass(frozen=True)
class SplitSettings:
    """How data are split into training and validation.

    Parameters
    ----------
    seed : int
    same_for_all : bool
        Whether all replicas have the same split.
    eigenbasis : bool
        Split eigenvectors of the t0 correlation matrix, else points.
    fraction : float
        Fraction of the eigenvectors used for training.
    fractions : tuple of float
        Fraction of the points of each data set, in the order of the runcard.
    threshold : float
        Eigenvectors with a smaller eigenvalue are in neither loss.
    """

    seed: int
    same_for_all: bool
    eigenbasis: bool
    fraction: float
    fractions: tuple[float, ...]
    threshold: float


@dataclass(frozen=True)
class PenaltySettings:
    """Lagrange multipliers of each set: value at the first epoch, and factor of every update."""

    initial: tuple[float, ...]
    growth: tuple[float, ...]


@dataclass(frozen=True)
class FitSettings:
    """All settings of a fit but its data, theory and network.

    Parameters
    ----------
    training : TrainingSettings
    pseudodata : PseudodataSettings
    split : SplitSettings
    positivity, integrability : PenaltySettings
        In the order of the sets in the runcard.
    compressed : bool
        Whether hadronic tables are compressed.
    together : bool
        Train all replicas as one group, else one after the other.
    deterministic, double_precision : bool
    max_cores : int or None
    weights_file : str
        Name of the file of weights of each replica.
    """

    training: TrainingSettings
    pseudodata: PseudodataSettings
    split: SplitSettings
    positivity: PenaltySettings
    integrability: PenaltySettings
    compressed: bool
    together: bool
    deterministic: bool
    double_precision: bool
    max_cores: int | None
    weights_file: str


def fit_settings(card: Runcard, *, tensorboard_folder: Path = Path("tensorboard")) -> FitSettings:
    """Return the settings of a runcard.

    Parameters
    ----------
    card : Runcard
    tensorboard_folder : Path
        Where TensorBoard logs go, if the runcard requests them.
    """
    return FitSettings(
        training=training_settings(card, tensorboard_folder),
        pseudodata=PseudodataSettings(
            seed=card.mcseed if card.genrep else None,
            from_t0=card.use_t0_sampling,
            separate_multiplicative=card.separate_multiplicative,
            positive=card.resample_negative_pseudodata,
            max_tries=card.max_tries,
            saved=card.fitting.savepseudodata,
        ),
        split=SplitSettings(
            seed=card.trvlseed,
            same_for_all=card.same_trvl_per_replica,
            eigenbasis=card.diagonal_basis,
            fraction=card.diagonal_frac,
            fractions=tuple(entry.frac for entry in card.dataset_inputs),
            threshold=card.threshold,
        ),
        positivity=_penalty(card.parameters.positivity, card.positivity.posdatasets, card.parameters.epochs),
        integrability=_penalty(card.parameters.integrability, card.integrability.integdatasets, card.parameters.epochs),
        compressed=card.theory_compression == "certified",
        together=card.parallel_models and not card.debug,
        deterministic=card.debug,
        double_precision=card.double_precision,
        max_cores=card.maxcores,
        weights_file=card.save or WEIGHTS_FILE,
    )


def training_settings(card: Runcard, tensorboard_folder: Path) -> TrainingSettings:
    """Return the settings of the training in a runcard; see :func:`fit_settings`."""
    parameters = card.parameters
    return TrainingSettings(
        epochs=parameters.epochs,
        optimizer=OptimizerSettings(parameters.optimizer.optimizer_name, parameters.optimizer.options),
        stopping=StoppingSettings(
            patience=max(1, round(parameters.stopping_patience * parameters.epochs)),
            threshold_chi2=parameters.threshold_chi2,
            positivity_threshold=parameters.positivity.threshold,
            delta=parameters.stopping_delta,
        ),
        deterministic=card.debug,
        tensorboard=None
        if card.tensorboard is None
        else TensorBoardSettings(
            folder=tensorboard_folder,
            profiling=card.tensorboard.profiling,
            weight_freq=card.tensorboard.weight_freq,
        ),
    )


def _penalty(multipliers: LagrangeMultipliers, entries: Sequence[LagrangeDataset], epochs: int) -> PenaltySettings:
    schedules = [multipliers.schedule(entry.maxlambda, epochs) for entry in entries]
    return PenaltySettings(
        initial=tuple(initial for initial, _ in schedules), growth=tuple(growth for _, growth in schedules)
    )
