"""The PDF models that a runcard may name: those of n3fit, and those of installed packages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from inspect import getsourcefile
from pathlib import Path
from traceback import extract_tb

import numpy as np

from n3fit.errors import did_you_mean
from n3fit.pdf_models.initial_values import check_initial_values
from n3fit.pdf_models.interface import PDFModel
from n3fit.vocabulary import BUILT_IN_MODELS, NETWORK_MODEL

GROUP = "n3fit.pdf_models"
"""Group of the entry points of packages that have PDF models."""

FAILURES = (Exception, SystemExit)
"""What the code of a PDF model may raise: ``sys.exit`` in it is a failure too."""

SWITCHES = ("sum_rules", "preprocessing", "positivity")
"""Attributes of the class of a model, true or false."""

LONGEST_TEXT = 200
"""Characters of a failure that an error contains."""


class PDFModelError(Exception):
    """There is no PDF model of a name, or it cannot be used; ``expected``, ``received`` and ``hint`` are texts."""

    def __init__(self, expected: str, received: str, hint: str) -> None:
        super().__init__(f"expected {expected}, received {received}")
        self.expected, self.received, self.hint = expected, received, hint


@dataclass(frozen=True)
class KnownModel:
    """A PDF model that a runcard may name.

    Parameters
    ----------
    name : str
    kind : subclass of PDFModel
    package, version : str
        The installed package that it comes from; empty for those of n3fit.
    """

    name: str
    kind: type[PDFModel]
    package: str = ""
    version: str = ""

    @property
    def source(self) -> Path | None:
        """The file of the class, None where there is none or it comes with n3fit."""
        file = getsourcefile(self.kind) if self.package else None
        return None if file is None else Path(file)


def known_names() -> tuple[str, ...]:
    """Return the names of all models, the network first."""
    return (
        NETWORK_MODEL,
        *BUILT_IN_MODELS,
        *sorted({entry.name for entry in _entry_points()} - {NETWORK_MODEL, *BUILT_IN_MODELS}),
    )


def find_model(name: str) -> KnownModel:
    """Return the model of a name other than that of the network.

    The names of n3fit's own models are taken; the code of an entry point is imported only if a runcard names it.

    Raises
    ------
    PDFModelError
        There is no such model, more than one package has one of this name, or its package is broken.
    """
    if name in BUILT_IN_MODELS:
        module, _, kind = BUILT_IN_MODELS[name].partition(":")
        return KnownModel(name, getattr(import_module(module), kind))
    found = [entry for entry in _entry_points() if entry.name == name]
    if not found:
        names = known_names()
        near = did_you_mean(name, names)
        hint = f"{near or f'install the package that has it as an entry point of {GROUP}'}; see docs/pdf_models.md"
        raise PDFModelError(f"a PDF model: {', '.join(names)}", repr(name), hint)
    if len(found) > 1:
        packages = ", ".join(_package(entry)[0] for entry in found)
        raise PDFModelError("one PDF model of each name", f"{name!r} in {packages}", "uninstall one of them")
    return _load(found[0])


def check_model(name: str, model: PDFModel, fitbasis: str, flavours: Sequence[str]) -> None:
    """Check that a model can be used for a fitting basis and flavours, and has initial values for them.

    Raises
    ------
    PDFModelError
    """
    problem: object = _call(f"an answer of check of {name}", model, lambda: model.check(fitbasis, flavours))
    if not isinstance(problem, str):
        expected = f"a text from check of {name}, empty where the model can be used"
        raise PDFModelError(expected, f"{problem!r:.60}", "see docs/pdf_models.md")
    if problem:
        raise PDFModelError(f"a fitting basis and flavours for {name}", problem, "choose others, or another model")
    _call(f"initial values of {name}", model, lambda: check_initial_values(model, flavours))
    breaks = _call(f"values of x from breaks of {name}", model, lambda: np.asarray(model.breaks(), dtype=np.float64))
    if not (isinstance(breaks, np.ndarray) and breaks.ndim == 1 and np.isfinite(breaks).all()):
        raise PDFModelError(f"a list of values of x from breaks of {name}", f"{breaks!r:.60}", "see docs/pdf_models.md")


def _call(expected: str, model: PDFModel, function: Callable[[], object]) -> object:
    """Return the result of code of a model, whose failure is an error about what is expected."""
    try:
        return function()
    except FAILURES as error:
        raise PDFModelError(expected, describe_failure(error, type(model)), "see docs/pdf_models.md") from error


def _entry_points() -> Sequence[EntryPoint]:
    """Return the entry points of the group; one that several places of the search path have counts once."""
    unique = {(entry.name, entry.value, _package(entry)[0]): entry for entry in reversed(entry_points(group=GROUP))}
    return tuple(reversed(unique.values()))


def _load(entry: EntryPoint) -> KnownModel:
    package, version = _package(entry)
    where = f"{entry.value} of {package} {version}".strip()
    try:
        kind = entry.load()
    except FAILURES as error:
        raise PDFModelError(
            f"the class of the PDF model {entry.name!r}",
            f"{describe_failure(error)} while importing {where}",
            f"mend or reinstall {package}",
        ) from error
    if not (isinstance(kind, type) and issubclass(kind, PDFModel)):
        raise PDFModelError(
            f"a subclass of n3fit.pdf_models.PDFModel for {entry.name!r}",
            f"{where}, which is none",
            "see docs/pdf_models.md",
        )
    abstract = sorted(getattr(kind, "__abstractmethods__", ()))
    if abstract:
        raise PDFModelError(
            f"a class with the methods {', '.join(abstract)} for {entry.name!r}",
            f"{where} without",
            "see docs/pdf_models.md",
        )
    for switch in SWITCHES:
        value = getattr(kind, switch, None)
        if switch in kind.model_fields or not isinstance(value, bool):  # pydantic makes a field of an annotated one
            raise PDFModelError(
                f"{switch} = True or {switch} = False in the class of {entry.name!r}, without an annotation",
                f"{where} with {'a field' if switch in kind.model_fields else repr(value)}",
                "see docs/pdf_models.md",
            )
    return KnownModel(entry.name, kind, package, version)


def _package(entry: EntryPoint) -> tuple[str, str]:
    """Return name and version of the package of an entry point."""
    return ("an unknown package", "") if entry.dist is None else (entry.dist.name, entry.dist.version)


def describe_failure(error: BaseException, kind: type[PDFModel] | None = None) -> str:
    """Return an error of other people's code in one line, with the place where it was raised.

    With the class ``kind`` of a model the place is the last one in its file, none where the error is not raised there.
    """
    text = " ".join(str(error).split())
    if len(text) > LONGEST_TEXT:
        text = f"{text[:LONGEST_TEXT]}..."
    file = getsourcefile(kind) if kind is not None else None
    frames = extract_tb(error.__traceback__)
    own = [frame for frame in frames if kind is None or frame.filename == file]
    place = f" in {Path(own[-1].filename).name}, line {own[-1].lineno}" if own else ""
    return f"{type(error).__name__}{f': {text}' if text else ''}{place}"
