"""The theory that a fit is evolved with: the one that it was made with, or another one from the same initial scale."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from n3fit.errors import N3fitError, TheoryError
from n3fit.results.ensembles import read_theory_card
from n3fit.results.folder import FitFolder
from n3fit.theory import theories
from n3fit.theory.capabilities import check_evolution, check_evolution_keys
from n3fit.theory.cards import CARD_SUFFIXES, load_card, parse_setting
from n3fit.theory.theory_card import FIXED_FLAVOUR_SCHEMES, TheoryCard, order_name

logger = logging.getLogger(__name__)

INITIAL_KEYS = ("Q0", "nf0")
"""Keys of the scale at which the PDFs of a fit are known."""

_SAME_SCALE = 1e-6  # GeV
_FLAVOURS = "MaxNfPdf"
_ALWAYS = (
    "PTO", "alphas", "Qref", "nfref", _FLAVOURS, "ModEv", "XIF", "ModSV", "mc", "mb", "mt", "kcThr", "kbThr", "ktThr",
)  # fmt: skip
_ITERATED = "ev_op_iterations"
_SETTABLE = (*_ALWAYS, _ITERATED, "IterEv", "FNS", "NfFF", "QED", "HQ", "SxRes", *INITIAL_KEYS)


@dataclass(frozen=True)
class EvolutionTheory:
    """The theory of an evolution.

    Parameters
    ----------
    card : TheoryCard
        With the initial scale of the fit.
    identifier : str
        The number or name of the theory.
    changes : mapping
        Settings of the evolution that differ from those of the fit.
    settings : sequence of str
        Those of the changes that the user named one by one.
    """

    card: TheoryCard
    identifier: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    settings: Sequence[str] = ()

    def set_name(self, fit: str) -> str:
        """Return the default name of the set of a fit: its own, followed by what differs, as the field names sets.

        >>> EvolutionTheory(TheoryCard(), "400", {"alphas": 0.119, "MaxNfPdf": 4}).set_name("fit")
        'fit_as_01190_nf_4'
        """
        others = [key for key in self.changes if key not in ("PTO", "alphas", _FLAVOURS)]
        parts = [fit]
        if "PTO" in self.changes:
            parts.append(order_name(self.changes["PTO"]).lower())
        if "alphas" in self.changes:
            parts.append(f"as_{_digits(self.changes['alphas'])}")
        if _FLAVOURS in self.changes:
            parts.append(f"nf_{self.changes[_FLAVOURS]}")
        if any(key not in self.settings for key in others):
            parts.append(f"theory_{self.identifier}")
        parts += [f"{key}_{_plain(self.changes[key])}" for key in others if key in self.settings]
        return "_".join(parts)

    def describe(self) -> str:
        """Return the theory and its differences for the description of a set."""
        changed = ", ".join(f"{key}: {_plain(value)}" for key, value in self.changes.items())
        return f"evolved with theory {self.identifier} ({changed})"


def own_theory(fit: FitFolder, *, path: Path | None = None) -> EvolutionTheory:
    """Return the theory that a fit was made with, by the card that the fit recorded.

    A warning names the settings that the theory of this name has meanwhile.

    Parameters
    ----------
    fit : FitFolder
    path : Path, optional
        A folder with theories.

    Raises
    ------
    DataError, TheoryError
        The fit has no such card, or its evolution is not implemented.
    """
    card = read_theory_card(fit)
    identifier = str(fit.description.theory.get("id"))
    present = _present_card(identifier, path)
    changed = {} if present is None else _differences(replace(present, Q0=card.Q0, nf0=card.nf0), card)
    if changed:
        now = ", ".join(f"{key}: {_plain(value)}" for key, value in changed.items())
        recorded = ", ".join(f"{key}: {_plain(_value(card, key))}" for key in changed)
        logger.warning(
            "%s: evolved with the settings of the fit (%s); theory %s has %s now, and --theory %s evolves with them",
            fit.name, recorded, identifier, now, identifier,
        )  # fmt: skip
    return EvolutionTheory(card, identifier)


def other_theory(
    fit: FitFolder, source: str | int | Path | None, *, settings: Sequence[str] = (), path: Path | None = None
) -> EvolutionTheory:
    """Return another theory for the evolution of a fit; its initial scale and the flavours there are those of the fit.

    Parameters
    ----------
    fit : FitFolder
    source : str, int, Path or None
        See :func:`n3fit.theory.cards.load_card`; by default the theory of the fit.
    settings : sequence of str
        Replacements such as ``AlphaS=0.119``.
    path : Path, optional
        A folder with theories.

    Raises
    ------
    TheoryError
        There is no such card, its evolution is not implemented, a setting has no effect on the evolution, or the PDFs
        of the fit are not those of the theory at the initial scale.
    """
    recorded = fit.description.theory.get("card") or {}
    identifier = str(fit.description.theory.get("id")) if source is None else _identifier(source)
    place = f"theory {identifier}"
    q0 = fit.description.q0
    own = TheoryCard.from_mapping(recorded, source=f"{fit.path}: theory of the fit") if recorded else None
    base = dict(recorded) if source is None else load_card(source, path=path)
    chosen = dict(parse_setting(text) for text in settings)
    card = _read_card(base, chosen, q0=q0, source=place)
    flavours = own.nf0 if own else _active_at(card, q0)
    _check_effects(chosen, card, base)
    _check_initial_keys(chosen, q0=q0, flavours=flavours)
    if abs(card.Q0 - q0) > _SAME_SCALE:
        logger.warning(
            "%s: Q0: %g GeV has no effect: the evolution starts at the initial scale of the fit, %g GeV",
            place, card.Q0, q0,
        )  # fmt: skip
    card = replace(card, Q0=q0, nf0=flavours)
    _check_flavours(card, own, source=place)
    check_evolution(card, source=place)
    changes = _differences(card, own) if own else {key: _value(card, key) for key in ("PTO", "alphas", _FLAVOURS)}
    if not changes:
        logger.warning("%s: the evolution is that of the theory of the fit", place)
    return EvolutionTheory(card, identifier, changes, tuple(chosen))


def _read_card(base: Mapping[str, Any], chosen: Mapping[str, Any], *, q0: float, source: str) -> TheoryCard:
    """Return a card with chosen settings; flavours at the reference scale follow from it where thresholds move."""
    moved = {"Qref", "mb", "mt", "kbThr", "ktThr"} & set(chosen)
    entries = {key: value for key, value in base.items() if not (moved and key == "nfref")} | dict(chosen)
    check_evolution_keys({"Q0": q0} | entries, source=source)
    return TheoryCard.from_mapping({"Q0": q0} | entries, source=source)


def _active_at(card: TheoryCard, q0: float) -> int:
    return card.NfFF if card.has_fixed_flavours else card.active_flavours(q0)


def _present_card(identifier: str, path: Path | None) -> TheoryCard | None:
    """Return the card of a theory as it is installed, None where it is not or cannot be read."""
    try:
        return TheoryCard.from_mapping(theories.read_theory_card(identifier, path=path))
    except N3fitError:
        return None


def _identifier(source: str | int | Path) -> str:
    text = str(source)
    return Path(text).stem if text.endswith(CARD_SUFFIXES) else text


def _check_effects(chosen: Mapping[str, Any], card: TheoryCard, base: Mapping[str, Any]) -> None:
    """Check that each setting that the user named has an effect on the evolution."""
    idle = {key for key in chosen if key not in _SETTABLE}
    idle |= {_FLAVOURS} if card.has_fixed_flavours else {"NfFF"}
    if card.ModEv == "TRN":
        idle |= {_ITERATED, "IterEv"}
    if card.has_fixed_flavours == (base.get("FNS") in FIXED_FLAVOUR_SCHEMES):
        idle.add("FNS")
    without = [key for key in chosen if key in idle]
    if without:
        raise TheoryError(
            f"--set {without[0]}: expected a key that changes the evolution in the scheme {card.FNS} with "
            f"ModEv: {card.ModEv}, received {without[0]!r}",
            hint=f"such keys are {', '.join(key for key in _SETTABLE if key not in idle | set(INITIAL_KEYS))}",
        )


def _check_initial_keys(chosen: Mapping[str, Any], *, q0: float, flavours: int) -> None:
    """Check that no setting moves the initial scale."""
    for key, known in zip(INITIAL_KEYS, (q0, flavours), strict=True):
        if key in chosen and chosen[key] != known:
            raise TheoryError(
                f"--set {key}: expected {known:g}, the value of the fit, received {chosen[key]!r}",
                hint="the PDFs of a fit are known at its initial scale alone: fit again with another theory",
            )


def _check_flavours(card: TheoryCard, own: TheoryCard | None, *, source: str) -> None:
    """Check that the flavours of the fit at its initial scale are those of the theory there."""
    if card.most_flavours < card.nf0:
        raise TheoryError(
            f"{source}: expected at least the {card.nf0} flavours that the fit has at {card.Q0:g} GeV, "
            f"received {'NfFF' if card.has_fixed_flavours else _FLAVOURS}: {card.most_flavours}",
            hint="charm that was fitted cannot be taken out: fit with perturbative charm for a set of three flavours",
        )
    if card.has_fixed_flavours or (own is not None and own.active_flavours(card.Q0) != own.nf0):
        return
    active = card.active_flavours(card.Q0)
    if active != card.nf0:
        charm, bottom, _ = (threshold**0.5 for threshold in card.squared_thresholds())
        raise TheoryError(
            f"{source}: expected {card.nf0} active flavours at {card.Q0:g} GeV as in the fit, "
            f"received {active}: the thresholds of charm and bottom are {charm:g} and {bottom:g} GeV",
            hint="choose masses on the same side of the initial scale, or fit with this theory",
        )


def _differences(card: TheoryCard, own: TheoryCard) -> dict[str, Any]:
    """Return the settings of the evolution of ``card`` that ``own`` has otherwise."""
    keys = [*_ALWAYS] if card.ModEv == own.ModEv == "TRN" else [*_ALWAYS, _ITERATED]
    return {key: _value(card, key) for key in keys if _value(card, key) != _value(own, key)}


def _value(card: TheoryCard, key: str) -> Any:
    """Return a setting; the largest number of flavours is that of the scheme."""
    return card.most_flavours if key == _FLAVOURS else getattr(card, key, None)


def _digits(alpha_s: float) -> str:
    """Return a coupling as in the names of sets, 01190 for 0.119."""
    rounded = f"{alpha_s:.4f}"
    return (rounded if float(rounded) == alpha_s else repr(alpha_s)).replace(".", "")


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
