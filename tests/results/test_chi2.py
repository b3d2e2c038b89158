"""Tables of chi2 as text: exact, and refused where they are damaged."""

import re
from pathlib import Path

import numpy as np
import pytest

from n3fit.errors import DataError, ResourceError
from n3fit.results.chi2 import Chi2Table, read_table, table_to_csv

TABLE = Chi2Table(
    names=("NMC", 'odd, "name"'),
    points=np.array([3, 0]),
    t0=np.array([1.5, np.nan]),
    experimental=np.array([0.1 + 0.2, 1e300]),
    t0_replicas=np.array([[1.0, 2.0], [np.inf, -0.0]]),
    experimental_replicas=np.array([[1 / 3, 5e-324], [7.0, 8.0]]),
)
TEXT = """\
name,points,t0,experimental,t0_replica_4,t0_replica_9,experimental_replica_4,experimental_replica_9
NMC,3,1.5,0.30000000000000004,1.0,inf,0.3333333333333333,7.0
"odd, \"\"name\"\"",0,nan,1e+300,2.0,-0.0,5e-324,8.0
"""


def test_every_bit_is_kept(tmp_path: Path) -> None:
    assert table_to_csv(TABLE, [4, 9]) == TEXT
    path = tmp_path / "chi2.csv"
    path.write_text(TEXT)
    back = read_table(path, [4, 9])
    assert back.names == TABLE.names
    for name in ("points", "t0", "experimental", "t0_replicas", "experimental_replicas"):
        assert getattr(back, name).tobytes() == getattr(TABLE, name).tobytes(), name
        assert getattr(back, name).shape == getattr(TABLE, name).shape, name


def test_a_fit_without_data_has_empty_columns(tmp_path: Path) -> None:
    path = tmp_path / "chi2.csv"
    path.write_text(TEXT.splitlines()[0] + "\n")
    table = read_table(path, [4, 9])
    assert (table.names, table.t0.shape, table.t0_replicas.shape) == ((), (0,), (2, 0))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (TEXT, "", "chi2.csv: expected a header for 2 replicas, received []"),
        ("t0_replica_9", "t0_replica_8", "chi2.csv: expected a header for 2 replicas, received [['name', 'points'"),
        (",7.0\n", "\n", "chi2.csv, line 2: expected 8 columns, received 7"),
        (",8.0\n", ",8.0,9.0\n", "chi2.csv, line 3: expected 8 columns, received 9"),
        ("NMC,3,", "NMC,3.5,", "chi2.csv: invalid literal for int() with base 10: '3.5'"),
        (",1.5,", ",one,", "chi2.csv: could not convert string to float: 'one'"),
    ],
)
def test_damage_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "chi2.csv"
    assert TEXT.count(old) == 1
    path.write_text(TEXT.replace(old, new))
    with pytest.raises(DataError, match=re.escape(message)) as caught:
        read_table(path, [4, 9])
    assert caught.value.exit_code == 3
    assert caught.value.hint == "the file is damaged; restore it or fit again"


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match=r"chi2\.csv") as caught:
        read_table(tmp_path / "chi2.csv", [1])
    assert caught.value.exit_code == 4
