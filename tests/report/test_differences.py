"""Differences between fits whose runcards, data and inputs differ in known ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import nnpdf_folders, outcomes
from support.nnpdf_folders import write_nnpdf_fit

from n3fit.report.differences import NOT_THERE, Differences, find_differences
from n3fit.report.page import make_report
from n3fit.report.runcard_contents import flatten
from n3fit.results import FitFolder
from n3fit.results.reader import read_fit_folder

TEMPLATE = (Path(__file__).parents[1] / "support" / "small_fit.yml").read_text(encoding="utf-8")
NMC, NMC_P, SLAC = (entry[0] for entry in outcomes.SMALL_SETS)


def make_card(**changes: str) -> str:
    """Return a complete runcard of the three small sets; ``changes`` are keys after the name of a set."""
    entries = "\n".join(
        f"- {{dataset: {name}, variant: {variant}{changes.get(name.rpartition('_')[0], '')}}}"
        for name, variant, *_ in outcomes.SMALL_SETS
    )
    start, _, rest = TEMPLATE.partition("dataset_inputs:\n")
    return f"{start}dataset_inputs:\n{entries}\n{rest.partition(chr(10))[2]}"


@pytest.fixture
def fit(tmp_path: Path) -> Any:
    def write(name: str, text: str, *, theory: Any = outcomes.THEORY, **changes: Any) -> FitFolder:
        outcome = outcomes.make_outcome(3, **({"sets": outcomes.SMALL_SETS, "name": name} | changes))
        return outcomes.write_outcome(outcome, tmp_path / name, runcard_text=text, theory=theory)

    return write


def groups_of(differences: Differences) -> dict[str, dict[str, tuple[str, ...]]]:
    return {heading: {entry.name: entry.values for entry in found} for heading, found in differences.groups.items()}


def test_equal_fits_and_a_fit_alone_have_none(fit: Any) -> None:
    first, second = fit("a", make_card()), fit("b", make_card().replace("a small fit", "another description"))
    assert find_differences([first, second]) == Differences({}, {})
    assert find_differences([first]) == Differences({}, {})


def test_settings_are_grouped_and_have_the_value_of_each_fit(fit: Any) -> None:
    other = (
        make_card()
        .replace("q2min: 3.49", "q2min: 5")
        .replace("t0pdfset: toy", "t0pdfset: other")
        .replace("nnseed: 2", "nnseed: 7")
        .replace("learning_rate: 2.0e-3", "learning_rate: 1e-3")
        .replace("{fl: g, trainable: false, smallx: [0.94, 1.25]", "{fl: g, trainable: false, smallx: [0.9, 1.25]")
        .replace(
            "- {dataset: NNPDF_POS_2P24GEV_XGL, rule: x > 0.1}", "- {dataset: NNPDF_POS_2P24GEV_XGL, rule: x > 0.2}"
        )
    )
    theory = {"id": "400", "card": outcomes.THEORY["card"] | {"PTO": 1, "Comments": "another text"}}
    found = groups_of(find_differences([fit("a", make_card()), fit("b", other, theory=theory), fit("c", make_card())]))
    assert found == {
        "Cuts, t0 set and data": {
            "datacuts.t0pdfset": ("toy", "other", "toy"),
            "datacuts.q2min": ("3.49", "5.0", "3.49"),
            "added_filter_rules.NNPDF_POS_2P24GEV_XGL.rule": ("x > 0.1", "x > 0.2", "x > 0.1"),
        },
        "Seeds": {"nnseed": ("2", "7", "2")},
        "Methodology": {
            "fitting.basis.g.smallx": ("[0.94, 1.25]", "[0.9, 1.25]", "[0.94, 1.25]"),
            "parameters.optimizer.learning_rate": ("0.002", "0.001", "0.002"),
        },
        "Theory card": {"PTO": ("2", "1", "2")},
    }


def test_marks_of_data_sets(fit: Any) -> None:
    first = fit("a", make_card())
    changed = [list(entry) for entry in outcomes.SMALL_SETS]
    changed[0][1] = "legacy"
    changed[1][4] = 3
    text = make_card(**{NMC_P.rpartition("_")[0]: ", weight: 3", SLAC.rpartition("_")[0]: ", cfac: [QCD]"})
    second = fit("b", text, sets=changed)
    marks = find_differences([first, second]).marks
    assert {name: {entry.name: entry.values for entry in found} for name, found in marks.items()} == {
        NMC: {"variant": ("legacy_dw", "legacy"), "central data": ("as first", "others")},
        NMC_P: {"weight": ("1.0", "3.0"), "points": ("4", "3")},
        SLAC: {"cfac": ("[]", "[QCD]"), "points": ("as first", "others")},  # drawn after fewer random numbers
    }  # fmt: skip


def test_other_numbers_of_the_same_points(fit: Any) -> None:
    outcome = outcomes.make_outcome(3, sets=outcomes.SMALL_SETS)
    central = outcome.central.copy()
    central[0] *= 1.01
    inputs = {"runcard": "a" * 64, f"data {SLAC}": "c" * 64, "theory 400: T": "1" * 64}
    first = fit("a", make_card(), inputs=inputs)
    second = fit(
        "b", make_card(), central=central, inputs=inputs | {f"data {SLAC}": "d" * 64, "theory 400: T": "2" * 64}
    )
    found = find_differences([first, second])
    assert {name: [entry.name for entry in entries] for name, entries in found.marks.items()} == {
        NMC: ["central data"],
        SLAC: ["uncertainties"],
    }
    assert groups_of(found) == {"Checksums of inputs": {"theory 400: T": ("1" * 12, "2" * 12)}}


def test_data_sets_that_a_fit_lacks(fit: Any) -> None:
    first = fit("a", make_card())
    second = fit("b", make_card(), sets=outcomes.SMALL_SETS[:2], positivity_losses={"POS_F2U": np.full(3, 1e-8)})
    found = groups_of(find_differences([first, second]))["Data sets that are not in all fits"]
    assert found[SLAC] == ("1 points", NOT_THERE)
    assert found["POS_FLL"] == ("used", NOT_THERE)
    assert NMC not in found


def test_runcards_of_other_programs_are_compared_as_they_are_written(fit: Any) -> None:
    strange = "dataset_inputs: []\nunknown: {key: 1}\ntrvlseed: 1\n"
    first, second = fit("a", strange), fit("b", strange.replace("key: 1", "key: 2"))
    assert groups_of(find_differences([first, second])) == {"Methodology": {"unknown.key": ("1", "2")}}
    broken = fit("c", "{")
    assert groups_of(find_differences([first, broken]))["Seeds"] == {"trvlseed": ("1", NOT_THERE)}


def test_entries_of_lists_have_names() -> None:
    content = {"a": [{"fl": "g", "x": 1}, {"fl": "g", "x": 2}, {"y": 3}], "b": [1, 2], "c": []}
    assert dict(flatten(content)) == {
        "a.g.fl": "g", "a.g.x": 1, "a.g (2).fl": "g", "a.g (2).x": 2, "a.2.y": 3, "b": [1, 2], "c": [],
    }  # fmt: skip


@pytest.mark.usefixtures("blank_figures")
def test_page_of_two_fits_marks_and_lists_them(fit: Any, tmp_path: Path) -> None:
    text = make_card(**{SLAC.rpartition("_")[0]: ", weight: 3"}).replace("nnseed: 2", "nnseed: 2 # <b>")
    theory = {"id": "toy", "card": {}}
    fits = [fit("a", make_card(), theory=theory), fit("b", text, theory=theory)]
    page = make_report(fits, output=tmp_path / "page").read_text(encoding="utf-8")
    assert '<section id="differences">' in page
    assert '<span class="tag fair" title="1.0, 3.0">weight</span>' in page


def test_fits_of_nnpdf_differ_in_the_numbers_of_their_points(tmp_path: Path) -> None:
    """They have neither kinematics nor data, so that variants, counts and numbers of points are compared."""
    hera, slac = (entry["dataset"] for entry in nnpdf_folders.CARD["dataset_inputs"])
    cuts = ([0, 3, 41], [0, 3, 40], [0, 3], [0, 3, 41])
    fits = [
        read_fit_folder(write_nnpdf_fit(tmp_path / f"fit_{index}", (1,), kept={hera: points, slac: [1, 2]}))
        for index, points in enumerate(cuts)
    ]
    marks = [find_differences([fits[0], other]).marks for other in fits[1:]]
    assert [
        {name: [(entry.name, entry.values) for entry in found] for name, found in mark.items()} for mark in marks
    ] == [
        {hera: [("points", ("as first", "others"))]},
        {hera: [("points", ("3", "2"))]},
        {},
    ]
