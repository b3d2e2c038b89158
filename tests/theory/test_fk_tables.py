"""FK tables: written, read back, and contracted as pineappl itself does it."""

import numpy as np
import pineappl
import pytest
from support import problems

from n3fit.errors import TheoryError
from n3fit.storage import sha256_of_file
from n3fit.theory.fk_tables import FKTable, read_fk_table
from n3fit.theory.flavours import EXPORT_PIDS, FK_BASIS, FK_PIDS, FLAVOUR_TO_FK
from n3fit.theory.tables.fk_writer import write_fk_table
from n3fit.theory.theory_folders import EMBEDDED_FOLDER

XGRID = np.array([1e-4, 1e-2, 0.1, 0.5, 1.0])
PIDS = (21, 100, 200, 103, 124)
VALUES = np.random.default_rng(2).normal(size=(3, len(PIDS), len(XGRID)))


def write(path, values=VALUES, *, pids=PIDS, xgrid=XGRID, q0=1.65, **metadata):
    write_fk_table(path, values, pids=pids, xgrid=np.asarray(xgrid), q0=q0, metadata=metadata)
    return path


def random_flavours(x: float) -> np.ndarray:
    """Return x f of the 14 flavours at one x."""
    amplitudes = np.random.default_rng(5).uniform(0.1, 1.0, 14)
    powers = np.linspace(-0.2, 0.9, 14)
    return amplitudes * x**powers * (1.0 - 0.9 * x) ** 3


def with_pineappl(path) -> np.ndarray:
    """Contract by pineappl alone."""
    table = pineappl.fk_table.FkTable.read(str(path))
    position = {pid: index for index, pid in enumerate(EXPORT_PIDS)}

    def xfx(pid, x, q2):
        return float(random_flavours(x)[position[pid]])

    return np.array(table.convolve(pdg_convs=table.convolutions, xfxs=[xfx] * len(table.convolutions)))


def with_n3fit(table: FKTable) -> np.ndarray:
    return table.predict(np.array([FLAVOUR_TO_FK @ random_flavours(x) for x in table.xgrid]))


def test_round_trip(tmp_path):
    path = write(tmp_path / "NAME.pineappl.lz4", rows_without_theory="[2]")
    table = read_fk_table(path)
    assert (table.name, table.ndata, table.hadronic) == ("NAME", 3, False)
    assert table.q0 == pytest.approx(1.65, rel=1e-12)
    assert table.missing_rows == {2}
    assert table.sha256 == sha256_of_file(path)
    assert [FK_PIDS[channel] for channel in table.channels] == list(PIDS)
    assert [FK_BASIS[channel] for channel in table.channels] == ["g", "Sigma", "V", "T3", "T24"]
    np.testing.assert_allclose(table.xgrid, XGRID, rtol=1e-14)
    # pineappl acts on f, n3fit on x f
    np.testing.assert_allclose(table.values, VALUES / XGRID, rtol=1e-13)
    with pytest.raises(ValueError, match="read-only"):
        table.values[0] = 0


def test_prediction_is_that_of_pineappl(tmp_path):
    path = write(tmp_path / "T.pineappl.lz4")
    np.testing.assert_allclose(with_n3fit(read_fk_table(path)), with_pineappl(path), rtol=1e-10)


@pytest.mark.parametrize("name", ["HERA_CC_318GEV_EM_SIGMARED", "NMC_NC_EM_P_F2", "NNPDF_POS_FLL_40", "INTEGXT3"])
def test_embedded_tables(name):
    path = EMBEDDED_FOLDER / "theory_dis_nnlo" / "fastkernel" / f"{name}.pineappl.lz4"
    np.testing.assert_allclose(with_n3fit(read_fk_table(path)), with_pineappl(path), rtol=1e-10, atol=1e-14)


def test_tables_of_theory_400(shared_theories):
    """One deep-inelastic table with a bin size, one hadronic one: the sum over nodes of pineappl."""
    folder = shared_theories / "theory_400" / "fastkernel"
    for path in [next(folder.glob("HERA_CC*EM*")), next(folder.glob("*POS*DY*"), next(folder.glob("*INTEG*")))]:
        np.testing.assert_allclose(with_n3fit(read_fk_table(path)), with_pineappl(path), rtol=1e-10, atol=1e-14)


@pytest.mark.slow
def test_every_table_of_theory_400(shared_theories):
    """The Les Houches toy PDF: a direct sum over pineappl's table, for every set."""
    from n3fit.theory.toy_pdf import les_houches_toy

    for path in sorted((shared_theories / "theory_400" / "fastkernel").glob("*.pineappl.lz4")):
        table = read_fk_table(path)
        toy = (FLAVOUR_TO_FK @ les_houches_toy(EXPORT_PIDS, table.xgrid)).T
        raw = pineappl.fk_table.FkTable.read(str(path))
        raw.rotate_pid_basis(pineappl.pids.PidBasis.Evol)
        position = {pid: index for index, pid in enumerate(FK_PIDS)}
        nodes = np.array(raw.x_grid())
        f = (FLAVOUR_TO_FK @ les_houches_toy(EXPORT_PIDS, nodes)).T / nodes[:, np.newaxis]
        expected = np.zeros(table.ndata)
        for channel, pids in enumerate(raw.channels()):
            product = f[:, position[np.ravel(pids)[0]]]
            if table.hadronic:
                product = np.multiply.outer(product, f[:, position[np.ravel(pids)[1]]])
            expected += np.array(raw.table())[:, channel].reshape(table.ndata, -1) @ product.ravel()
        expected /= np.array(raw.bin_normalizations())
        np.testing.assert_allclose(table.predict(toy), expected, rtol=1e-6, atol=1e-12, err_msg=path.name)


def test_prediction_of_many_replicas_at_once(tmp_path):
    for table in (read_fk_table(write(tmp_path / "T.pineappl.lz4")), problems.make_table("H", 2, hadronic=True)):
        pdf = np.random.default_rng(1).normal(size=(2, 3, len(table.xgrid), 14))
        result = table.predict(pdf)
        assert result.shape == (2, 3, table.ndata)
        np.testing.assert_allclose(result[1, 2], table.predict(pdf[1, 2]), rtol=1e-12)


def test_hadronic_prediction_is_a_double_sum():
    table = problems.make_table("H", 2, xgrid=[0.1, 0.5, 1.0], hadronic=True)
    pdf = np.random.default_rng(1).normal(size=(3, 14))
    expected = np.zeros(2)
    for row in range(2):
        for channel, (first, second) in enumerate(table.channels):
            expected[row] += pdf[:, first] @ table.values[row, channel] @ pdf[:, second]
    np.testing.assert_allclose(table.predict(pdf), expected, rtol=1e-12)


def test_selected_rows(tmp_path):
    table = read_fk_table(write(tmp_path / "T.pineappl.lz4"))
    chosen = table.select(np.array([2, 0]))
    np.testing.assert_array_equal(chosen.values, table.values[[2, 0]])


def test_rows_that_are_not_there(tmp_path):
    table = read_fk_table(write(tmp_path / "T.pineappl.lz4", rows_without_theory="[1]"))
    with pytest.raises(TheoryError, match="table T: expected a row for the point 3 of the data, received 3 rows"):
        table.select(np.array([0, 3]))
    with pytest.raises(TheoryError, match="no prediction for the points 1") as caught:
        table.select(np.array([0, 1]))
    assert "cuts" in caught.value.hint
    assert table.select(np.array([0, 2])).ndata == 2


def test_broken_list_of_missing_rows(tmp_path):
    for text in ("1, 2", '{"a": 1}', "[null]", "3"):
        path = write(tmp_path / "T.pineappl.lz4", rows_without_theory=text)
        with pytest.raises(TheoryError, match="expected a list of row numbers in the metadata 'rows_without_theory'"):
            read_fk_table(path)


@pytest.mark.parametrize("damage", ["truncated", "corrupt", "empty", "text"])
def test_fault_28_broken_file(damage, tmp_path, capfd):
    path = write(tmp_path / "T.pineappl.lz4")
    content = path.read_bytes()
    path.write_bytes(
        {
            "truncated": content[: len(content) // 2],
            "corrupt": content[:60] + bytes(40) + content[100:],
            "empty": b"",
            "text": b"<html>404</html>",
        }[damage]
    )
    with pytest.raises(TheoryError, match=r"T\.pineappl\.lz4: not a readable FK table") as caught:
        read_fk_table(path)
    assert caught.value.exit_code == 3
    assert caught.value.hint


def test_fault_28_missing_file(tmp_path):
    with pytest.raises(TheoryError, match=r"NO\.pineappl\.lz4"):
        read_fk_table(tmp_path / "NO.pineappl.lz4")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_fault_32_not_a_number(value, tmp_path):
    values = VALUES.copy()
    values[1, 2, 3] = value
    table = read_fk_table(write(tmp_path / "T.pineappl.lz4", values))
    with pytest.raises(TheoryError, match="table T: expected finite numbers in the rows 1"):
        table.select(np.array([0, 1, 2]))
    assert table.select(np.array([0, 2])).ndata == 2
