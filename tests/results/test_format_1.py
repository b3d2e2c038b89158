"""A fit folder of format 1, which an earlier version wrote: a closure test of two replicas, one chosen by postfit."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from n3fit.errors import DataError, ResourceError
from n3fit.results import select_replicas, write_postfit
from n3fit.results.closure import closure_estimates
from n3fit.results.reader import read_fit_folder

ARCHIVE = Path(__file__).parent / "reference" / "fit_format_1.zip"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(tmp_path)
    return tmp_path / "old"


def test_everything_that_it_records_is_read(path: Path) -> None:
    """The numbers are those that the earlier version read."""
    fit = read_fit_folder(path, checksums=True)
    assert fit.manifest.format == 1
    assert (fit.name, fit.title) == ("old", "a fit written in format 1")
    assert fit.description.positivity_threshold == 1e5
    assert [entry.flavour for entry in fit.description.preprocessing] == list(fit.description.flavours)
    assert fit.description.preprocessing[0].smallx == (1.05, 1.19)
    np.testing.assert_allclose(fit.results.alpha[1, :2], [1.16995943, 1.17192304], rtol=1e-8)
    np.testing.assert_allclose(fit.results.training.validation_history, [[155.62945557], [19.71689034]], rtol=1e-9)
    assert fit.pdf.shape == (2, 196, 14)
    assert fit.pdf[0, 100, 6] == 11.61036491394043
    np.testing.assert_allclose(fit.weights(2)["all_NNs"][0].ravel()[:2], [0.57245255, 0.53183824], rtol=1e-7)


def test_the_selection_and_the_means(path: Path) -> None:
    fit = read_fit_folder(path)
    assert fit.selection == "postfit"
    assert fit.replicas[fit.passing].tolist() == [1, 2]
    assert fit.replicas[fit.chosen].tolist() == [1]
    assert fit.postfit is not None
    assert fit.postfit.count == 1
    total = fit.summary().total
    assert total.t0 == pytest.approx(62.57484696609016, rel=1e-12)
    assert total.experimental == pytest.approx(58.76235733882096, rel=1e-12)
    before = read_fit_folder(path, use_postfit=False).summary().total
    assert before.t0 == pytest.approx(71.75778680493595, rel=1e-12)
    assert before.replicas_deviation == pytest.approx(21.049168989804777, rel=1e-12)


def test_the_closure_test(path: Path) -> None:
    total = closure_estimates(read_fit_folder(path)).total
    assert (total.points, round(total.chi2, 3), round(total.bias, 4)) == (14, 62.575, 54.4106)
    assert total.chi2_truth == pytest.approx(0.710, abs=5e-4)


def test_another_selection_is_written_in_the_present_format(path: Path) -> None:
    fit = read_fit_folder(path, use_postfit=False)
    from n3fit.results import Thresholds

    write_postfit(path, select_replicas(fit, thresholds=Thresholds(integrability=1e6)))
    assert json.loads((path / "postfit.json").read_text())["format"] == 2
    assert read_fit_folder(path).replicas[read_fit_folder(path).chosen].tolist() == [1, 2]


def test_damaged_replicas_are_named_and_left_out(path: Path) -> None:
    grid = path / "nnfit" / "replica_2" / "old.exportgrid"
    text = grid.read_text()
    grid.write_text(text.replace("replica: 2", "replica: 7"))  # of the right size
    with pytest.raises(DataError, match="replica: expected 2, received 7"):
        read_fit_folder(path)
    grid.write_text(text[:100])
    with pytest.raises(DataError, match=r"old\.exportgrid: expected \d+ bytes, received 100"):
        read_fit_folder(path)
    rest = read_fit_folder(path, skip_damaged=True)
    assert rest.replicas.tolist() == [1]
    assert list(rest.damaged) == [2]
    assert np.isfinite(rest.pdf).all()


@pytest.mark.parametrize("name", ["fit.npz", "residuals.npz"])
def test_damaged_arrays_are_named(path: Path, name: str) -> None:
    file = path / name
    content = file.read_bytes()
    file.write_bytes(b"\0" * len(content))
    with pytest.raises(DataError, match=f"{name}: not a file of arrays"):
        read_fit_folder(path)
    file.unlink()
    with pytest.raises(ResourceError, match=f"{name}: missing"):
        read_fit_folder(path)


def test_title_and_threshold_of_a_runcard_without_them(path: Path) -> None:
    card = path / "filter.yml"
    text = card.read_text()
    changed = text.replace("description: a fit written in format 1\n", "").replace(", threshold: 1.0e+5", "")
    padded = changed + "#" * (len(text) - len(changed) - 1) + "\n"
    assert len(padded) == len(text)
    card.write_text(padded)
    fit = read_fit_folder(path)
    assert (fit.title, fit.description.positivity_threshold) == ("", 1e-6)
