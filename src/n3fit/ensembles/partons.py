"""Parton distributions by name: flavours, their sums and differences, and the evolution basis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from n3fit.errors import CommandLineError, nearest
from n3fit.theory.flavours import EXPORT_PIDS, FK_BASIS, FLAVOUR_TO_FK
from n3fit.typing import Floats

Basis = Literal["flavour", "evolution"]


@dataclass(frozen=True, eq=False)
class Parton:
    """A linear combination of flavours.

    Parameters
    ----------
    name : str
        Such as ``ubar``, ``u_v``, ``c+`` or ``T8``.
    formula : str
        For figures, TeX without the dollar signs.
    words : str
        For headings, plain text.
    row : (14,)
        Coefficients in the order of ``n3fit.theory.flavours.EXPORT_PIDS``.
    """

    name: str
    formula: str
    words: str
    row: Floats

    def of(self, pdf: Floats) -> Floats:
        """Compute the combination ``(...)`` of PDFs ``(..., 14)``."""
        values: Floats = pdf @ self.row
        return values


_QUARKS = (
    (2, "u", "up"),
    (1, "d", "down"),
    (3, "s", "strange"),
    (4, "c", "charm"),
    (5, "b", "bottom"),
    (6, "t", "top"),
)


def _row(**coefficients: float) -> Floats:
    """Return the coefficients of ``q<pid>=`` or ``a<pid>=`` for a quark or antiquark."""
    row = np.zeros(len(EXPORT_PIDS))
    for key, value in coefficients.items():
        row[EXPORT_PIDS.index(int(key[1:]) * (-1 if key[0] == "a" else 1))] = value
    row.setflags(write=False)
    return row


def _of_quark(pid: int, letter: str, word: str) -> list[Parton]:
    quark, antiquark = f"q{pid}", f"a{pid}"
    valence = _row(**{quark: 1.0, antiquark: -1.0})
    return [
        Parton(letter, letter, word, _row(**{quark: 1.0})),
        Parton(f"{letter}bar", rf"\bar{{{letter}}}", f"anti-{word}", _row(**{antiquark: 1.0})),
        Parton(f"{letter}+", f"{letter}^+", f"{word} plus anti-{word}", _row(**{quark: 1.0, antiquark: 1.0})),
        Parton(f"{letter}-", f"{letter}^-", f"{word} minus anti-{word}", valence),
        Parton(f"{letter}_v", f"{letter}_v", f"{word} valence", valence),
    ]


def _of_evolution(name: str) -> Parton:
    row = FLAVOUR_TO_FK[FK_BASIS.index(name)]
    if name == "Sigma":
        return Parton(name, r"\Sigma", "singlet Σ", row)
    if name == "V":
        return Parton(name, "V", "total valence V", row)
    return Parton(name, f"{name[0]}_{{{name[1:]}}}", f"{'valence' if name[0] == 'V' else 'triplet'} {name}", row)


def known_partons() -> dict[str, Parton]:
    """Return all distributions with a name: gluon, photon, five for each quark, and the evolution basis."""
    partons = [Parton("g", "g", "gluon", _row(q21=1.0)), Parton("photon", r"\gamma", "photon", _row(q22=1.0))]
    for pid, letter, word in _QUARKS:
        partons.extend(_of_quark(pid, letter, word))
    partons.extend(_of_evolution(name) for name in FK_BASIS if name not in ("g", "photon"))
    return {parton.name: parton for parton in partons}


_OTHER_NAMES = (
    ("gluon", "g"), ("gamma", "photon"), ("singlet", "Sigma"), ("sng", "Sigma"), ("uv", "u_v"), ("dv", "d_v"),
    ("sv", "s_v"), ("cp", "c+"), ("up", "u"), ("down", "d"), ("strange", "s"), ("charm", "c"), ("bottom", "b"),
    ("top", "t"),
)  # fmt: skip


def find_parton(name: str) -> Parton:
    """Return a distribution by name, in upper or lower case.

    Raises
    ------
    CommandLineError
        There is no such name; the message lists the known ones.
    """
    partons = known_partons()
    by_lower = {known.lower(): known for known in partons} | dict(_OTHER_NAMES)
    found = by_lower.get(str(name).lower())
    if found is None:
        near = nearest(str(name), by_lower)
        raise CommandLineError(
            f"flavour: expected one of {', '.join(partons)}, received {name!r}",
            hint=f"did you mean {near!r}?" if near else "",
        )
    return partons[found]


def partons_of(basis: Basis) -> tuple[Parton, ...]:
    """Return the distributions that represent a basis in figures.

    Flavours: gluon, up, down, strange and their antiquarks, charm and bottom with their antiquarks, and the difference
    of charm and anticharm. Evolution: the
    combinations of four active flavours, Sigma, g, V, V3, V8, V15, T3, T8, T15.
    """
    names = {
        "flavour": ("g", "u", "ubar", "d", "dbar", "s", "sbar", "c+", "c-", "b+"),
        "evolution": ("Sigma", "g", "V", "V3", "V8", "V15", "T3", "T8", "T15"),
    }[basis]
    partons = known_partons()
    return tuple(partons[name] for name in names)
