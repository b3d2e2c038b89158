"""The files of a set, read by independent readers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML
from scipy.integrate import solve_ivp

from n3fit.evolution.grids import lhapdf_qgrid
from n3fit.lhapdf.pdf_sets import load_pdf_set
from n3fit.lhapdf.writer import SET_PIDS, SetLayout, write_info, write_member
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.theory_card import TheoryCard

XGRID = np.concatenate([np.geomspace(1e-9, 0.1, 12)[:-1], np.linspace(0.1, 1.0, 8)])
CARD = TheoryCard(ModEv="EXA")
NAME = "my-set"


@pytest.fixture(scope="module")
def layout() -> SetLayout:
    return SetLayout(
        name=NAME, description='A "quoted": set, 100 % {safe}', card=CARD, xgrid=XGRID, segments=lhapdf_qgrid(CARD)
    )


@pytest.fixture(scope="module")
def values(layout: SetLayout) -> list[list[np.ndarray]]:
    """Random numbers of many sizes, for two members."""
    random = np.random.default_rng(5)
    shapes = [(len(segment.q), len(XGRID), 14) for segment in layout.segments]
    return [[random.normal(size=shape) * 10 ** random.uniform(-4, 2, shape) for shape in shapes] for _ in range(2)]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, layout: SetLayout, values: list[list[np.ndarray]]) -> Path:
    folder = tmp_path_factory.mktemp("library") / NAME
    folder.mkdir()
    write_info(folder, layout, members=2)
    write_member(folder, layout, 0, values[0])
    write_member(folder, layout, 1, values[1], replica=7)
    return folder.parent


@pytest.fixture(scope="module")
def info(library: Path) -> dict[str, Any]:
    return read_as_yaml_1_1(library / NAME / f"{NAME}.info")


def read_as_yaml_1_1(path: Path) -> dict[str, Any]:
    """Read as most programs do: for YAML 1.1, 1e-9 is text and 1.0e-09 a number."""
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 1)
    content = reader.load(path)
    assert isinstance(content, dict)
    return content


def expected_at_nodes(layout: SetLayout, member: list[np.ndarray]) -> list[tuple[float, np.ndarray]]:
    """Return, for each scale strictly inside a segment, x f (14, nx) in the order of EXPORT_PIDS."""
    return [
        (float(q), block[index].T)
        for segment, block in zip(layout.segments, member, strict=True)
        for index, q in enumerate(segment.q)
        if q != CARD.mb
    ][::6]


def test_info_says_what_the_set_is(info: dict[str, Any]) -> None:
    expected = {
        "SetDesc": 'A "quoted": set, 100 % {safe}', "Format": "lhagrid1", "NumMembers": 2, "Particle": 2212,
        "Flavors": [-6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 21, 22], "OrderQCD": 2, "NumFlavors": 5,
        "ErrorType": "replicas", "XMin": 1e-9, "XMax": 1, "QMin": 1.65, "QMax": 100000, "MZ": 91.1876,
        "MCharm": 1.51, "MBottom": 4.92, "MTop": 172.5, "ThresholdBottom": 4.92, "AlphaS_Type": "ipol",
    }  # fmt: skip
    assert {key: info[key] for key in expected} == expected


def test_numbers_of_the_info_file_are_numbers_for_yaml(info: dict[str, Any]) -> None:
    assert all(isinstance(value, float | int) for value in info["AlphaS_Vals"] + info["AlphaS_Qs"])
    assert isinstance(info["XMin"], float)


def test_central_set_has_no_error_type(tmp_path: Path, layout: SetLayout) -> None:
    write_info(tmp_path, layout, members=1)
    content = read_as_yaml_1_1(tmp_path / f"{NAME}.info")
    assert (content["NumMembers"], content["ErrorType"]) == (1, "unknown")


def test_alpha_s_has_its_knots_in_Q_and_the_threshold_twice(info: dict[str, Any], layout: SetLayout) -> None:
    nodes = np.concatenate([segment.q for segment in layout.segments])
    np.testing.assert_allclose(info["AlphaS_Qs"], nodes, rtol=1e-15)
    assert info["AlphaS_Qs"].count(4.92) == 2
    first = info["AlphaS_Qs"].index(4.92)
    below, above = info["AlphaS_Vals"][first : first + 2]
    assert above != below
    assert above == pytest.approx(below, rel=2e-3)


def beta_function(_: float, alpha: np.ndarray, nf: int) -> np.ndarray:
    """d alpha / d ln Q^2 at three loops, MS-bar (Phys. Lett. B93 (1980) 429)."""
    a = alpha / (4 * np.pi)
    betas = (11 - 2 / 3 * nf, 102 - 38 / 3 * nf, 2857 / 2 - 5033 / 18 * nf + 325 / 54 * nf**2)
    return -4 * np.pi * a**2 * (betas[0] + betas[1] * a + betas[2] * a**2)


def integrate(start: float, q_from: float, q_to: float, nf: int) -> float:
    if q_from == q_to:
        return start
    span = (2 * np.log(q_from), 2 * np.log(q_to))
    return float(solve_ivp(beta_function, span, [start], args=(nf,), rtol=1e-10, atol=1e-12).y[0, -1])


def test_alpha_s_obeys_its_equation(info: dict[str, Any]) -> None:
    """Own integration from the reference value; at mb a(4) = a(5) (1 - 14/3 a(5)^2), hep-ph/9706430, pole mass."""
    at_mb = integrate(0.118, 91.2, 4.92, 5)
    below_mb = at_mb * (1 - 14 / 3 * (at_mb / (4 * np.pi)) ** 2)
    split = info["AlphaS_Qs"].index(4.92) + 1
    for index, (q, value) in enumerate(zip(info["AlphaS_Qs"], info["AlphaS_Vals"], strict=True)):
        expected = integrate(below_mb, 4.92, q, 4) if index < split else integrate(0.118, 91.2, q, 5)
        assert value == pytest.approx(expected, rel=1e-5), q


def test_fault_88_own_reader_gives_the_nodes(library: Path, layout: SetLayout, values: list[list[np.ndarray]]) -> None:
    pdf = load_pdf_set(NAME, [library])
    for member in (0, 1):
        for q, expected in expected_at_nodes(layout, values[member]):
            np.testing.assert_allclose(pdf.xfx(EXPORT_PIDS, XGRID, q, member), expected, rtol=1e-7)


NEOPDF = """
import json, sys, neopdf
path, pids, x, scales = json.load(sys.stdin)
pdf = neopdf.pdf.PDF.mkPDF_lhapdf_file(path)
json.dump([[[pdf.xfxQ2(pid, v, q * q) for v in x] for pid in pids] for q in scales], sys.stdout)
"""


def read_with_neopdf(path: Path, pids: Sequence[int], x: Sequence[float], scales: Sequence[float]) -> np.ndarray:
    """Return x f (nq, npids, nx) in a process of its own: neopdf ends its process when it cannot read a file."""
    request = json.dumps([str(path), list(pids), list(x), list(scales)])
    done = subprocess.run([sys.executable, "-c", NEOPDF], input=request, capture_output=True, text=True, check=True)
    return np.array(json.loads(done.stdout))


def test_fault_88_neopdf_gives_the_nodes(library: Path, layout: SetLayout, values: list[list[np.ndarray]]) -> None:
    scales, expected = zip(*expected_at_nodes(layout, values[1]), strict=True)
    # strictly inside the grid: there neopdf takes a node as the end of an interval
    inside = XGRID[1:-1]
    found = read_with_neopdf(library / NAME / f"{NAME}_0001.dat", EXPORT_PIDS, inside.tolist(), scales[1:-1])
    for block, nodes in zip(found, expected[1:-1], strict=True):
        np.testing.assert_allclose(block, nodes[:, 1:-1], rtol=1e-6)


def test_fault_88_parton_gives_the_nodes(library: Path, layout: SetLayout, values: list[list[np.ndarray]]) -> None:
    parton = pytest.importorskip("parton.pdf")
    member = parton.PDFMember(parton.PDFSet(NAME, pdfdir=str(library)), 1)
    meta, blocks = member.load()
    assert meta["PdfType"] == "replica"
    assert len(blocks) == len(layout.segments)
    for block, segment, expected in zip(blocks, layout.segments, values[1], strict=True):
        grid = parton.PDFGrid.from_block(block)
        np.testing.assert_allclose(grid.x, XGRID, rtol=1e-15)
        np.testing.assert_allclose(grid.Q, segment.q, rtol=1e-15)
        assert tuple(grid.flavors) == SET_PIDS
        for pid in SET_PIDS:
            # the splines of parton need not keep to random numbers between the nodes, but at the nodes they do
            column = grid.xfgrid[:, grid.flav_index(pid)].reshape(len(XGRID), len(segment.q))
            np.testing.assert_allclose(column, expected[:, :, EXPORT_PIDS.index(pid)].T, rtol=1e-7)


def test_header_names_the_replica(library: Path) -> None:
    central, replica = ((library / NAME / f"{NAME}_000{number}.dat").read_text() for number in (0, 1))
    assert central.startswith("PdfType: central\nFormat: lhagrid1\n---\n")
    assert replica.startswith("PdfType: replica\nFormat: lhagrid1\nFromMCReplica: 7\n---\n")
    assert replica.endswith("---\n")
    assert replica.count("\n---\n") == 3
