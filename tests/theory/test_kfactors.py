from pathlib import Path

import numpy as np
import pytest

from n3fit.errors import TheoryError
from n3fit.theory.kfactors import combined_kfactor, kfactor_path, read_kfactor

HEADER = "*****\nSetName: X\nAuthor: A. Uthor 1 2\n*****\n"


def write(folder: Path, name: str, body: str) -> None:
    (folder / "cfactor").mkdir(exist_ok=True)
    (folder / "cfactor" / f"CF_{name}.dat").write_text(HEADER + body)


def test_first_column_after_the_header(tmp_path: Path) -> None:
    write(tmp_path, "QCD_T", "  1.5 0.1\n\n 0.5 0.2\n")
    np.testing.assert_array_equal(read_kfactor(kfactor_path(tmp_path, "QCD", "T")), [1.5, 0.5])


def test_product_of_several(tmp_path: Path) -> None:
    write(tmp_path, "QCD_T", "1.5 0\n0.5 0\n")
    write(tmp_path, "EWK_T", "2 0\n4 0\n")
    write(tmp_path, "NRM_T", "10 0\n")
    np.testing.assert_array_equal(combined_kfactor(tmp_path, ["QCD", "EWK", "NRM"], "T", 2), [30, 20])
    np.testing.assert_array_equal(combined_kfactor(tmp_path, [], "T", 2), [1, 1])


def test_files_of_nnpdf_data_are_found(tmp_path: Path) -> None:
    values = read_kfactor(kfactor_path(tmp_path, "MAS", "NUTEV_CC_NU_FE_SIGMARED"))
    assert values.size == 45


def test_short_asterisks_and_foreign_letters(tmp_path: Path) -> None:
    (tmp_path / "cfactor").mkdir()
    path = tmp_path / "cfactor" / "CF_QCD_T.dat"
    path.write_bytes("* QCD\nAuthor: Müller 3 4\n*\n1.5 0\n".encode("latin-1"))
    np.testing.assert_array_equal(read_kfactor(path), [1.5])


def test_file_of_the_theory_wins_over_that_of_nnpdf_data(tmp_path: Path) -> None:
    write(tmp_path, "MAS_NUTEV_CC_NU_FE_SIGMARED", "2 0\n")
    np.testing.assert_array_equal(read_kfactor(kfactor_path(tmp_path, "MAS", "NUTEV_CC_NU_FE_SIGMARED")), [2.0])


def test_fault_31_missing_kfactor(tmp_path: Path) -> None:
    with pytest.raises(TheoryError, match="CF_QCD_T.dat was found neither in") as caught:
        combined_kfactor(tmp_path, ["QCD"], "T", 2)
    assert caught.value.exit_code == 3


def test_wrong_length_and_text_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "QCD_T", "1.5 0\n0.5 0\n2 0\n")
    with pytest.raises(TheoryError, match="expected 2 values as in table T, received 3"):
        combined_kfactor(tmp_path, ["QCD"], "T", 2)
    write(tmp_path, "QCD_T", "one 0\n")
    with pytest.raises(TheoryError, match="line 5: expected a number, received 'one 0'"):
        combined_kfactor(tmp_path, ["QCD"], "T", 2)
    write(tmp_path, "QCD_T", "nan 0\n")
    with pytest.raises(TheoryError, match="line 5: expected a finite number, received 'nan'"):
        combined_kfactor(tmp_path, ["QCD"], "T", 1)


def test_pointer_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "cfactor").mkdir()
    (tmp_path / "cfactor" / "CF_QCD_T.dat").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 123\n"
    )
    with pytest.raises(TheoryError, match=r"CF_QCD_T\.dat: a Git-LFS pointer") as caught:
        combined_kfactor(tmp_path, ["QCD"], "T", 1)
    assert "git lfs pull" in caught.value.hint
