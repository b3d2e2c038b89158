"""The members of a PDF set with another alpha_s: the last ones of sets with an ErrorType such as ``replicas+as``.

For each ``+`` in ErrorType a set has two members after its error members, with a parameter below and above its value;
their headers have what differs from the ``.info`` file, AlphaS_MZ and the nodes of alpha_s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any

from n3fit.errors import DataError
from n3fit.lhapdf.grid import GridMember
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.lhapdf.set_report import CheckRow
from n3fit.storage.yaml_files import parse_yaml

VARIED_COUPLING = ("as", "alphas")
"""Words of ErrorType for a variation of alpha_s."""

_PER_VARIATION = 2


@dataclass(frozen=True)
class AlphaMembers:
    """Numbers of the members with lower and upper alpha_s, and alpha_s(MZ) of each, nan where the set does not say."""

    numbers: tuple[int, int]
    values: tuple[float, float]


def error_words(pdf: PDFSet) -> list[str]:
    """Return the words of ErrorType, the kind of the error members and the parameters that other members vary."""
    return str(pdf.info.get("ErrorType", "unknown")).lower().split("+")


def error_member_count(pdf: PDFSet) -> int:
    """Return the number of members without the central one and those that vary a parameter."""
    return max(0, pdf.members - 1 - _PER_VARIATION * (len(error_words(pdf)) - 1))


def alpha_members(pdf: PDFSet) -> AlphaMembers | None:
    """Return the members with another alpha_s, None for a set without them.

    Raises
    ------
    DataError
        The set has too few members, or a header cannot be read.
    """
    words = error_words(pdf)
    place = next((index for index, word in enumerate(words[1:]) if word in VARIED_COUPLING), None)
    if place is None or pdf.members == 1:  # a single member of a set stands for itself
        return None
    first = error_member_count(pdf) + 1 + _PER_VARIATION * place
    if first + 1 >= pdf.members:
        raise DataError(f"{pdf.name}: ErrorType {pdf.info['ErrorType']}: expected more than {pdf.members} members")
    lower, upper = (_alpha_s_of(pdf.member(number)) for number in (first, first + 1))
    numbers = (first, first + 1) if not lower > upper else (first + 1, first)
    return AlphaMembers(numbers, (min(lower, upper), max(lower, upper)))


def alpha_row(pdf: PDFSet) -> CheckRow | None:
    """Check the members with another alpha_s: one below and one above that of the set, where it says which.

    None for a set without them.
    """
    try:
        found = alpha_members(pdf)
    except DataError as error:
        return CheckRow("alpha_s members", False, error.message)
    if found is None:
        return None
    (below, above), (low, high) = found.numbers, found.values
    central = pdf.number("AlphaS_MZ", float("nan"))
    text = f"alpha_s(MZ) {central:.6g}, {low:.6g} in member {below} and {high:.6g} in member {above}"
    unknown = isnan(low + central + high)
    return CheckRow("alpha_s members", None if unknown else low < central < high, text)


def read_header(member: GridMember) -> Mapping[str, Any]:
    """Return the entries of the header of a member, which may be none.

    Raises
    ------
    DataError
        The header is not YAML, or not a mapping.
    """
    header = parse_yaml(member.header, str(member.path)).data
    if not isinstance(header, dict | None):
        raise DataError(f"{member.path}: expected a header such as 'PdfType: central', received {header!r:.80}")
    return header or {}


def _alpha_s_of(member: GridMember) -> float:
    value = read_header(member).get("AlphaS_MZ", float("nan"))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DataError(f"{member.path}: AlphaS_MZ: expected a number, received {value!r}")
    return float(value)
