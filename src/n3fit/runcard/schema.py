"""A runcard as an object: the users' own keys, checked and with every default filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, get_args

from pydantic import BaseModel, Field, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from n3fit.runcard.closure import ClosureTest
from n3fit.runcard.consistency import find_contradictions
from n3fit.runcard.data_keys import DataCuts, DatasetInput, FilterRule, Integrability, Positivity, TheoryChoice
from n3fit.runcard.fitting import Fitting
from n3fit.runcard.parameters import Parameters
from n3fit.runcard.values import (
    Fraction,
    Keys,
    Listing,
    LoadedWeights,
    NonNegativeInteger,
    PositiveInteger,
    SavedWeights,
    Seed,
    Text,
    Truth,
    one_of,
)
from n3fit.runcard.vocabulary import COMPRESSIONS

CONTRADICTIONS = "n3fit_contradictions"
"""Type of the pydantic error that carries several mistakes in its context."""


class TensorBoard(Keys):
    """What is logged for TensorBoard."""

    weight_freq: NonNegativeInteger = Field(default=0, description="epochs between histograms of weights; 0: none")
    profiling: Truth = Field(default=False, description="profile the first epochs")


class Runcard(Keys):
    """Everything that defines a fit.

    Made by :func:`n3fit.runcard.read_runcard`. Lists are tuples and nothing can be changed; the keys are those of
    the file. Contradictions between keys are refused when the object is made.
    """

    description: Text = Field(default="", description="what the fit is, for the reader")
    dataset_inputs: Listing[DatasetInput] = Field(min_length=1, description="the data sets")
    datacuts: DataCuts = Field(default_factory=DataCuts, description="t0 set and kinematic cuts")
    theory: TheoryChoice = Field(description="the theory")
    trvlseed: Seed = Field(description="seed of the split into training and validation")
    nnseed: Seed = Field(description="seed of the first weights and of the preprocessing exponents")
    mcseed: Seed | None = Field(default=None, description="seed of the pseudodata; needed for `genrep: true`")
    genrep: Truth = Field(default=True, description="fit pseudodata (true) or the central data (false)")
    same_trvl_per_replica: Truth = Field(default=False, description="the same split for all replicas")
    use_t0_sampling: Truth = Field(default=True, description="draw pseudodata from the t0 covariance")
    separate_multiplicative: Truth = Field(
        default=False, description="multiplicative systematics as factors of the pseudodata"
    )
    diagonal_basis: Truth = Field(
        default=True, description="split eigenvectors of the t0 correlation matrix (true) or points (false)"
    )
    diagonal_frac: Fraction = Field(default=0.75, description="fraction of the eigenvectors used for training")
    fitting: Fitting = Field(description="what is fitted")
    parameters: Parameters = Field(description="the network and its training")
    positivity: Positivity = Field(default_factory=Positivity, description="the positivity sets")
    integrability: Integrability = Field(default_factory=Integrability, description="the integrability sets")
    added_filter_rules: Listing[FilterRule] = Field(default=(), description="more cuts")
    closuretest: ClosureTest | None = Field(default=None, description="replace the data by those of a known PDF")
    load: LoadedWeights | None = Field(default=None, description="file of weights to start from")
    save: SavedWeights | None = Field(default=None, description="name for the file of weights of each replica")
    tensorboard: TensorBoard | None = Field(default=None, description="write TensorBoard logs")
    theory_compression: Annotated[str, one_of(*COMPRESSIONS)] = Field(
        default="certified", description="certified: shorter forms of hadronic tables, errors below 1e-5; or exact"
    )
    parallel_models: Truth = Field(default=True, description="train all replicas at once")
    maxcores: PositiveInteger | None = Field(default=None, description="most cores to use; default: all allowed")
    double_precision: Truth = Field(default=False, description="train in float64 instead of float32")
    debug: Truth = Field(default=False, description="each replica by itself, bit by bit the same whatever the others")

    _source_text: str = PrivateAttr(default="")

    @property
    def source_text(self) -> str:
        """The file as it was read, empty for a card that does not come from a file."""
        return self._source_text

    @property
    def closure_level(self) -> int | None:
        """Level of the closure test; None for a fit to measured data."""
        return None if self.closuretest is None else self.closuretest.resolve_level(self.genrep)

    @model_validator(mode="after")
    def _refuse_contradictions(self) -> Runcard:
        found = tuple(find_contradictions(self))
        if found:
            text = "; ".join(contradiction.describe() for contradiction in found)
            raise PydanticCustomError(CONTRADICTIONS, "{text}", {"text": text, "contradictions": found})
        return self


def sub_models(annotation: object) -> Iterator[type[Keys]]:
    """Give the mappings inside a type: ``Listing[DatasetInput] -> DatasetInput``, ``TensorBoard | None``, ..."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if issubclass(annotation, Keys):
            yield annotation
    else:
        for argument in get_args(annotation):
            yield from sub_models(argument)


def _describe_keys(model: type[Keys], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        yield path, field.description or ""
        for sub_model in sub_models(field.annotation):
            yield from _describe_keys(sub_model, f"{path}.")


REFERENCE: Mapping[str, str] = MappingProxyType(dict(_describe_keys(Runcard)))
"""Every supported key, as a path such as ``parameters.optimizer.learning_rate``, and what it means."""
