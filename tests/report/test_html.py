import math

from n3fit.report.html import breakable, sort_key


def test_names_break_after_underscores_and_stay_escaped() -> None:
    assert breakable("A_<b>_C") == "A_<wbr>&lt;b&gt;_<wbr>C"


def test_cells_are_sorted_by_numbers_that_are_known() -> None:
    assert sort_key(330.123456) == ' data-key="330.123"'
    assert [sort_key(value) for value in (None, math.nan, math.inf)] == ["", "", ""]
