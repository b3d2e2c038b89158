"""Checking a PDF set: files, grids, coupling, sum rules and the central member."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from n3fit.defaults import SUM_RULE_TOLERANCE
from n3fit.errors import DataError
from n3fit.lhapdf.alpha_check import CouplingNodes, coupling_row, member_coupling
from n3fit.lhapdf.alpha_members import alpha_row, error_member_count, error_words
from n3fit.lhapdf.grid import GridMember, check_same_grid
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.lhapdf.set_kind import PROTON, SetKind, kind_of
from n3fit.lhapdf.set_report import CheckRow as CheckRow
from n3fit.lhapdf.sum_rules import NUCLEON_NUMBERS, SumRuleRow, describe_sum_rules, judge_member
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.typing import Floats

_FEWEST_DIGITS = 3
_GLUON = 21
_MEAN_TOLERANCE = 1e-5  # of the largest member at a node: what rounding in files of few digits leaves


@dataclass
class _Survey:
    """Quantities collected from the members, which are read once, one after the other."""

    tolerance: float
    total: list[Floats] = field(default_factory=list)
    largest: list[Floats] = field(default_factory=list)
    central: GridMember | None = None
    problems: list[str] = field(default_factory=list)
    negative: dict[int, float] = field(default_factory=dict)
    sums: dict[tuple[str, float], SumRuleRow] = field(default_factory=dict)
    couplings: dict[int, CouplingNodes] = field(default_factory=dict)
    read: int = 0
    averaged: int = 0


def check_set(
    pdf: PDFSet, *, tolerance: float = SUM_RULE_TOLERANCE, progress: ProgressReporter | None = None
) -> tuple[list[CheckRow], list[SumRuleRow]]:
    """Check every member of a set by what the set says it is, and return the results.

    Parameters
    ----------
    pdf : PDFSet
    tolerance : float
        Largest deviation of the sum rules.
    progress : ProgressReporter, optional
        Receives the number of members that are read.

    Raises
    ------
    DataError
        The ``.info`` file has entries of the wrong type.
    """
    reporter = progress or NullReporter()
    survey = _Survey(tolerance)
    kind = kind_of(pdf)
    for number in range(pdf.members):
        try:
            _survey_member(survey, pdf, number, kind)
        except DataError as error:
            survey.problems.append(error.message)
        reporter.step("members", number + 1, pdf.members)
    rows = [
        _files_row(survey, pdf), _kind_row(kind), *_info_rows(survey, pdf, kind), coupling_row(pdf, survey.couplings),
        *filter(None, [alpha_row(pdf)]), *_mean_rows(survey, pdf),
    ]  # fmt: skip
    sums = [survey.sums[key] for key in sorted(survey.sums, key=lambda key: (key[1], key[0] != "momentum", key[0]))]
    if sums:
        passed = all(row.passed for row in sums)
        rows.append(CheckRow("sum rules", passed, describe_sum_rules(sums, tolerance=tolerance)))
    if kind.content == "PDFs":
        rows.append(_positivity_row(survey))
    return rows, sums


def _survey_member(survey: _Survey, pdf: PDFSet, number: int, kind: SetKind) -> None:
    member = pdf.read_member(number)
    if survey.central is None:
        survey.central = member
    reference = survey.central
    check_same_grid(member, reference)
    survey.read += 1
    if 0 < number <= error_member_count(pdf):
        values = [grid.values for grid in member.subgrids]
        if not survey.total:
            survey.total, survey.largest = [v.copy() for v in values], [np.abs(v) for v in values]
        else:
            for total, largest, value in zip(survey.total, survey.largest, values, strict=True):
                total += value
                np.maximum(largest, np.abs(value), out=largest)
        survey.averaged += 1
    survey.negative[number] = _most_negative(member)
    coupling = member_coupling(member, number)
    if coupling is not None:
        survey.couplings[number] = coupling
    if kind.particle in NUCLEON_NUMBERS and kind.content == "PDFs":
        for row in judge_member(member, number, NUCLEON_NUMBERS[kind.particle], tolerance=survey.tolerance):
            worst = survey.sums.get((row.name, row.q))
            if worst is None or (not row.passed, row.deviation) > (not worst.passed, worst.deviation):
                survey.sums[row.name, row.q] = row


def _files_row(survey: _Survey, pdf: PDFSet) -> CheckRow:
    if survey.problems:
        more = f" (and {len(survey.problems) - 1} more)" if len(survey.problems) > 1 else ""
        return CheckRow("members", False, f"{survey.read} of {pdf.members} readable: {survey.problems[0]}{more}")
    return CheckRow("members", True, f"all {pdf.members} complete, finite, on the same grids")


def _kind_row(kind: SetKind) -> CheckRow:
    if kind.particle is None:
        return CheckRow("kind", False, f"Particle: expected a PDG number such as {PROTON}, received {kind.stated!r}")
    return CheckRow("kind", None, str(kind))


def _info_rows(survey: _Survey, pdf: PDFSet, kind: SetKind) -> list[CheckRow]:
    if survey.central is None:
        return []
    grids = survey.central.subgrids
    rows = []
    edges = {
        "XMin": max(grid.x[0] for grid in grids), "XMax": min(grid.x[-1] for grid in grids),
        "QMin": grids[0].q[0], "QMax": grids[-1].q[-1],
    }  # fmt: skip
    wrong = [
        f"{key} {pdf.info[key]!r}, the grid has {edge:g}"
        for key, edge in edges.items()
        if key in pdf.info and not _is_limit(pdf.info[key], float(edge), none_is_zero=key == "XMin")
    ]
    sizes = ", ".join(f"{len(grid.x)} x {len(grid.q)} from {grid.q[0]:g} to {grid.q[-1]:g} GeV" for grid in grids)
    rows.append(CheckRow("grids", not wrong, "; ".join(wrong) or f"x from {edges['XMin']:g}; {sizes}"))
    pids = {_GLUON if pid == 0 else pid for pid in grids[0].pids}
    needed = {_GLUON if pid == 0 else int(pid) for pid in pdf.numbers("Flavors")}
    if kind.content.endswith("PDFs"):
        quarks = range(1, 1 + int(pdf.number("NumFlavors", 3)))
        needed |= {*quarks, *(-pid for pid in quarks), _GLUON}
    missing = sorted(needed - pids)
    rows.append(CheckRow("flavours", not missing, f"missing: {missing}" if missing else f"{len(pids)}, as announced"))
    return rows


def _mean_rows(survey: _Survey, pdf: PDFSet) -> list[CheckRow]:
    if error_words(pdf)[0] != "replicas" or survey.central is None or not survey.averaged or survey.problems:
        return []
    worst = 0.0
    for grid, total, largest in zip(survey.central.subgrids, survey.total, survey.largest, strict=True):
        difference = np.abs(grid.values - total / survey.averaged)
        worst = max(worst, float((difference / np.maximum(largest, 1e-10)).max()))
    text = f"member 0 is the mean of the replicas to {worst:.1e} of the largest"
    return [CheckRow("central member", worst <= _MEAN_TOLERANCE, text)]


def _most_negative(member: GridMember) -> float:
    """Return the most negative x f of gluon and light quarks between x = 1e-5 and 0.7, over the largest there."""
    worst = 0.0
    for grid in member.subgrids:
        inside = (grid.x > 1e-5) & (grid.x < 0.7)
        columns = [index for index, pid in enumerate(grid.pids) if abs(pid) <= 3 or pid == 21]
        values = grid.values[inside][..., columns]
        if values.size:
            worst = min(worst, float((values / np.abs(values).max(axis=(0, 1))).min()))
    return worst


def _positivity_row(survey: _Survey) -> CheckRow:
    below = [number for number, value in survey.negative.items() if value < -1e-3]
    text = "light quarks and gluon are positive for 1e-5 < x < 0.7, or below zero by less than 1e-3 of their maximum"
    if below:
        worst = min(below, key=lambda number: survey.negative[number])
        text = (
            f"{len(below)} of {survey.read} members have a light quark or gluon below zero, "
            f"the worst is member {worst} with {survey.negative[worst]:.1e} of the maximum"
        )
    return CheckRow("positivity", None, text)


def _is_limit(value: object, edge: float, *, none_is_zero: bool) -> bool:
    """Return whether a limit of the ``.info`` file is the edge of the grid, which it may round to three digits or more.

    A smallest x of zero says that readers continue the grid.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if none_is_zero and value == 0:
        return True
    digits = max(_FEWEST_DIGITS, len(f"{value:.15e}".partition("e")[0].replace(".", "").rstrip("0")))
    return bool(np.isclose(value, edge, rtol=1e-5)) or float(f"{edge:.{digits}g}") == value
