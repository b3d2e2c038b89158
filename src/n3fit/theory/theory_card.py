"""The theory card: the parameters that fix evolution and coefficient functions, checked once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from n3fit.errors import TheoryError

EVOLUTION_METHODS = ("TRN", "EXA", "EXP")
"""Accepted ``ModEv``: truncated, iterated exact, iterated expanded."""

FIXED_FLAVOUR_SCHEMES = ("FFNS", "FFN0")
"""Schemes with ``NfFF`` flavours at every scale."""

SCHEMES = ("ZM-VFNS", *(f"FONLL-{letter}" for letter in "ABCDE"), "FONLL-FFNS", "FONLL-FFN0", *FIXED_FLAVOUR_SCHEMES)
"""Known ``FNS``."""

SCALE_VARIATIONS = ("None", "expanded", "exponentiated")
"""Known ``ModSV``: the factorisation scale is varied in the coefficient functions (None) or in the evolution."""

MASS_SCHEMES = ("POLE", "MSBAR")
"""Known ``HQ``."""


_POSITIVE = (
    "alphas", "Qref", "Q0", "MP", "MW", "MZ", "GF", "kcThr", "kbThr", "ktThr", "alphaqed", "XIF", "XIR",
)  # fmt: skip


@dataclass(frozen=True)
class TheoryCard:
    """Parameters of a theory, named like the keys of the card files of the field.

    Masses and scales are in GeV, ``GF`` in GeV^-2, ``CKM`` lists the nine moduli by rows. The card describes a theory
    as it is: what the evolution or the building of tables can do with it is known to ``n3fit.theory.capabilities``.
    """

    PTO: int = 2
    ModEv: str = "EXA"
    alphas: float = 0.118
    Qref: float = 91.2
    nfref: int = 5
    Q0: float = 1.65
    nf0: int = 4
    mc: float = 1.51
    mb: float = 4.92
    mt: float = 172.5
    kcThr: float = 1.0  # noqa: N815 (the names of card files)
    kbThr: float = 1.0  # noqa: N815
    ktThr: float = 1.0  # noqa: N815
    FNS: str = "FONLL-C"
    TMC: int = 1
    MP: float = 0.938
    MW: float = 80.398
    MZ: float = 91.1876
    GF: float = 1.1663787e-05
    SIN2TW: float = 0.23126
    alphaqed: float = 0.007496252
    CKM: str = "0.97428 0.22530 0.003470 0.22520 0.97345 0.041000 0.00862 0.04030 0.999152"
    ev_op_iterations: int = 30
    backward_inversion: str = "expanded"
    ID: str = "dis_nnlo"
    Comments: str = "NNLO DIS theory of n3fit: FONLL, alpha_s(MZ) = 0.118, fitted charm"
    QED: int = 0
    XIF: float = 1.0
    XIR: float = 1.0
    ModSV: str = "None"
    HQ: str = "POLE"
    MaxNfPdf: int = 5
    NfFF: int = 4
    DAMP: int = 0
    DAMPPOWERc: int = 2
    DAMPPOWERb: int = 2
    IC: int = 1
    SxRes: int = 0

    def __post_init__(self) -> None:
        """Check that the values exist."""
        _require(self.PTO in range(4), "PTO", "0 (LO), 1 (NLO), 2 (NNLO) or 3 (N3LO)", self.PTO)
        _require(self.ModEv in EVOLUTION_METHODS, "ModEv", ", ".join(EVOLUTION_METHODS), self.ModEv)
        _require(self.FNS in SCHEMES, "FNS", ", ".join(SCHEMES), self.FNS)
        _require(self.HQ in MASS_SCHEMES, "HQ", " or ".join(MASS_SCHEMES), self.HQ)
        _require(self.ModSV in SCALE_VARIATIONS, "ModSV", ", ".join(SCALE_VARIATIONS), self.ModSV)
        _require(self.TMC in range(4), "TMC", "0 (none) or 1 to 3 (target-mass corrections)", self.TMC)
        for name in ("QED", "DAMP", "SxRes"):
            _require(getattr(self, name) >= 0, name, "0 or more", getattr(self, name))
        _require(self.IC in (0, 1), "IC", "1 (fitted charm) or 0 (charm from evolution)", self.IC)
        for name in ("DAMPPOWERc", "DAMPPOWERb"):
            _require(getattr(self, name) > 0, name, "1 or more", getattr(self, name))
        _require(3 <= self.MaxNfPdf <= 6, "MaxNfPdf", "3 to 6", self.MaxNfPdf)
        _require(3 <= self.NfFF <= 6, "NfFF", "3 to 6", self.NfFF)
        _require(self.backward_inversion in ("expanded", "exact"), "backward_inversion", "expanded or exact",
                 self.backward_inversion)  # fmt: skip
        _require(3 <= self.nf0 <= 6, "nf0", "3 to 6", self.nf0)
        _require(3 <= self.nfref <= 6, "nfref", "3 to 6", self.nfref)
        _require(0 < self.mc < self.mb < self.mt, "mc, mb, mt", "0 < mc < mb < mt", (self.mc, self.mb, self.mt))
        _require(self.ev_op_iterations >= 1, "ev_op_iterations", "at least 1", self.ev_op_iterations)
        for name in _POSITIVE:
            _require(getattr(self, name) > 0, name, "a positive number", getattr(self, name))
        _require(len(self.CKM.split()) == 9, "CKM", "nine moduli", self.CKM)

    @classmethod
    def from_mapping(cls, card: Mapping[str, Any], *, source: str = "theory card") -> TheoryCard:
        """Return the card with the values of a mapping; keys that are not of this class are ignored.

        Numbers of flavours that a card leaves out are those of the scales: ``nf0`` active ones at ``Q0`` (all ``NfFF``
        in a fixed-flavour scheme), ``nfref`` at ``Qref``. ``IC`` is 1 with four flavours or more at ``Q0``. ``IterEv``
        is another name of ``ev_op_iterations``.

        Raises
        ------
        TheoryError
            A value of the wrong type, or one that is not supported.
        """
        values: dict[str, Any] = {}
        given = {"ev_op_iterations": card.get("IterEv"), **{key: card[key] for key in card if card[key] is not None}}
        for name, kind in _KEY_TYPES.items():
            value = given.get(name)
            if value is None:
                continue
            try:
                values[name] = _convert(value, kind)
            except (TypeError, ValueError, OverflowError) as error:
                raise TheoryError(f"{source}: {name}: expected {kind.__name__}, received {value!r}") from error
        try:
            draft = cls(**values)
            fixed = draft.NfFF if draft.has_fixed_flavours else None
            values.setdefault("nf0", fixed or draft.active_flavours(draft.Q0))
            values.setdefault("IC", int(values["nf0"] > 3))
            values.setdefault("nfref", draft.active_flavours(draft.Qref))
            return cls(**values)
        except TheoryError as error:
            raise TheoryError(f"{source}: {error.message}", hint=error.hint) from error

    @property
    def has_fixed_flavours(self) -> bool:
        """Whether the number of flavours is the same, ``NfFF``, at every scale."""
        return self.FNS in FIXED_FLAVOUR_SCHEMES

    @property
    def most_flavours(self) -> int:
        """Largest number of flavours of the PDFs."""
        return self.NfFF if self.has_fixed_flavours else self.MaxNfPdf

    @property
    def initial_flavours(self) -> int:
        """Number of quarks whose distributions at ``Q0`` are independent: charm only if it is fitted.

        Fitted charm below its matching scale does not evolve.
        """
        return max(self.nf0, 4) if self.IC else 3

    @property
    def generates_charm(self) -> bool:
        """Whether charm is active at ``Q0``, but follows from the lighter partons by matching and evolution."""
        return not self.IC and self.nf0 > 3 and not self.has_fixed_flavours

    def pdf_flavours(self, q2: float) -> int:
        """Return the number of active flavours of the parton distributions at the virtuality ``q2`` (GeV^2)."""
        if self.has_fixed_flavours:
            return self.NfFF
        return min(self.MaxNfPdf, 3 + sum(q2 >= threshold * (1 - 1e-9) for threshold in self.squared_thresholds()))

    @property
    def varies_evolution(self) -> bool:
        """Whether the factorisation scale is varied in the evolution, by the factor ``XIF``."""
        return self.ModSV != "None" and self.XIF != 1.0

    def active_flavours(self, q: float) -> int:
        """Return the number of quarks whose matching scale is not above ``q`` (GeV)."""
        return 3 + sum(q**2 >= threshold for threshold in self.squared_thresholds())

    def squared_thresholds(self) -> tuple[float, float, float]:
        """Return the squared matching scales of charm, bottom and top (GeV^2)."""
        return (self.kcThr * self.mc) ** 2, (self.kbThr * self.mb) ** 2, (self.ktThr * self.mt) ** 2


_KEY_TYPES: MappingProxyType[str, Callable[[Any], Any]] = MappingProxyType(
    {item.name: type(item.default) for item in fields(TheoryCard)}
)


def order_name(order: int) -> str:
    """Return the name of an order ``PTO`` of perturbation theory.

    >>> [order_name(order) for order in range(4)]
    ['LO', 'NLO', 'NNLO', 'N3LO']
    """
    return "N" * order + "LO" if order < 3 else f"N{order}LO"


def _convert(value: Any, kind: Callable[[Any], Any]) -> Any:
    """Return a value of a card as an integer, a finite number, or text; a list, such as the moduli of ``CKM``, as text.

    Raises
    ------
    TypeError, ValueError, OverflowError
        It is not one.
    """
    if kind is str:
        return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    if isinstance(value, bool):
        raise TypeError("a truth value")
    number = float(value)
    if not math.isfinite(number) or (kind is int and number != int(number)):
        raise ValueError("not finite, or not an integer")
    return kind(number)


def _require(condition: bool, key: str, expected: str, received: object) -> None:
    if not condition:
        raise TheoryError(f"{key}: expected {expected}, received {received!r}")
