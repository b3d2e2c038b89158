"""The tables of data sets of the user beside those of the library."""

from pathlib import Path

import pytest
from support.own_data import DATASET, ORIGINAL, change_file, copy_set

from n3fit.data.library_tables import table_uses
from n3fit.data.own_data import DATA_PATH_VARIABLE
from n3fit.data.own_tables import all_table_uses
from n3fit.errors import DataError


def test_a_copy_names_the_tables_of_the_original(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copy_set(tmp_path)
    library = table_uses()
    assert all_table_uses() == library
    uses = all_table_uses(tmp_path)
    assert uses[: len(library)] == library
    own = [use for use in uses if use.dataset == DATASET]
    original = [use for use in library if use.dataset == f"{ORIGINAL}_EM-SIGMARED"]
    assert [(use.variant, use.tables, use.points) for use in own] == [
        (use.variant, use.tables, use.points) for use in original
    ]
    monkeypatch.setenv(DATA_PATH_VARIABLE, str(tmp_path))
    assert all_table_uses() == uses
    folder.rename(folder.with_name(ORIGINAL))  # a name of the library
    assert all_table_uses() == library


def test_wrong_metadata_name_the_command_that_checks_them(tmp_path: Path) -> None:
    folder = copy_set(tmp_path)
    change_file(folder / "metadata.yaml", ("observable_name", "observable_nme"))
    with pytest.raises(DataError, match="not the metadata of data sets") as caught:
        all_table_uses(tmp_path)
    assert caught.value.hint == f"`n3fit data check {folder}` lists what is wrong"
