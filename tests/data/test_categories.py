"""Process categories, against the metadata of the data library."""

import re
from collections.abc import Callable

import pytest

from n3fit.data import CommonData
from n3fit.data.categories import CATEGORY_OF_TYPE, category_of, process_groups
from n3fit.data.library import library_folder
from n3fit.errors import DataError
from n3fit.vocabulary import PROCESS_CATEGORIES


def library_categories() -> dict[tuple[str, str], str]:
    """Return the category of every data set of the library by its name and process type."""
    found = {}
    for path in library_folder().glob("*/metadata.yaml"):
        text = path.read_text(encoding="utf-8")
        category = re.search(r"^\s*nnpdf31_process:[ \t]*[\"']?([A-Za-z ]+)", text, re.MULTILINE)
        if category is None:
            continue
        blocks = re.split(r"observable_name:\s*", text)[1:]
        for block in blocks:
            name = re.match(r"[\"']?([^\"'\s]+)", block)
            kind = re.search(r"^\s*process_type:\s*[\"']?([A-Za-z0-9_]+)", block, re.MULTILINE)
            if name is not None and kind is not None:
                found[f"{path.parent.name}_{name[1]}", kind[1]] = category[1].strip()
    return found


def test_every_data_set_of_the_library_has_its_category() -> None:
    library = library_categories()
    assert len(library) > 300
    wrong = {key: value for key, value in library.items() if category_of(*key) != value}
    assert wrong == {}


def test_categories_are_those_of_the_runcard() -> None:
    assert set(CATEGORY_OF_TYPE.values()) == set(PROCESS_CATEGORIES)
    assert category_of("CMS_TTBAR_8TEV_TOT_X-SEC", "INC") == "TOP"


def test_an_unknown_process_is_named() -> None:
    with pytest.raises(DataError, match="MINE_X: the process type 'DIS' belongs to no process category"):
        category_of("MINE_X", "DIS")


@pytest.mark.parametrize("name", ["MINE_NEW_TOT", "MINE"])
def test_a_total_cross_section_without_category_is_named(name: str) -> None:
    with pytest.raises(DataError, match=f"{name}: the process category .* is the second word of its name: .* TTBAR"):
        category_of(name, "INC")


def test_groups_are_in_order_of_first_appearance(make_dataset: Callable[..., CommonData]) -> None:
    sets = [
        make_dataset("HERA_CC_318GEV_EM-SIGMARED", [1.0], 0.1, process_type="DIS_CC"),
        make_dataset("SLAC_NC_NOTFIXED_P_EM-F2", [1.0], 0.1),
        make_dataset("MINE_X", [1.0], 0.1, process_type="OTHER"),
        make_dataset("SLAC_NC_NOTFIXED_D_EM-F2", [1.0], 0.1),
    ]
    groups = process_groups(sets)
    assert {name: [entry.name for entry in found] for name, found in groups.items()} == {
        "DIS CC": [sets[0].name],
        "DIS NC": [sets[1].name, sets[3].name],
        "OTHER": ["MINE_X"],
    }
    assert list(groups) == ["DIS CC", "DIS NC", "OTHER"]
