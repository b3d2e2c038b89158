"""Dead, renamed and not yet supported keys."""

import warnings
from collections.abc import Callable

import pytest

from n3fit.errors import RuncardError
from n3fit.runcard import RuncardWarning, parse_runcard
from n3fit.runcard.legacy import DEAD, LATER, RENAMED
from n3fit.runcard.reference import REFERENCE

Change = Callable[..., str]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ([("trvlseed: 1", "trvlseed: 1\nexperiments: []")], "card:12: experiments"),
        ([("q2min: 3.49", "combocuts: NNPDF31, q2min: 3.49")], "card:9: datacuts.combocuts"),
        ([("  fitbasis: EVOL", "  fitbasis: EVOL\n  rngalgo: 0")], "fitting.rngalgo"),
        ([("  fitbasis: EVOL", "  fitbasis: EVOL\n  ngen: 30000")], "fitting.ngen"),
        ([("fl: sng,", "fl: sng, mutsize: [15],")], r"fitting.basis\[0\].mutsize"),
    ],
)
def test_dead_keys_are_ignored_with_a_warning(changed: Change, changes: list[tuple[str, str]], key: str) -> None:
    with pytest.warns(RuncardWarning, match=key) as caught:
        card = parse_runcard(changed(*changes), name="card")
    assert len(caught) == 1
    assert "without effect" in str(caught[0].message)
    assert card.model_dump() == parse_runcard(changed()).model_dump()


def test_renamed_keys_are_read_under_the_new_name(changed: Change) -> None:
    text = changed(("{dataset: NNPDF_POS_2P24GEV_F2U, maxlambda", "{dataset: NNPDF_POS_2P24GEV_F2U, poslambda"))
    with pytest.warns(RuncardWarning, match=r"the old name of positivity.posdatasets\[0\].maxlambda"):
        card = parse_runcard(text)
    assert card.positivity.posdatasets[0].maxlambda == 1e6


def test_old_and_new_name_together_are_refused(changed: Change) -> None:
    with pytest.raises(RuncardError, match="expected one of poslambda and maxlambda, received both"):
        parse_runcard(changed(("maxlambda: 1e6", "maxlambda: 1e6, poslambda: 1e6")))


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ([("trvlseed: 1", "trvlseed: 1\nkfold: {partitions: []}")], "card:12: kfold"),
        ([("trvlseed: 1", "trvlseed: 1\nhyperscan_config: {}")], "hyperscan_config"),
        ([("trvlseed: 1", "trvlseed: 1\nclosuretest: {fakedata: true, errorsize: 2.0}")], "closuretest.errorsize"),
        ([("trvlseed: 1", "trvlseed: 1\nclosuretest: {fakedata: true, rancutmethod: 1}")], "closuretest.rancutmethod"),
        ([("trvlseed: 1", "trvlseed: 1\nclosuretest: {level: 0, faketheoryid: 200}")], "closuretest.faketheoryid"),
        ([("trvlseed: 1", "trvlseed: 1\nfiatlux: {luxset: x}")], "fiatlux"),
        ([("theoryid: 400", "theoryid: 400, t0theoryid: 200")], "card:10: theory.t0theoryid"),
        ([("weight: 2", "custom_group: x")], r"card:7: dataset_inputs\[1\].custom_group"),
    ],
)
def test_keys_for_later_are_refused(changed: Change, changes: list[tuple[str, str]], key: str) -> None:
    with pytest.raises(RuncardError, match=f"{key}: this key is known, and not supported yet"):
        parse_runcard(changed(*changes), name="card")


@pytest.mark.parametrize(
    "line",
    [
        "closuretest: {fakedata: false, filterseed: 1}",
        "theorycovmatconfig: None",
        "resample_negative_pseudodata: true",
        "drop_internal_rules: no",
        "fiatlux:",
    ],
)
def test_values_that_switch_nothing_on_are_accepted(changed: Change, line: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        card = parse_runcard(changed(("trvlseed: 1", f"trvlseed: 1\n{line}")))
    assert card.trvlseed == 1


def test_no_key_is_supported_and_not_supported() -> None:
    others = {".".join(part for part in path if part != "*") for path in (*DEAD, *LATER, *RENAMED)}
    assert not others & set(REFERENCE)
