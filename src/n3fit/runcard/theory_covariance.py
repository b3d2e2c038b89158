"""Runcard keys under ``theorycovmatconfig``: the covariance of the theory (arXiv:1906.10698, arXiv:2401.10319)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from n3fit.errors import did_you_mean
from n3fit.runcard.data_keys import TheoryIdentifier
from n3fit.runcard.values import (
    Kind,
    ListAsTuple,
    Name,
    Number,
    PositiveNumber,
    RuncardSection,
    SetName,
    StrictBool,
    Text,
    list_names,
    one_of,
    violation,
)
from n3fit.runcard.violations import Violation
from n3fit.storage.key_path import KeyPath
from n3fit.vocabulary import (
    POINT_PRESCRIPTIONS,
    POWER_CORRECTION_FUNCTIONS,
    POWER_CORRECTIONS,
    PROCESS_CATEGORIES,
    THEORY_VARIATION,
)

KEY = "theorycovmatconfig"

_expected = Violation.expected


def _increasing(nodes: tuple[float, ...]) -> tuple[float, ...]:
    if len(nodes) < 2 or any(right <= left for left, right in pairwise(nodes)):
        raise violation("at least two increasing numbers")
    return nodes


def _mapping(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise violation("a mapping")
    return value


class PowerCorrectionFunction(RuncardSection):
    """A function of a coordinate, linear between nodes and zero outside of them."""

    nodes: Annotated[ListAsTuple[Number], AfterValidator(_increasing)] = Field(description="values of the coordinate")
    yshift: ListAsTuple[Number] = Field(description="value of the function at each node that makes one shift")


class TheoryCovarianceConfig(RuncardSection):
    """The covariance of the theory: the sum over point prescriptions and a matrix of the user."""

    point_prescriptions: ListAsTuple[Annotated[Text, one_of(*POINT_PRESCRIPTIONS), Kind("prescription")]] = Field(
        default=(), description=f"the sum of all is used: {', '.join(POINT_PRESCRIPTIONS)}"
    )
    pdf: SetName | None = Field(
        default=None, description="PDF set whose member 0 makes the varied predictions; needed for point_prescriptions"
    )
    unpolarized_bc: SetName | None = Field(
        default=None, description="polarised fits: unpolarised PDF set beside pdf, for asymmetries"
    )
    use_thcovmat_in_fitting: StrictBool = Field(default=True, description="part of the covariance of chi2")
    use_thcovmat_in_sampling: StrictBool = Field(default=True, description="part of the covariance of the pseudodata")
    user_covmat_path: Text | None = Field(
        default=None,
        description="CSV file of a covariance, in the working directory or the cache of validphys",
    )
    mult_factor: PositiveNumber = Field(default=1.0, description="factor on the matrix of user_covmat_path")
    theories: Annotated[
        Mapping[str, TheoryIdentifier], BeforeValidator(_mapping), Kind("mapping of variations to theories")
    ] = Field(
        default_factory=dict,
        description="theories of single variations, such as {'2 1': 714} for the factors of the factorisation and the "
        "renormalisation scale; they precede the table of NNPDF theories",
    )
    pc_parameters: Annotated[
        Mapping[str, PowerCorrectionFunction], BeforeValidator(_mapping), Kind("mapping of functions")
    ] = Field(
        default_factory=dict, description=f"functions of power corrections: {', '.join(POWER_CORRECTION_FUNCTIONS)}"
    )
    pc_included_procs: ListAsTuple[Annotated[Text, one_of(*PROCESS_CATEGORIES), Kind("process name")]] = Field(
        default=(), description=f"process categories with power corrections: {', '.join(PROCESS_CATEGORIES)}"
    )
    pc_excluded_datasets: ListAsTuple[Name] = Field(default=(), description="data sets without power corrections")

    @property
    def used(self) -> bool:
        """Whether it is part of the covariance of chi2 or of the pseudodata."""
        return self.use_thcovmat_in_fitting or self.use_thcovmat_in_sampling

    def without_effect(self) -> list[str]:
        """Return the keys of the card that have no effect."""
        useless = []
        if self.user_covmat_path is None:
            useless.append("mult_factor")
        if POWER_CORRECTIONS not in self.point_prescriptions:
            useless += ["pc_parameters", "pc_included_procs", "pc_excluded_datasets"]
        if not self.point_prescriptions:
            useless += ["pdf", "unpolarized_bc", "theories"]
        return [name for name in useless if name in self.model_fields_set and getattr(self, name) not in ((), {}, None)]


def find_covariance_inconsistencies(config: TheoryCovarianceConfig) -> Iterator[Violation]:
    """Yield every violation of the rules between keys of ``theorycovmatconfig``."""
    names = config.point_prescriptions
    if not names and config.user_covmat_path is None:
        expected = "point_prescriptions or user_covmat_path"
        yield _expected((KEY,), expected, "neither", "remove the key to fit without a theory covariance")
    for index, name in enumerate(names):
        if name in names[:index]:
            yield _expected((KEY, "point_prescriptions", index), "every prescription once", f"{name} again")
    if names and config.pdf is None:
        yield _expected((KEY, "pdf"), "the PDF set of the varied predictions", "nothing", "such as the t0 set")
    for variation in config.theories:
        if not re.fullmatch(THEORY_VARIATION, variation):
            key: KeyPath = (KEY, "theories", variation)
            yield _expected(key, "the name of a variation, such as '2 0.5' or 'alphas 0.117'", variation)
    if POWER_CORRECTIONS in names:
        yield from _check_power_corrections(config)


def _check_power_corrections(config: TheoryCovarianceConfig) -> Iterator[Violation]:
    for name in ("pc_parameters", "pc_included_procs"):
        if not getattr(config, name):
            yield _expected((KEY, name), f"this key, which {POWER_CORRECTIONS} need", "nothing")
    for name, function in config.pc_parameters.items():
        key: KeyPath = (KEY, "pc_parameters", name)
        if name not in POWER_CORRECTION_FUNCTIONS:
            hint = did_you_mean(name, POWER_CORRECTION_FUNCTIONS)
            yield _expected(key, list_names(POWER_CORRECTION_FUNCTIONS), name, hint)
        if len(function.nodes) != len(function.yshift):
            expected = f"{len(function.nodes)} numbers, one for each of nodes"
            yield _expected((*key, "yshift"), expected, f"{len(function.yshift)}")
