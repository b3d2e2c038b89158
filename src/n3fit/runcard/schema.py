"""The runcard as an object: the keys of the file, with types, ranges and defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, PrivateAttr

from n3fit.defaults import MAX_TRIES
from n3fit.runcard.closure import ClosureTest
from n3fit.runcard.cut_keys import CutRule, CutsOfEntry, DataCuts, FilterDefaults, NamesOrFalse
from n3fit.runcard.data_keys import DatasetInput, Integrability, Positivity, PositivityBound, TheoryChoice
from n3fit.runcard.fitting import Fitting
from n3fit.runcard.hyperscan import HyperscanConfig
from n3fit.runcard.kfold import KFold
from n3fit.runcard.parameters import ModelParameters, Parameters, SharedParameters
from n3fit.runcard.theory_covariance import TheoryCovarianceConfig
from n3fit.runcard.trial_specs import TrialSpecs
from n3fit.runcard.values import (
    Fraction,
    Kind,
    ListAsTuple,
    LoadedWeights,
    Name,
    NonNegativeInteger,
    NonNegativeNumber,
    OffByFalse,
    PositiveInteger,
    PositiveNumber,
    RuncardSection,
    SavedWeights,
    Seed,
    StrictBool,
    Text,
    list_names,
    one_of,
    shown_default,
)
from n3fit.runcard.vocabulary import COMPRESSIONS, DATA_GROUPINGS
from n3fit.runcard.yaml_reader import parse_yaml
from n3fit.storage.key_path import KeyPath, format_key, move_key


class TensorBoard(RuncardSection):
    """Logs for TensorBoard."""

    weight_freq: NonNegativeInteger = Field(default=0, description="epochs between histograms of weights; 0: none")
    profiling: StrictBool = Field(default=False, description="profile the first epochs")


class Runcard(RuncardSection):
    """Everything that defines a fit.

    Read from a file by :func:`n3fit.runcard.read_runcard` and built in Python by
    :func:`n3fit.runcard.build_runcard`: both check the consistency between keys, which the constructor does not.
    Lists are tuples, and nothing can be changed.
    """

    description: Text = Field(default="", description="what the fit is, for readers")
    dataset_inputs: ListAsTuple[DatasetInput] = Field(min_length=1, description="the data sets")
    datacuts: DataCuts = Field(default_factory=DataCuts, description="t0 set and kinematic cuts")
    theory: TheoryChoice = Field(description="the theory")
    theorycovmatconfig: TheoryCovarianceConfig | None = Field(default=None, description="the covariance of the theory")
    trvlseed: Seed = Field(description="seed of the split into training and validation")
    nnseed: Seed = Field(description="seed of the first weights and of the preprocessing exponents")
    mcseed: Seed | None = Field(default=None, description="seed of the pseudodata; needed for `genrep: true`")
    genrep: StrictBool = Field(default=True, description="fit pseudodata (true) or the central data (false)")
    same_trvl_per_replica: StrictBool = Field(default=False, description="the same split for all replicas")
    use_t0_sampling: StrictBool = Field(default=True, description="draw pseudodata from the t0 covariance")
    separate_multiplicative: StrictBool = Field(
        default=False, description="multiplicative systematics as factors of the pseudodata"
    )
    resample_negative_pseudodata: StrictBool = Field(
        default=False, description="draw pseudodata again while a cross-section is negative"
    )
    max_tries: PositiveInteger = Field(
        default=MAX_TRIES, description="draws of one replica before `resample_negative_pseudodata` gives up"
    )
    use_weights_in_covmat: StrictBool = Field(default=True, description="apply the weights of data sets")
    norm_threshold: PositiveNumber | None = Field(
        default=None,
        description="t: raise eigenvalues of the correlation matrix to at least 1/t^2, in the fit and for pseudodata",
    )
    metadata_group: Name | None = Field(
        default=None,
        description="divide the data into groups without correlations between them: by experiment, nnpdf31_process, "
        "custom_group or another key of the metadata, or ALL; for `diagonal_basis: false`",
        json_schema_extra=shown_default("ALL"),
    )
    data_grouping: Annotated[str, one_of(*DATA_GROUPINGS), Kind(list_names(DATA_GROUPINGS))] | None = Field(
        default=None, description="old form of metadata_group: experiment (standard_report) or ALL (the others)"
    )
    diagonal_basis: StrictBool = Field(
        default=True, description="split eigenvectors of the t0 correlation matrix (true) or points (false)"
    )
    diagonal_frac: Fraction = Field(default=0.75, description="fraction of the eigenvectors used for training")
    threshold: NonNegativeNumber = Field(
        default=0.0,
        description="eigenvectors with a smaller eigenvalue are in neither loss; for `diagonal_basis: true`",
    )
    fitting: Fitting = Field(description="what is fitted")
    parameters: Parameters = Field(description="the network and its training")
    trial_specs: TrialSpecs | None = Field(
        default=None, description="the network and its training of each replica from the trials of a scan"
    )
    positivity: Positivity = Field(default_factory=Positivity, description="the positivity sets")
    integrability: Integrability = Field(default_factory=Integrability, description="the integrability sets")
    positivity_bound: PositivityBound | None = Field(
        default=None, description="the unpolarised PDF; needed for fits in a POLARIZED basis, and only there"
    )
    added_filter_rules: ListAsTuple[CutRule] = Field(default=(), description="rules beside the default cuts")
    drop_internal_rules: NamesOrFalse = Field(default=(), description="data sets whose default cuts do not apply")
    filter_rules: ListAsTuple[CutRule] | None = Field(
        default=None, description="rules in place of all default cuts", json_schema_extra=shown_default("default cuts")
    )
    filter_defaults: FilterDefaults | None = Field(
        default=None, description="limits in place of all those of datacuts: a missing one is not defined in rules"
    )
    fit: Text | None = Field(
        default=None, description="folder or name of the fit whose points are kept, for `use_cuts: fromfit`"
    )
    cuts_intersection_spec: ListAsTuple[CutsOfEntry] = Field(
        default=(), description="selections of points, for `use_cuts: fromintersection` and `fromsimilarpredictions`"
    )
    cut_similarity_threshold: PositiveNumber | None = Field(
        default=None,
        description="points whose two predictions differ by this many standard deviations or more are not kept",
    )
    do_not_require_similarity_for: ListAsTuple[Name] = Field(
        default=(), description="data sets that keep the points of the rules, whatever their predictions"
    )
    closuretest: ClosureTest | None = Field(default=None, description="replace the data by those of a known PDF")
    hyperscan_config: HyperscanConfig | None = Field(
        default=None, description="what a hyperparameter scan samples; for `n3fit hyperopt` alone"
    )
    kfold: KFold | None = Field(
        default=None, description="the folds of a hyperparameter scan and its loss; for `n3fit hyperopt` alone"
    )
    load: Annotated[LoadedWeights | None, OffByFalse()] = Field(
        default=None, description="file of weights that every replica starts from, written by n3fit or nnpdf"
    )
    load_weights_from_fit: Name | None = Field(
        default=None, description="fit whose replicas give their weights to those with the same numbers"
    )
    save: Annotated[SavedWeights | None, OffByFalse()] = Field(
        default=None, description="name for the file of weights of each replica"
    )
    tensorboard: TensorBoard | None = Field(default=None, description="write TensorBoard logs")
    theory_compression: Annotated[str, one_of(*COMPRESSIONS), Kind(list_names(COMPRESSIONS))] = Field(
        default="certified", description="shorter forms of hadronic tables with errors below 1e-5, or exact tables"
    )
    parallel_models: StrictBool = Field(default=True, description="train all replicas at once")
    maxcores: PositiveInteger | None = Field(
        default=None, description="largest number of cores", json_schema_extra=shown_default("all allowed")
    )
    double_precision: StrictBool = Field(default=False, description="train in float64 instead of float32")
    debug: StrictBool = Field(
        default=False, description="train replicas one by one; results do not depend on the others, to the bit"
    )

    _source_text: str = PrivateAttr(default="")
    _source_name: str = PrivateAttr(default="")
    _places: Mapping[KeyPath, KeyPath] = PrivateAttr(default_factory=dict)

    @property
    def source_text(self) -> str:
        """The text of the file; empty for a runcard built in Python."""
        return self._source_text

    def where(self, key: KeyPath) -> str:
        """Return the start of a message about a key: file, line and key; the key alone for a card built in Python."""
        if not self._source_name:
            return format_key(key)
        return parse_yaml(self._source_text, self._source_name).where(move_key(key, self._places))

    @property
    def grouping(self) -> str:
        """Key of the groups of data without correlations between them; ``ALL`` is one group of all data."""
        if self.diagonal_basis:
            return "ALL"
        if self.metadata_group is not None:
            return self.metadata_group
        return "experiment" if self.data_grouping == DATA_GROUPINGS[0] else "ALL"

    @property
    def closure_level(self) -> int | None:
        """Level of the closure test; None for a fit to measured data."""
        return None if self.closuretest is None else self.closuretest.resolve_level(self.genrep)


class ModelRuncard(Runcard):
    """A runcard whose ``parameters.model`` is not the network."""

    parameters: ModelParameters = Field(description="the PDF model and its training")


class TrialRuncard(Runcard):
    """A runcard with ``trial_specs``: its ``parameters`` have no network until a trial gives it.

    See :func:`n3fit.runcard.trial_runcard.complete_runcard`.
    """

    parameters: SharedParameters = Field(default_factory=SharedParameters)  # type: ignore[assignment]
