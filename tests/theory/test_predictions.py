"""Predictions by the members of a PDF set."""

from pathlib import Path

import numpy as np
import pytest
from support.problems import make_observable, make_table

from n3fit.errors import DataError
from n3fit.lhapdf.pdf_sets import PDFSet, load_pdf_set
from n3fit.theory.flavours import EXPORT_PIDS, FLAVOUR_TO_FK
from n3fit.theory.predictions import central_predictions, predict
from n3fit.theory.toy_pdf import les_houches_toy

Q0 = 1.65


@pytest.fixture
def scaled_set(toy_pdf_sets: Path, tmp_path: Path) -> PDFSet:
    """The toy PDF, and its double as member 1."""
    folder = tmp_path / "scaled"
    folder.mkdir()
    text = (toy_pdf_sets / "toy" / "toy_0000.dat").read_text()
    (folder / "scaled_0000.dat").write_text(text)
    lines = text.splitlines()
    head, rows = lines[:6], lines[6:-1]
    doubled = [" ".join(f"{2 * float(value):.10e}" for value in row.split()) for row in rows]
    (folder / "scaled_0001.dat").write_text("\n".join([*head, *doubled, "---"]) + "\n")
    info = (toy_pdf_sets / "toy" / "toy.info").read_text()
    (folder / "scaled.info").write_text(info.replace("NumMembers: 1", "NumMembers: 2"))
    return load_pdf_set("scaled", [tmp_path])


def test_members_and_observables_have_an_axis_each(scaled_set: PDFSet) -> None:
    linear = make_observable("LIN", [make_table("lin", 5)])
    jets = make_observable("JET", [make_table("jet", 3, hadronic=True)])
    received = predict([linear, jets], scaled_set, Q0, members=(0, 1))
    exact = linear.predict(lambda x: les_houches_toy(EXPORT_PIDS, x).T @ FLAVOUR_TO_FK.T)
    np.testing.assert_allclose(received[0, :5], exact, rtol=5e-3)
    np.testing.assert_allclose(received[1, :5], 2 * received[0, :5], rtol=1e-9)
    np.testing.assert_allclose(received[1, 5:], 4 * received[0, 5:], rtol=1e-9)


def test_the_central_member_by_name(scaled_set: PDFSet) -> None:
    observables = [make_observable(name, [make_table(name.lower(), 2)]) for name in ("ONE", "TWO")]
    received = central_predictions(observables, scaled_set, Q0)
    assert list(received) == ["ONE", "TWO"]
    np.testing.assert_array_equal(np.concatenate(list(received.values())), predict(observables, scaled_set, Q0)[0])
    assert predict([], scaled_set, Q0, members=(1,)).shape == (1, 0)


def test_predictions_that_are_not_finite_name_the_set(scaled_set: PDFSet) -> None:
    table = make_table("zero", 2)
    nothing = make_observable("RAT", [table, table.select(np.arange(2))], "RATIO")
    for entry in nothing.tables:
        entry.values[:] = 0.0
    with np.errstate(invalid="ignore"), pytest.raises(DataError, match="RAT: the PDF set scaled gives predictions"):
        predict(nothing, scaled_set, Q0)
