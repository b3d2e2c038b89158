"""Hessian sets of fits and of PDF sets, read back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from support import outcomes, set_library

from n3fit import api
from n3fit.ensembles import correlation_matrix, find_parton
from n3fit.errors import CommandLineError, N3fitError, OutputExistsError
from n3fit.evolution.grids import lhapdf_qgrid
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.lhapdf.set_check import check_set
from n3fit.results import FitFolder, reduction_sources
from n3fit.results.evolve import evolve_fit
from n3fit.results.hessian_sets import write_hessian_set
from n3fit.results.reduction_sources import replica_source
from n3fit.theory.flavours import EXPORT_PIDS

MakeFit = Callable[..., FitFolder]
SMALL = {"q_max": 100.0, "q_nodes": 8}
X = np.array([1e-4, 0.01, 0.1, 0.3, 0.7])


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A set of twelve replicas that vary in four directions."""
    amplitudes = np.random.default_rng(5).normal(scale=0.1, size=(12, 4)) * [1.0, 0.3, 0.2, 0.1]
    set_library.write_replicas(tmp_path, amplitudes)
    return tmp_path


def test_four_directions_of_a_set_have_its_mean_and_its_errors(library: Path) -> None:
    """At every scale and between the nodes, with the formula of LHAPDF for symmetric errors."""
    written = api.hessian(library / "replicas", directions=4, output=library)
    assert written.folder == (library / "replicas_hessian_4").resolve()
    assert (written.source, written.replicas, written.directions, written.q) == ("replicas", 12, 4, 1.65)
    assert written.retained == pytest.approx(1.0, abs=1e-9)
    assert [row.flavour for row in written.rows] == ["g", "u", "ubar", "d", "dbar", "s", "sbar"]
    for row in written.rows:
        assert row.central.largest < 1e-6
        assert row.deviation.largest < 1e-6
    pdf, original = PDFSet(written.folder), PDFSet(library / "replicas")
    assert (pdf.info["ErrorType"], pdf.info["ErrorConfLevel"], pdf.members) == ("symmhessian", 68.268949, 5)
    assert pdf.info["SetDesc"].startswith("Hessian set of 12 replicas of replicas (arXiv:1505.06736), mem=0: central")
    assert pdf.info["SetDesc"].endswith(". replicas: toy replicas")
    for q in (1.65, 7.0, 100.0):
        members = np.array([pdf.xfx(EXPORT_PIDS, X, q, number) for number in range(5)])
        replicas = np.array([original.xfx(EXPORT_PIDS, X, q, number) for number in range(13)])
        np.testing.assert_allclose(members[0], replicas[0], rtol=1e-8)
        spread = replicas[1:].std(axis=0, ddof=1)
        np.testing.assert_allclose(np.sqrt(((members[1:] - members[0]) ** 2).sum(axis=0)), spread, rtol=1e-5, atol=1e-8)
        band = api.open_ensemble(written.folder).on_nodes(X, q).band("g")
        level = NormalDist().inv_cdf(0.5 + 0.68268949 / 2)
        assert level == pytest.approx(1.0, abs=1e-8)
        np.testing.assert_allclose(band.deviation, spread[EXPORT_PIDS.index(21)], rtol=1e-5)
        np.testing.assert_allclose(band.high - band.low, 2 * band.deviation, rtol=1e-12)


def test_correlations_are_those_of_the_replicas(library: Path) -> None:
    written = api.hessian(library / "replicas", directions=4, output=library)
    partons = [find_parton(name) for name in ("g", "ubar", "s")]
    original, reduced = (
        correlation_matrix(api.open_ensemble(folder).at(10.0), partons, X)
        for folder in (library / "replicas", written.folder)
    )
    assert np.abs(original - np.eye(15)).max() > 0.5
    np.testing.assert_allclose(reduced, original, atol=1e-5)


def test_set_passes_its_check_with_the_sum_rules_of_every_member(library: Path) -> None:
    written = api.hessian(library / "replicas", directions=3, output=library, name="three")
    rows, sums = check_set(PDFSet(written.folder))
    assert [row.name for row in rows if row.passed is False] == []
    assert sums
    header = (written.folder / "three_0002.dat").read_text().partition("---")[0]
    assert header == "PdfType: error\nFormat: lhagrid1\n"


NEOPDF = """
import json, sys, neopdf
members = [neopdf.pdf.PDF.mkPDF("two", number) for number in range(3)]
json.dump([[member.xfxQ2(21, x, 49.0) for x in (1e-4, 0.01, 0.3)] for member in members], sys.stdout)
"""


def test_other_readers_give_the_same_numbers(library: Path) -> None:
    """Neopdf in a process of its own: it ends its process when it cannot read a set."""
    pytest.importorskip("neopdf")
    written = api.hessian(library / "replicas", directions=2, output=library, name="two")
    environment = os.environ | {"NEOPDF_DATA_PATH": str(library), "LHAPDF_DATA_PATH": str(library)}
    done = subprocess.run([sys.executable, "-c", NEOPDF], capture_output=True, text=True, check=True, env=environment)
    pdf = PDFSet(written.folder)
    ours = [pdf.xfx([21], [1e-4, 0.01, 0.3], 7.0, number)[0] for number in range(3)]
    np.testing.assert_allclose(json.loads(done.stdout), ours, rtol=1e-6)
    parton = pytest.importorskip("parton.pdf")
    for number in range(3):
        other = parton.PDF("two", number, pdfdir=str(library))
        # parton interpolates with splines
        np.testing.assert_allclose(other.xfxQ(21, np.array([1e-4, 0.01, 0.3]), 7.0).ravel(), ours[number], rtol=2e-3)
    assert other.pdfset.info["ErrorType"] == "symmhessian"


def test_members_of_a_fit_are_combinations_of_its_evolved_replicas(
    make_fit: MakeFit, small_xgrid: np.ndarray, operator_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same as the Hessian set of the evolved set: evolution is linear."""
    random = np.random.default_rng(3)
    fit = make_fit(pdf=np.stack([outcomes.toy_pdf(small_xgrid, random) for _ in range(4)]))
    monkeypatch.setattr(reduction_sources, "lhapdf_qgrid", partial(lhapdf_qgrid, q_max=100.0, nodes=8))
    folder = evolve_fit(fit, **SMALL)
    written = api.hessian(fit.path, directions=3, output=tmp_path / "sets")
    again = api.hessian(folder, directions=3, output=tmp_path / "sets", name="again")
    assert written.folder.name == "toy_hessian_3"
    assert "fit toy, theory" in PDFSet(written.folder).info["SetDesc"]
    one, other, original = PDFSet(written.folder), PDFSet(again.folder), PDFSet(folder)
    assert one.info["ErrorType"] == other.info["ErrorType"] == "symmhessian"
    replicas = np.array([original.xfx(EXPORT_PIDS, X, 50.0, number) for number in range(5)])
    expected = replicas[1:].std(axis=0, ddof=1)
    for pdf in (one, other):
        members = np.array([pdf.xfx(EXPORT_PIDS, X, 50.0, number) for number in range(4)])
        np.testing.assert_allclose(members[0], replicas[0], rtol=1e-6, atol=1e-10)
        found = np.sqrt(((members[1:] - members[0]) ** 2).sum(axis=0))  # three directions are all of four replicas
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"directions": 12}, CommandLineError, "Hessian set: expected 1 to 11 directions of 12 replicas, received 12"),
        ({"directions": 2, "name": "a b"}, CommandLineError, "expected a name of letters"),
        ({"directions": 2, "name": "replicas"}, OutputExistsError, "the PDF set exists already"),
    ],
)
def test_errors_leave_no_folder(library: Path, options: dict, error: type[N3fitError], message: str) -> None:
    before = sorted(path.name for path in library.iterdir() if not path.name.endswith(".lock"))
    source = replica_source(PDFSet(library / "replicas"))
    with pytest.raises(error, match=message):
        write_hessian_set(source, output=library, **options)
    assert sorted(path.name for path in library.iterdir() if not path.name.endswith(".lock")) == before


def test_existing_set_is_replaced_when_forced(library: Path) -> None:
    for directions in (2, 3):
        written = api.hessian(library / "replicas", directions=directions, output=library, name="h", force=True)
    assert PDFSet(written.folder).members == 4
    assert len(list(written.folder.glob("*.dat"))) == 4


def test_set_can_be_bundled(library: Path) -> None:
    """Members of another alpha_s follow the eigenvectors."""
    written = api.hessian(library / "replicas", directions=2, output=library, name="h")
    for name, value in (("low", "0.117"), ("up", "0.119")):
        set_library.write_replicas(library, np.zeros((3, 4)), name)
        info = library / name / f"{name}.info"
        lines = info.read_text().splitlines()
        info.write_text("\n".join(f"AlphaS_MZ: {value}" if line.startswith("AlphaS_MZ") else line for line in lines))
    bundle = PDFSet(api.bundle_pdf("both", written.folder, library / "low", library / "up", output=library))
    assert (bundle.info["ErrorType"], bundle.info["ErrorConfLevel"], bundle.members) == (
        "symmhessian+as", 68.268949, 5
    )  # fmt: skip
