"""Bundles: PDF sets with two more members, of a lower and a higher alpha_s (arXiv:1510.03865, section 6)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from n3fit import __version__
from n3fit.errors import DataError
from n3fit.lhapdf.alpha_members import error_words, read_header
from n3fit.lhapdf.grid import GridMember
from n3fit.lhapdf.member_file import SEPARATOR
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.lhapdf.set_folder import check_set_name, open_set_folder
from n3fit.lhapdf.set_kind import kind_of
from n3fit.lhapdf.writer import to_yaml, write_entries
from n3fit.storage import write_atomically

logger = logging.getLogger(__name__)

_KINDS = ("replicas", "hessian", "symmhessian")
_SAME = (
    "Particle", "OrderQCD", "AlphaS_OrderQCD", "FlavorScheme", "NumFlavors", "MZ", "MCharm", "MBottom", "MTop",
    "ThresholdCharm", "ThresholdBottom", "ThresholdTop",
)  # fmt: skip
_OF_MEMBERS = ("AlphaS_MZ", "AlphaS_Qs", "AlphaS_Vals")
_EQUAL = 1e-6  # relative difference of masses that is rounding
_ASYMMETRIC = 0.02  # of the larger step in alpha_s
_HINT = "fit and evolve all of them with the same settings but alpha_s"


def bundle_sets(name: str, central: PDFSet, lower: PDFSet, upper: PDFSet, *, output: Path, force: bool = False) -> Path:
    """Write a set of the members of ``central`` and the central members of sets of lower and higher alpha_s.

    The additional members are the last two; their headers have their alpha_s.

    Parameters
    ----------
    name : str
        Name of the new set.
    central, lower, upper : PDFSet
    output : Path
        Folder of PDF sets.
    force : bool
        Replace an existing set.

    Returns
    -------
    Path
        The folder of the set.

    Raises
    ------
    CommandLineError
        The name is not one of a set.
    DataError
        A set is damaged, or the three do not belong together.
    OutputExistsError, ResourceError
        The set exists already, or cannot be written.
    """
    check_set_name(name)
    values = _check_couplings(central, lower, upper)
    _check_same(central, lower, upper)
    with open_set_folder(output / name, force=force) as target:
        for number in range(central.members):
            _copy_member(central.member_path(number), target.staging / f"{name}_{number:04d}.dat")
        for number, pdf in enumerate((lower, upper), start=central.members):
            write_atomically(target.staging / f"{name}_{number:04d}.dat", _varied_member(pdf))
        write_entries(target.staging / f"{name}.info", _describe(central, lower, upper, values))
    return target.path


def _check_couplings(central: PDFSet, lower: PDFSet, upper: PDFSet) -> tuple[float, float, float]:
    """Return alpha_s(MZ) of the three sets in increasing order; steps of different size are named."""
    if error_words(central)[0] not in _KINDS or len(error_words(central)) > 1 or central.members < 3:
        raise DataError(
            f"{central.name}: expected a set with error members and no others, ErrorType {', '.join(_KINDS)}, "
            f"received {central.info.get('ErrorType')!r} and {central.members} members"
        )
    low, middle, high = (pdf.number("AlphaS_MZ", float("nan")) for pdf in (lower, central, upper))
    if not 0 < low < middle < high:
        raise DataError(
            f"alpha_s bundle: expected alpha_s(MZ) that increases from {lower.name} to {central.name} and "
            f"{upper.name}, received {low:g}, {middle:g} and {high:g}"
        )
    steps = (middle - low, high - middle)
    if abs(steps[1] - steps[0]) > _ASYMMETRIC * max(steps):
        logger.warning(
            "alpha_s bundle: alpha_s(MZ) is %.6g below and %.6g above %.6g: the uncertainty is half the difference of "
            "upper and lower member, that of a step of %.6g",
            *steps, middle, sum(steps) / 2,
        )  # fmt: skip
    return low, middle, high


def _check_same(central: PDFSet, lower: PDFSet, upper: PDFSet) -> None:
    """Check that all sets have the same content, order, masses, flavours and grids, and all of their files."""
    missing = central.missing_members()
    if missing:
        central.read_member(missing[0])
    reference = central.member(0)
    for pdf in (lower, upper):
        different = [
            f"{key} {pdf.info[key]} instead of {central.info[key]}"
            for key in _SAME
            if key in pdf.info and key in central.info and not _is_same(pdf.info[key], central.info[key])
        ]
        if str(kind_of(pdf)) != str(kind_of(central)):
            different.insert(0, f"{kind_of(pdf)} instead of {kind_of(central)}")
        different += _grid_differences(pdf.member(0), reference)
        if different:
            raise DataError(
                f"alpha_s bundle: expected {pdf.name} to differ from {central.name} by alpha_s alone, "
                f"received {', '.join(different)}",
                hint=_HINT,
            )


def _is_same(one: object, other: object) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return bool(np.isclose(one, other, rtol=_EQUAL, atol=0.0))
    return one == other


def _grid_differences(member: GridMember, reference: GridMember) -> Iterator[str]:
    """Yield what differs between the grids of two members; nothing is interpolated."""
    if len(member.subgrids) != len(reference.subgrids):
        yield f"{len(member.subgrids)} subgrids instead of {len(reference.subgrids)}"
        return
    for number, (one, other) in enumerate(zip(member.subgrids, reference.subgrids, strict=True)):
        for axis, mine, theirs in (("x", one.x, other.x), ("Q", one.q, other.q)):
            if not np.array_equal(mine, theirs):
                yield (
                    f"{len(mine)} nodes in {axis} from {mine[0]:g} to {mine[-1]:g} in subgrid {number} instead of "
                    f"{len(theirs)} from {theirs[0]:g} to {theirs[-1]:g}"
                )
        if one.pids != other.pids:
            yield f"flavours {one.pids} instead of {other.pids}"


def _copy_member(source: Path, target: Path) -> None:
    try:
        content = source.read_bytes()
    except OSError as error:
        raise DataError(f"{source}: cannot be read ({error})") from error
    write_atomically(target, content)


def _varied_member(pdf: PDFSet) -> str:
    """Return the central member of a set with its alpha_s in the header, where readers look for it first."""
    member = pdf.member(0)
    entries = dict(read_header(member)) | {"PdfType": "central"}
    entries |= {key: pdf.info[key] for key in _OF_MEMBERS if key in pdf.info and key not in entries}
    text = member.path.read_text(encoding="utf-8", errors="replace")
    grids = re.split(rf"^[^\S\n]*{SEPARATOR}", text, maxsplit=1, flags=re.MULTILINE)[1]
    header = "".join(f"{key}: {to_yaml(value)}\n" for key, value in entries.items())
    return f"{header}{SEPARATOR}{grids}"


def _describe(central: PDFSet, lower: PDFSet, upper: PDFSet, values: tuple[float, float, float]) -> Mapping[str, Any]:
    """Return the entries of the ``.info`` file."""
    first = central.members
    added = "; ".join(
        f"mem={number}: alpha_s(MZ) = {value:.6g}, member 0 of {pdf.name}"
        for number, value, pdf in ((first, values[0], lower), (first + 1, values[2], upper))
    )
    description = " ".join(str(central.info.get("SetDesc", central.name)).split())
    return dict(central.info) | {
        "SetDesc": f"{description}; with alpha_s uncertainty: members of {central.name}, {added}. n3fit {__version__}",
        "SetIndex": 0,
        "NumMembers": central.members + 2,
        "ErrorType": f"{error_words(central)[0]}+as",
    }
