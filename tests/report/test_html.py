from n3fit.report.html import breakable


def test_names_break_after_underscores_and_stay_escaped() -> None:
    assert breakable("A_<b>_C") == "A_<wbr>&lt;b&gt;_<wbr>C"
