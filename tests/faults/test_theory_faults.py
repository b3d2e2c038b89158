"""Faults 28 to 34: theories that are damaged or do not match the data, as a user meets them in ``n3fit check``.

The theory is a copy of the tables that a small fit needs, of which one is broken.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support import problems
from support.runcards import SMALL_FIT

from n3fit.compression.folding import fold_observable, merged_xgrid
from n3fit.defaults import EMBEDDED_THEORY
from n3fit.storage import sha256_of_file
from n3fit.theory.fk_tables import read_fk_table
from n3fit.theory.flavours import EVOLUTION_BASIS, EVOLUTION_TO_FK, FK_PIDS
from n3fit.theory.observables import load_observable
from n3fit.theory.tables.fk_writer import write_fk_table
from n3fit.theory.theories import Theory
from n3fit.theory.theory_folders import EMBEDDED_FOLDER

EMBEDDED = EMBEDDED_FOLDER / f"theory_{EMBEDDED_THEORY}"
DATA = "HERA_CC_318GEV_EM_SIGMARED"
TABLES = (DATA, "NNPDF_POS_F2U_40", "NNPDF_POS_GLUON_40", "INTEGXT3")

Refusal = Callable[..., str]
Broken = Callable[..., str]


@pytest.fixture
def theory(tmp_path: Path, own_cache: Path) -> Path:
    """The folder of theory 7."""
    folder = tmp_path / "theory_7"
    (folder / "fastkernel").mkdir(parents=True)
    shutil.copy(EMBEDDED / "theory.yaml", folder)
    for name in TABLES:
        shutil.copy(table(EMBEDDED, name), folder / "fastkernel")
    return folder


@pytest.fixture
def check(tmp_path: Path, theory: Path, refusal: Refusal) -> Broken:
    """Check the card with theory 7, which must be refused; return the message."""

    def run_check(*changes: tuple[str, str]) -> str:
        text = SMALL_FIT.replace(f"theoryid: {EMBEDDED_THEORY}", "theoryid: 7")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "card.yml").write_text(text)
        return refusal("check", tmp_path / "card.yml", "--theory-path", tmp_path, code=3)

    return run_check


def table(folder: Path, name: str = DATA) -> Path:
    return folder / "fastkernel" / f"{name}.pineappl.lz4"


def rewrite(folder: Path, change: Callable[[np.ndarray], np.ndarray] = np.copy, *, q0: float | None = None) -> None:
    """Write the table of the data again, with other numbers or another initial scale."""
    path = table(folder)
    old = read_fk_table(path)
    pids = [FK_PIDS[channel] for channel in old.channels]
    values = change(old.values * old.xgrid)
    write_fk_table(path, values, pids=pids, xgrid=old.xgrid, q0=old.q0 if q0 is None else q0, metadata={})


def test_the_copy_is_accepted(tmp_path: Path, theory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So that each refusal below has the reason that its test names."""
    from n3fit import api

    rewrite(theory)
    (tmp_path / "card.yml").write_text(SMALL_FIT.replace(f"theoryid: {EMBEDDED_THEORY}", "theoryid: 7"))
    assert api.check(tmp_path / "card.yml", theory_path=tmp_path).points == 42


@pytest.mark.parametrize("damage", ["truncated", "corrupt", "empty", "text", "missing"])
def test_fault_28_a_damaged_table_is_named_and_the_library_is_caught(theory: Path, check: Broken, damage: str) -> None:
    path = table(theory)
    content = path.read_bytes()
    path.write_bytes(
        {
            "truncated": content[: len(content) // 2],
            "corrupt": content[:60] + bytes(40) + content[100:],
            "empty": b"",
            "text": b"<html>404</html>",
            "missing": b"",
        }[damage]
    )
    if damage == "missing":
        path.unlink()
    assert DATA in check()


def test_fault_29_rows_of_the_table_are_not_those_of_the_data(theory: Path, check: Broken) -> None:
    rewrite(theory, lambda values: values[:-1])
    assert (
        f"the tables {DATA} have 41 rows, the data 42 points (data and theory must be of the same release)" in check()
    )


def test_fault_30_tables_of_different_grids_are_combined_exactly(tmp_path: Path) -> None:
    """A ratio whose operands have different nodes, and an operand of two tables with different nodes."""
    (tmp_path / "fastkernel").mkdir()
    grids = {"A": [1e-3, 0.1, 0.5, 1.0], "B": [0.05, 0.1, 0.2, 1.0], "C": [1e-4, 0.3, 1.0]}
    for seed, (name, nodes) in enumerate(grids.items()):
        values = np.random.default_rng(seed).uniform(1, 2, (4 if name == "A" else 2, 1, len(nodes))) * nodes
        write_fk_table(table(tmp_path, name), values, pids=(21,), xgrid=np.array(nodes), q0=1.65, metadata={})
    theory = Theory("7", tmp_path, {"Q0": 1.65})
    observable = load_observable(theory, "D", [["A"], ["B", "C"]], "RATIO", np.array([0, 1, 3]), 4)

    def gluon(x: np.ndarray) -> np.ndarray:
        return x**-0.2 * (1.0 - x) ** 3

    parts = {name: read_fk_table(table(tmp_path, name)) for name in grids}
    sums = {name: part.values[:, 0] @ gluon(part.xgrid) for name, part in parts.items()}
    expected = (sums["A"] / np.concatenate([sums["B"], sums["C"]]))[[0, 1, 3]]

    xgrid = merged_xgrid(observable.tables)
    assert xgrid.tolist() == sorted({node for nodes in grids.values() for node in nodes})
    folded = fold_observable(observable, xgrid, EVOLUTION_BASIS)
    pdf = np.zeros((1, len(xgrid), len(EVOLUTION_BASIS)))
    pdf[0, :, EVOLUTION_BASIS.index("g")] = gluon(xgrid)
    np.testing.assert_allclose(problems.predict_folded(folded, pdf)[0], expected, rtol=1e-6)
    on_own_nodes = observable.predict(lambda x: np.einsum("xg,fg->xf", _gluon_alone(gluon(x)), EVOLUTION_TO_FK))
    np.testing.assert_allclose(on_own_nodes, expected, rtol=1e-12)


def _gluon_alone(values: np.ndarray) -> np.ndarray:
    basis = np.zeros((len(values), EVOLUTION_TO_FK.shape[1]))
    basis[:, EVOLUTION_BASIS.index("g")] = values
    return basis


def test_fault_31_a_missing_kfactor_is_named(theory: Path, check: Broken) -> None:
    change = ("variant: legacy", "variant: legacy, cfac: [QCD]")
    assert f"missing K-factors: CF_QCD_{DATA}.dat" in check(change)
    (theory / "cfactor").mkdir()
    (theory / "cfactor" / f"CF_QCD_{DATA}.dat").write_text("***\nshort\n***\n" + "1.0 0\n" * 41)
    assert f"expected 42 values as in table {DATA}, received 41" in check(
        ("variant: legacy", "variant: legacy, cfac: [QCD]")
    )


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_fault_32_a_table_with_numbers_that_are_not_finite(theory: Path, check: Broken, value: float) -> None:
    def spoil(values: np.ndarray) -> np.ndarray:
        values = values.copy()
        values[5, 0, 7] = value
        return values

    rewrite(theory, spoil)
    assert f"table {DATA}: expected finite numbers in the rows 5" in check()


def test_fault_33_initial_scale_and_charm_of_the_theory(theory: Path, check: Broken) -> None:
    rewrite(theory, q0=1.0)
    assert "expected the initial scale 1.65 GeV of theory 7, received 1 GeV" in check()
    card = theory / "theory.yaml"
    text = card.read_text()
    assert "IC: 1" in text
    card.write_text(text.replace("IC: 1", "IC: 0"))
    message = check()
    assert "the fitting basis EVOL fits charm, received IC: 0" in message
    assert "NN31PC" in message  # a basis that goes with this theory


def test_fault_34_a_table_with_another_checksum(theory: Path, check: Broken) -> None:
    sums = {name: {"sha256": sha256_of_file(table(theory, name))} for name in TABLES}
    (theory / "manifest.json").write_text(json.dumps({"tables": sums}))
    rewrite(theory, lambda values: values * (1 + 1e-6))
    message = check()
    assert f"the checksum {sums[DATA]['sha256'][:12]}... of the manifest of theory 7" in message
    assert "install the theory again" in message
