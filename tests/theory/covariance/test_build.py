"""The covariance of real data sets from toy theories with varied scales."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.progress import RecordedSteps
from support.theories import SEVEN_POINT, relative_shifts, write_seven_theories

from n3fit.errors import DataError, TheoryError
from n3fit.lhapdf.pdf_sets import load_pdf_set
from n3fit.paths import SearchPaths
from n3fit.theory.covariance import varied_predictions
from n3fit.theory.covariance.build import (
    BuiltCovariance,
    TheoryCovarianceSettings,
    build_theory_covariance,
)
from n3fit.theory.covariance.power_corrections import PiecewiseLinear, PowerCorrections
from n3fit.theory.covariance.varied_theories import DatasetTheory
from n3fit.theory.predictions import observable_of, predict
from n3fit.theory.theories import open_theory

SETS = ("HERA_CC_318GEV_EM-SIGMARED", "SLAC_NC_NOTFIXED_P_EM-F2")
TABLES = ["HERA_CC_318GEV_EM_SIGMARED", "SLAC_NC_EM_P_F2"]
NAMED = {name: "scales_" + name.replace(".", "p").replace(" ", "_") for name in SEVEN_POINT}


@pytest.fixture(scope="module")
def theories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("theories")
    assert write_seven_theories(folder, TABLES) == NAMED
    return folder


@pytest.fixture(scope="module")
def entries(embedded_datasets: Any) -> list[DatasetTheory]:
    return [DatasetTheory(embedded_datasets[name], ()) for name in SETS]


@pytest.fixture
def build(theories: Path, toy_pdf_sets: Path, entries: list[DatasetTheory]) -> Any:
    def run(*chosen: DatasetTheory, progress: RecordedSteps | None = None, **changes: Any) -> BuiltCovariance:
        values: dict[str, Any] = {"prescriptions": ("7 point",), "pdf": "toy", "theories": NAMED}
        return build_theory_covariance(
            TheoryCovarianceSettings(**(values | changes)),
            chosen or entries,
            theory=open_theory("dis_nnlo"),
            central="dis_nnlo",
            paths=SearchPaths(theories, toy_pdf_sets),
            progress=progress or RecordedSteps(),
        )

    return run


@pytest.fixture(scope="module")
def predictions(entries: list[DatasetTheory], toy_pdf_sets: Path) -> list[np.ndarray]:
    theory, toy = open_theory("dis_nnlo"), load_pdf_set("toy", [toy_pdf_sets])
    return [predict(observable_of(theory, entry.dataset), toy, theory.q0)[0] for entry in entries]


def expected_shapes(entries: list[DatasetTheory], predictions: list[np.ndarray]) -> list[np.ndarray]:
    """Return the shift of each kept point of the data sets under a variation of size one."""
    return [
        prediction * relative_shifts(entry.dataset.ndata_file, 1.0)[entry.dataset.indices]
        for entry, prediction in zip(entries, predictions, strict=True)
    ]


def test_seven_points_of_two_categories(build: Any, entries: Any, predictions: list[np.ndarray]) -> None:
    built = build()
    charged, neutral = expected_shapes(entries, predictions)
    within, between = 29.75e-4, 4.541666667e-4
    size = len(charged)
    matrix = built.covariance.matrix
    np.testing.assert_allclose(matrix[:size, :size], within * np.outer(charged, charged), rtol=1e-8)
    np.testing.assert_allclose(matrix[size:, size:], within * np.outer(neutral, neutral), rtol=1e-8)
    np.testing.assert_allclose(matrix[:size, size:], between * np.outer(charged, neutral), rtol=1e-8)
    np.testing.assert_array_equal(matrix, matrix.T)
    assert np.linalg.eigvalsh(matrix).min() > -1e-12 * np.trace(matrix)
    assert built.theories == NAMED
    assert (built.pdf, built.user_matrix) == ("toy", None)
    assert [len(digest) for digest in built.hashes.values()] == [64] * 7


def test_prescriptions_add_up(build: Any) -> None:
    both = build(prescriptions=("7 point", "3 point"))
    parts = [build(prescriptions=(name,)).covariance.matrix for name in ("7 point", "3 point")]
    np.testing.assert_allclose(both.covariance.matrix, sum(parts), rtol=1e-12)
    assert list(both.covariance.sources) == ["7 point", "3 point"]


def test_predictions_are_computed_once_for_the_same_content(build: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build().covariance.matrix

    def fail(*_: Any) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr(varied_predictions, "predict", fail)
    np.testing.assert_array_equal(build().covariance.matrix, first)


def test_power_corrections_take_the_theory_of_the_fit(build: Any, predictions: list[np.ndarray], entries: Any) -> None:
    function = PiecewiseLinear((0.0, 0.1, 1.0), (0.2, 0.4, 0.0))
    power = PowerCorrections({"f2p": function}, ("DIS NC",))
    built = build(prescriptions=("power corrections",), power_corrections=power, theories={})
    neutral = entries[1].dataset
    height = predictions[1] / neutral.q2
    hats = [np.interp(neutral.x, function.nodes, row) for row in ([0.2, 0, 0], [0, 0.4, 0], [0, 0, 0])]
    expected = sum(np.outer(height * hat, height * hat) for hat in hats)
    size = len(predictions[0])
    np.testing.assert_allclose(built.covariance.matrix[size:, size:], expected, rtol=1e-9)
    assert not built.covariance.matrix[:size].any()
    assert built.theories == {}


def test_the_matrix_of_the_user_is_multiplied_and_added(
    build: Any, entries: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = entries[1].dataset
    rows = ["group\t\t\t" + "DIS NC\t" * len(dataset), "dataset\t\t\t", "id\t\t\t"]
    matrix = np.full((len(dataset), len(dataset)), 0.01) + np.diag(np.full(len(dataset), 0.03))
    for index, numbers in zip(dataset.indices, matrix, strict=True):
        rows.append("\t".join(["DIS NC", dataset.name, str(index), *(repr(float(value)) for value in numbers)]))
    (tmp_path / "mine.csv").write_text("\n".join(rows) + "\n")
    monkeypatch.chdir(tmp_path)
    progress = RecordedSteps()
    alone = build(prescriptions=(), user_matrix="mine.csv", factor=2.0, progress=progress)
    size = len(entries[0].dataset)
    np.testing.assert_allclose(alone.covariance.matrix[size:, size:], 2.0 * matrix, rtol=1e-12)
    assert not alone.covariance.matrix[:size].any()
    assert progress.messages == [f"theory covariance: mine.csv: has no covariance of {SETS[0]}"]
    both = build(user_matrix="mine.csv")
    np.testing.assert_allclose(
        both.covariance.matrix, 0.5 * alone.covariance.matrix + build().covariance.matrix, rtol=1e-12, atol=1e-15
    )
    assert list(both.covariance.sources) == ["7 point", "user"]


def test_everything_that_is_missing_is_named_at_once(build: Any, entries: Any, embedded_datasets: Any) -> None:
    other = DatasetTheory(embedded_datasets["HERA_NC_318GEV_EM-SIGMARED"], ())
    factor = replace(entries[0], cfac=("QCD",))
    named = NAMED | {"2 2": "absent", "0.5 0.5": "gone", "1 2": NAMED["2 1"]}
    with pytest.raises(TheoryError) as raised:
        build(factor, other, theories=named)
    lines = raised.value.message.splitlines()
    assert lines[1].startswith("not found in")
    assert lines[1].endswith("absent (2 2), gone (0.5 0.5)")
    assert f"theory {NAMED['1 1']}: {SETS[0]} lacks CF_QCD_{TABLES[0]}.dat" in lines
    assert f"theory {NAMED['0.5 1']}: {other.dataset.name} lacks HERA_NC_318GEV_EM_SIGMARED" in lines
    assert any("XIF: expected 1 for the variation '1 2', received 2.0" in line for line in lines)
    assert "theorycovmatconfig.theories" in raised.value.hint


def test_an_unknown_pdf_set_is_named_with_its_key(build: Any) -> None:
    with pytest.raises(DataError, match=r"theorycovmatconfig.pdf: the PDF set 'toi' .*did you mean 'toy'"):
        build(pdf="toi")


def test_a_pdf_set_without_its_central_member_is_named(
    build: Any, toy_pdf_sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "empty.info").write_text((toy_pdf_sets / "toy" / "toy.info").read_text())
    monkeypatch.setenv("N3FIT_PDF_PATH", str(tmp_path))
    with pytest.raises(DataError, match=r"theorycovmatconfig.pdf: .*empty_0000.dat: missing"):
        build(pdf="empty")


def test_a_set_of_another_particle_is_refused(
    build: Any, toy_pdf_sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pion").mkdir()
    info = (toy_pdf_sets / "toy" / "toy.info").read_text()
    (tmp_path / "pion" / "pion.info").write_text(f"{info}Particle: 211\n")
    (tmp_path / "pion" / "pion_0000.dat").write_text((toy_pdf_sets / "toy" / "toy_0000.dat").read_text())
    monkeypatch.setenv("N3FIT_PDF_PATH", str(tmp_path))
    with pytest.raises(DataError, match="theorycovmatconfig.pdf: expected PDFs of the proton"):
        build(pdf="pion")
