"""The theory card: the parameters that fix evolution and coefficient functions, checked once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from n3fit.errors import TheoryError, did_you_mean

EVOLUTION_METHODS = ("TRN", "EXA", "EXP")
"""Accepted ``ModEv``: truncated, iterated exact, iterated expanded."""


@dataclass(frozen=True)
class TheoryCard:
    """Parameters of a theory, named like the keys of the card files of the field.

    Masses and scales are in GeV, ``GF`` in GeV^-2, ``CKM`` lists the nine moduli by rows.
    """

    PTO: int = 2
    ModEv: str = "TRN"
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

    def __post_init__(self) -> None:
        """Check that the values are supported by the calculation."""
        _require(self.PTO in (0, 1, 2), "PTO", "0 (LO), 1 (NLO) or 2 (NNLO)", self.PTO)
        _require(self.ModEv in EVOLUTION_METHODS, "ModEv", ", ".join(EVOLUTION_METHODS), self.ModEv)
        _require(self.FNS in ("ZM-VFNS", "FONLL-C"), "FNS", "FONLL-C or ZM-VFNS", self.FNS)
        _require(self.TMC in (0, 1), "TMC", "0 (none) or 1 (target-mass corrections)", self.TMC)
        _require(self.backward_inversion in ("expanded", "exact"), "backward_inversion", "expanded or exact",
                 self.backward_inversion)  # fmt: skip
        _require(3 <= self.nf0 <= 6, "nf0", "3 to 6", self.nf0)
        _require(3 <= self.nfref <= 6, "nfref", "3 to 6", self.nfref)
        _require(0 < self.mc < self.mb < self.mt, "mc, mb, mt", "0 < mc < mb < mt", (self.mc, self.mb, self.mt))
        _require(self.ev_op_iterations >= 1, "ev_op_iterations", "at least 1", self.ev_op_iterations)
        for name in ("alphas", "Qref", "Q0", "MP", "MW", "MZ", "GF", "kcThr", "kbThr", "ktThr", "alphaqed"):
            _require(getattr(self, name) > 0, name, "a positive number", getattr(self, name))
        _require(len(self.CKM.split()) == 9, "CKM", "nine moduli", self.CKM)

    @classmethod
    def from_mapping(cls, card: Mapping[str, Any], *, source: str = "theory card") -> TheoryCard:
        """Return the card with the values of a mapping; keys that are not of this class are ignored.

        Raises
        ------
        TheoryError
            A value of the wrong type, or one that is not supported.
        """
        values: dict[str, Any] = {}
        for name, kind in _KEY_TYPES.items():
            if name not in card or card[name] is None:
                continue
            try:
                values[name] = kind(card[name])
                if kind is int and values[name] != float(card[name]):
                    raise ValueError("not an integer")
            except (TypeError, ValueError) as error:
                raise TheoryError(f"{source}: {name}: expected {kind.__name__}, received {card[name]!r}") from error
        try:
            return cls(**values)
        except TheoryError as error:
            raise TheoryError(f"{source}: {error.message}", hint=error.hint) from error

    def squared_thresholds(self) -> tuple[float, float, float]:
        """Return the squared matching scales of charm, bottom and top (GeV^2)."""
        return (self.kcThr * self.mc) ** 2, (self.kbThr * self.mb) ** 2, (self.ktThr * self.mt) ** 2


_KEY_TYPES: MappingProxyType[str, Callable[[Any], Any]] = MappingProxyType(
    {item.name: type(item.default) for item in fields(TheoryCard)}
)


def reject_unknown_keys(card: Mapping[str, Any], *, source: str) -> None:
    """Check that a card for building a theory has known keys only; the error names the nearest known key.

    Raises
    ------
    TheoryError
        At the first key that is not known.
    """
    known = tuple(_KEY_TYPES)
    for key in card:
        if key not in known:
            raise TheoryError(f"{source}: expected a known key, received {key!r}", hint=did_you_mean(key, known))


def _require(condition: bool, key: str, expected: str, received: object) -> None:
    if not condition:
        raise TheoryError(f"{key}: expected {expected}, received {received!r}")
