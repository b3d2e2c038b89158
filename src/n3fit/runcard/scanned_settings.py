"""Settings of PDF models that a hyperparameter scan samples: ``hyperscan_config.model_settings`` of a runcard."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, ValidationError

from n3fit.runcard.hyperscan import KEY, SAMPLINGS
from n3fit.runcard.schema_violations import schema_violations
from n3fit.runcard.values import Kind, Number, PositiveNumber, RuncardSection, list_names, one_of, show_value
from n3fit.runcard.violations import Violation
from n3fit.storage.key_path import KeyPath

if TYPE_CHECKING:
    from n3fit.runcard.schema import Runcard

SCANNED: KeyPath = (KEY, "model_settings")

INNER = 0.382
"""Fraction of the way from the smallest to the largest number at which a range is tested, besides both ends."""

_expected = Violation.expected


class SettingRange(RuncardSection):
    """A setting that is a number and sampled between two limits."""

    min: Number = Field(description="smallest value")
    max: Number = Field(description="largest value")
    sampling: Annotated[Literal["uniform", "log"], one_of(*SAMPLINGS), Kind(list_names(SAMPLINGS))] = Field(
        default="uniform", description="uniform in the number, or in its logarithm"
    )
    step: PositiveNumber | None = Field(default=None, description="values are multiples of it")

    def value(self, drawn: float) -> int | float:
        """Return the value of a drawn number: the nearest multiple of the step, an integer if the step is one.

        >>> SettingRange(min=10, max=30, step=5).value(17.3), SettingRange(min=0, max=1, step=0.1).value(0.32)
        (15, 0.3)
        """
        if self.step is None:
            return drawn
        multiple = float(f"{round(drawn / self.step) * self.step:.12g}")
        return int(multiple) if self.step.is_integer() else multiple

    def tested(self) -> tuple[int | float, ...]:
        """Return both ends and a value between them."""
        low, high = (math.log(self.min), math.log(self.max)) if self.sampling == "log" else (self.min, self.max)
        inner = low + INNER * (high - low)
        return tuple(map(self.value, (self.min, math.exp(inner) if self.sampling == "log" else inner, self.max)))


def scanned_settings(settings: Mapping[str, Any]) -> dict[str, tuple[Any, ...] | SettingRange]:
    """Return by name the values that a setting may have, or their range, from valid ``model_settings`` of a scan."""
    return {
        name: tuple(given) if isinstance(given, list | tuple) else SettingRange.model_validate(given)
        for name, given in settings.items()
    }


def find_setting_problems(settings: Mapping[str, Any], card: Runcard) -> Iterator[Violation]:
    """Yield every violation of the rules of sampled settings, whose values must be settings of the model."""
    for name, given in settings.items():
        problems = list(_check_values(name, given))
        yield from problems or _check_with_model(name, given, card)


def _check_values(name: str, given: Any) -> Iterator[Violation]:
    key: KeyPath = (*SCANNED, name)
    if isinstance(given, list | tuple):
        if not given:
            yield _expected(key, "a list with at least 1 entry", "[]")
        for index, value in enumerate(given):
            if value in given[:index]:
                yield _expected(
                    (*key, index), "different values", show_value(list(given)), "remove one of two equal ones"
                )
        return
    if not isinstance(given, Mapping):
        hint = "write a list for one value too"
        yield _expected(key, "a list of values, or a mapping with min, max, sampling and step", show_value(given), hint)
        return
    try:
        numbers = SettingRange.model_validate(given)
    except ValidationError as error:
        for found in schema_violations(error, given, SettingRange):
            yield Violation((*key, *found.key), found.message, found.missing)
        return
    if numbers.min >= numbers.max:
        yield _expected((*key, "max"), f"more than min = {numbers.min:g}", f"{numbers.max:g}")
    if numbers.sampling == "log" and numbers.min <= 0:
        yield _expected((*key, "min"), "more than 0 for the sampling log", f"{numbers.min:g}")
    for end in ("min", "max"):
        limit = getattr(numbers, end)
        if not math.isclose(numbers.value(limit), limit, rel_tol=1e-9, abs_tol=1e-12):
            yield _expected((*key, end), f"a multiple of step = {numbers.step:g}", f"{limit:g}")


def _check_with_model(name: str, given: Any, card: Runcard) -> Iterator[Violation]:
    """Yield what the model says about the first value that it does not accept, beside its other settings."""
    from n3fit.pdf_models.registry import FAILURES, PDFModelError, describe_failure, find_model

    try:
        kind = find_model(card.parameters.model).kind
    except PDFModelError:  # a violation of parameters.model
        return
    [(_, values)] = scanned_settings({name: given}).items()
    for index, value in enumerate(values.tested() if isinstance(values, SettingRange) else values):
        settings = {**(card.parameters.model_settings or {}), name: value}
        key: KeyPath = (*SCANNED, name) if isinstance(values, SettingRange) else (*SCANNED, name, index)
        try:
            kind.model_validate(settings)
        except ValidationError as error:
            own = [found for found in schema_violations(error, settings, kind) if found.key[:1] == (name,)]
            for found in own:
                unknown = name not in kind.model_fields
                yield Violation((*SCANNED, name) if unknown else (*key, *found.key[1:]), found.message, found.missing)
            if own:
                return
        except FAILURES as error:
            yield _expected(key, f"a setting of {card.parameters.model}", describe_failure(error, kind))
            return
