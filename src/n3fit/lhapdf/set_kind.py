"""What a PDF set is by its own description: distributions of a proton, or something else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from n3fit.errors import DataError
from n3fit.lhapdf.pdf_sets import PDFSet

PROTON = 2212

NUCLEONS = {PROTON: "proton", 2112: "neutron", -PROTON: "antiproton", -2112: "antineutron"}
"""PDG numbers of nucleons."""

_NEEDED = frozenset({-2, -1, 1, 2})
_GLUON = frozenset({21, 0})
_POLARISED = re.compile(r"(?<!un)(?<!non-)polari[sz]ed|helicity|spin-dependent", re.IGNORECASE)
_POLARISED_NAME = re.compile(r"(?<![a-z])DSSV|PPDF|(?<!un)(?<!inter)(?<!extra)pol(?![a-z])", re.IGNORECASE)
_FRAGMENTATION = re.compile(r"fragmentation|time-?like", re.IGNORECASE)


@dataclass(frozen=True)
class SetKind:
    """What a set describes.

    Parameters
    ----------
    content : str
        ``PDFs``, ``polarised PDFs``, ``structure functions`` or ``fragmentation functions``.
    particle : int or None
        PDG number of the hadron, None where the ``.info`` file has no number.
    stated : object
        ``Particle`` as it stands in the ``.info`` file.
    """

    content: str
    particle: int | None
    stated: object

    def __str__(self) -> str:
        """Return the content and the hadron."""
        if self.particle is None:
            return f"{self.content} of the particle {self.stated!r}"
        return f"{self.content} of the {NUCLEONS.get(self.particle) or f'particle {self.particle}'}"


def kind_of(pdf: PDFSet) -> SetKind:
    """Return what a set is, from its ``.info`` file and its name.

    A set without ``Particle`` is one of the proton, as for LHAPDF.

    Raises
    ------
    DataError
        An entry of the ``.info`` file has the wrong type.
    """
    stated = pdf.info.get("Particle", PROTON)
    particle = stated if isinstance(stated, int) and not isinstance(stated, bool) else None
    return SetKind(_content(pdf), particle, stated)


def _content(pdf: PDFSet) -> str:
    description = " ".join(str(pdf.info.get(key, "")) for key in ("SetDesc", "SetType"))
    flavours = {int(pid) for pid in pdf.numbers("Flavors")}
    if _FRAGMENTATION.search(description):
        return "fragmentation functions"
    if flavours and not (flavours >= _NEEDED and flavours & _GLUON):
        return "structure functions"
    said = any(str(pdf.info.get(key, "")).lower() == "true" for key in ("Polarized", "Polarised"))
    if said or _POLARISED.search(description) or _POLARISED_NAME.search(pdf.folder.name):
        return "polarised PDFs"
    return "PDFs"


def check_proton(pdf: PDFSet, *, key: str, polarised: bool = False) -> None:
    """Check that a set has PDFs of the proton.

    Parameters
    ----------
    pdf : PDFSet
    key : str
        The key of the runcard that names the set.
    polarised : bool
        Whether polarised PDFs are expected too, as in a polarised fit.

    Raises
    ------
    DataError
        It has something else.
    """
    kind = kind_of(pdf)
    accepted = ("PDFs", "polarised PDFs") if polarised else ("PDFs",)
    if kind.particle != PROTON or kind.content not in accepted:
        hint = f"write Particle: {PROTON} into its .info file" if kind.stated == "proton" else "choose another set"
        raise DataError(f"{key}: expected PDFs of the proton, received {kind} ({pdf.name})", hint=hint)
