"""Keys that stand in another mapping than their home."""

from collections.abc import Callable

import pytest

from n3fit.errors import RuncardError
from n3fit.runcard import RuncardWarning, parse_runcard
from n3fit.runcard.scopes import SCOPES, TOP, homes

Change = Callable[..., str]


def test_every_key_has_one_home() -> None:
    found = homes()
    assert set(found.values()) == {TOP, *SCOPES}
    assert not set(SCOPES) & found.keys()
    assert (found["sum_rules"], found["t0theoryid"], found["q2min"]) == ("fitting", "theory", "datacuts")
    assert (found["faketheoryid"], found["maxcores"]) == ("closuretest", TOP)


@pytest.mark.parametrize(
    ("change", "read", "value"),
    [
        (("  sum_rules: true\n", ""), lambda card: card.fitting.sum_rules, ("MSR",)),
        (("{theoryid: 400}", "{theoryid: 400, maxcores: 3}"), lambda card: card.maxcores, 3),
        (("  fitbasis: EVOL", "  fitbasis: EVOL\n  diagonal_frac: 0.5"), lambda card: card.diagonal_frac, 0.5),
        (("q2min: 3.49, ", "norm_threshold: 4, "), lambda card: card.norm_threshold, 4.0),
        (("theory: {theoryid: 400}", "theoryid: 300"), lambda card: card.theory.theoryid, 300),
        (("genrep: true", "genrep: true\nt0theoryid: 300"), lambda card: card.theory.t0theoryid, 300),
        (("genrep: true", "genrep: true\nq2min: 5"), lambda card: card.datacuts.q2min, 3.49),
    ],
)
def test_keys_work_in_every_scope(
    changed: Change, change: tuple[str, str], read: Callable[..., object], value: object
) -> None:
    text = changed(change, ("diagonal_basis: false", "diagonal_basis: true"), ("  frac: 0.5\n", ""))
    if "sum_rules" in change[0]:
        text += "sum_rules: MSR\n"
    if "q2min: 5" in text:
        with pytest.warns(RuncardWarning, match="card:14: q2min: without effect beside datacuts.q2min"):
            card = parse_runcard(text, name="card")
    else:
        card = parse_runcard(text, name="card")
    assert read(card) == value


def test_the_first_scope_counts_and_the_others_are_named(changed: Change) -> None:
    text = changed(
        ("  fitbasis: EVOL", "  fitbasis: EVOL\n  maxcores: 1"),
        ("{theoryid: 400}", "{theoryid: 400, maxcores: 2}"),
        ("genrep: true", "genrep: true\nmaxcores: 3"),
    )
    with pytest.warns(
        RuncardWarning, match=r"theory.maxcores, maxcores: without effect beside fitting.maxcores"
    ) as all_:
        assert parse_runcard(text).maxcores == 1
    assert len(all_) == 1


def test_errors_are_at_the_place_in_the_file(changed: Change) -> None:
    with pytest.raises(RuncardError, match=r"card:29: fitting.diagonal_frac: expected at most 1, received 2"):
        parse_runcard(changed(("  fitbasis: EVOL", "  diagonal_frac: 2\n  fitbasis: EVOL")), name="card")
    with pytest.raises(RuncardError, match=r"card:14: sum_rules: expected true, false or one of"):
        parse_runcard(changed(("  sum_rules: true\n", ""), ("genrep: true", "sum_rules: 3\ngenrep: true")), name="card")


@pytest.mark.parametrize("key", ["trvlseed: 1", "nnseed: 2", "mcseed: 3", "genrep: true"])
def test_old_places_are_read_with_a_warning(changed: Change, key: str) -> None:
    text = changed((f"{key}\n", ""), ("  fitbasis: EVOL", f"  fitbasis: EVOL\n  {key}"))
    name = key.partition(":")[0]
    with pytest.warns(RuncardWarning, match=rf"fitting.{name}: the old place of keys of the top level"):
        card = parse_runcard(text)
    assert card.model_dump() == parse_runcard(changed()).model_dump()


def test_epochs_and_parameters_in_their_old_places(changed: Change) -> None:
    text = changed(("  epochs: 17000\n", ""), ("  fitbasis: EVOL", "  fitbasis: EVOL\n  epochs: 300"))
    with pytest.warns(RuncardWarning, match=r"fitting.epochs: the old place of parameters.epochs"):
        assert parse_runcard(text).parameters.epochs == 300
    begin, end = changed().index("parameters:"), changed().index("fitting:")
    moved = "".join(f"  {line}\n" for line in changed()[begin:end].splitlines())
    text = changed((changed()[begin:end], ""), ("fitting:\n", f"fitting:\n{moved}"))
    with pytest.warns(RuncardWarning, match="fitting.parameters: the old place"):
        assert parse_runcard(text).parameters.epochs == 17000
