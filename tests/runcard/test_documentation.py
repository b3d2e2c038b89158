"""docs/runcard.md has the tables that the schema generates."""

from pathlib import Path

import pytest

from n3fit.runcard.documentation import BEGIN, END, main, old_keys_table, reference_tables, update_page
from n3fit.vocabulary import OPTIMIZERS

PAGE = Path(__file__).parents[2] / "docs" / "runcard.md"


def test_the_page_is_the_generated_one() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert update_page(page) == page, "run: python -m n3fit.runcard.documentation docs/runcard.md"


def test_only_what_is_between_the_marks_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(f"# Title\n{BEGIN}\nold\n{END}\nlast\n")
    main([str(path)])
    assert path.read_text() == f"# Title\n{BEGIN}\n\n{reference_tables()}\n{old_keys_table()}\n{END}\nlast\n"


@pytest.mark.parametrize("page", ["", BEGIN, END + BEGIN, BEGIN + END + END])
def test_a_page_without_its_marks_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="expected a page with the marks"):
        update_page(page)


def test_defaults_of_the_optimisers_are_those_of_the_vocabulary() -> None:
    assert {options["clipnorm"] for options in OPTIMIZERS.values()} == {1.0}
    assert "| `parameters.optimizer.clipnorm` | number | 1.0 | at least 0 | " in reference_tables()
    assert "| `parameters.optimizer.amsgrad` | true or false | true for Amsgrad |  | " in reference_tables()
