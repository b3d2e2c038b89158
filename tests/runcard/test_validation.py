"""Messages for violations of the schema."""

from collections.abc import Callable

import pytest

from n3fit.errors import RuncardError
from n3fit.runcard import parse_runcard
from n3fit.runcard.values import show_value
from n3fit.runcard.violations import MOST_VIOLATIONS

Change = Callable[..., str]

BASES = (
    "EVOL, NN31IC, NN31PC, FLAVOUR, FLAVOURPC, PDF4LHC20, CCBAR_ASYMM, CCBAR_ASYMM_FLAVOUR, POLARIZED_EVOL, "
    "POLARIZED_EVOL_CMP"
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("learning_rate:", "learningrate:"),
            "card:20: parameters.optimizer.learningrate: expected a known key, received 'learningrate' "
            "(did you mean 'learning_rate'?)",
        ),
        (("mcseed: 3", "mcseed: 3\nepochs: 10"), "card:14: epochs: expected a known key, received 'epochs' "
         "(epochs belongs at parameters.epochs)"),
        (("mcseed: 3", "mcseed: 3\nlearn_rate: 10"), "card:14: learn_rate: expected a known key, received 'learn_rate' "
         "(did you mean parameters.optimizer.learning_rate?)"),
        (("  fitbasis: EVOL", "  fitbasis: EVOL\n  genrep: false"), "card:14: genrep: expected one value, "
         "received another one at fitting.genrep: keep one of the two"),
        (("  fitbasis: EVOL", "  fitbasis: EVOL\n  posdatasets: []"), "card:30: fitting.posdatasets: expected a known "
         "key, received 'posdatasets' (posdatasets belongs at positivity.posdatasets)"),
        (("epochs: 17000", "epochs: 1e300"), "card:21: parameters.epochs: expected a smaller integer, "
         "received 1e+300"),
        (("epochs: 17000", "epochs: 1e10"), "card:21: parameters.epochs: expected less than 2147483648, "
         "received 10000000000.0"),
        (("theory: {theoryid: 400}\n", ""), "card:1: theory: expected this key, received nothing (the theory)"),
        (("  epochs: 17000\n", ""), "card:16: parameters.epochs: expected this key, received nothing "
         "(epochs to train, exactly)"),
        (("epochs: 17000", "epochs: 0"), "card:21: parameters.epochs: expected at least 1, received 0"),
        (("epochs: 17000", "epochs: 1.5"), "card:21: parameters.epochs: expected an integer, received 1.5"),
        (("epochs: 17000", "epochs: '1e3'"), "card:21: parameters.epochs: expected an integer, received '1e3' "
         "(remove the quotes)"),
        (("stopping_patience: 0.1", "stopping_patience: 1.5"),
         "card:22: parameters.stopping_patience: expected at most 1, received 1.5"),
        (("frac: 0.5", "frac: .nan"), "card:6: dataset_inputs[1].frac: expected a finite number, received nan"),
        (("frac: 0.5", "frac: half"), "card:6: dataset_inputs[1].frac: expected a number, received 'half'"),
        (("cfac: [QCD]", "cfac: QCD"), "card:8: dataset_inputs[1].cfac: expected a list, received 'QCD'"),
        (("smallx: [1.05, 1.19]", "smallx: [1.19, 1.05]"),
         "card:32: fitting.basis[0].smallx: expected two numbers [lowest, highest] with lowest <= highest, "
         "received [1.19, 1.05] (swap the two numbers)"),
        (("smallx: [1.05, 1.19]", "smallx: [.nan, 1.05]"),
         "card:32: fitting.basis[0].smallx[0]: expected a finite number, received nan"),
        (("trainable: false, smallx: [1.05", "trainable: 0, smallx: [1.05"),
         "card:32: fitting.basis[0].trainable: expected true or false, received 0"),
        (("fitbasis: EVOL", "fitbasis: POLARIZED_FLAVOURPC"), f"card:29: fitting.fitbasis: expected one of {BASES}, "
         "received 'POLARIZED_FLAVOURPC' (the flavours of POLARIZED_FLAVOURPC are not defined)"),
        (("fitbasis: EVOL", "fitbasis: [EVOL]"), f"card:29: fitting.fitbasis: expected one of {BASES}, "
         "received ['EVOL']"),
        (("sum_rules: true", "sum_rules: {MSR: true}"), "card:30: fitting.sum_rules: expected true, false or one of "
         "ALL, ALLBUTCSR, MSR, VSR, TSR, received a mapping with the keys MSR"),
        (("sum_rules: true", "sum_rules: CSR"), "card:30: fitting.sum_rules: expected true, false or one of "
         "ALL, ALLBUTCSR, MSR, VSR, TSR, received 'CSR' (did you mean 'VSR'?)"),
        (("optimizer_name: Nadam", "optimizer_name: Nadm"),
         "card:20: parameters.optimizer.optimizer_name: expected one of Adadelta, Adagrad, Adam, Adamax, Amsgrad, "
         "Nadam, RMSprop, SGD, received 'Nadm' (did you mean 'Nadam'?)"),
        (("theoryid: 400", "theoryid: ../400"), "card:10: theory.theoryid: expected the name of a theory: letters, "
         "digits and . _ + -, received '../400' (set the folder with --theory-path)"),
        (("rule: x > 0.1", "rule: x > > 0.1"),
         "card:47: added_filter_rules[0].rule: expected a condition such as 'x > 0.1', received 'x > > 0.1'"),
        (("rule: x > 0.1", "rule: open('f') > 0"),
         "card:47: added_filter_rules[0].rule: expected a condition such as 'x > 0.1', received \"open('f') > 0\" "
         "(another function is not allowed, only arithmetic, comparisons, and, or, not, abs, exp, fabs, log and sqrt)"),
        (("optimizer: {optimizer_name: Nadam, learning_rate: 2.621e-3, clipnorm: 6.073e-6}",
          "optimizer: {optimizer_name: Nadam, learning_rate: -1, clipnorm: 6.073e-6}"),
         "card:20: parameters.optimizer.learning_rate: expected at least 0, received -1"),
        (("clipnorm: 6.073e-6", "clipnorm: -1"),
         "card:20: parameters.optimizer.clipnorm: expected at least 0, received -1"),
        (("datacuts: {t0pdfset: TOYLH_nnlo, q2min: 3.49, w2min: 12.5}", "datacuts: 3.49"),
         "card:9: datacuts: expected a mapping of keys, received 3.49"),
        (("genrep: true", "genrep: 'yes'"), "card:14: genrep: expected true or false, received 'yes'"),
        (("variant: legacy\n  frac", "variant: no\n  frac"), "card:5: dataset_inputs[1].variant: expected text, "
         "received false (put quotes around it if text is meant)"),
    ],
)  # fmt: skip
def test_one_violation_one_line(changed: Change, change: tuple[str, str], message: str) -> None:
    with pytest.raises(RuncardError) as caught:
        parse_runcard(changed(change), name="card")
    assert str(caught.value) == message


def test_several_violations_in_the_order_of_the_file(changed: Change) -> None:
    text = changed(
        ("epochs: 17000", "epochs: 0"), ("trvlseed: 1", "trvlseed: -1\nfiatlux: {a: 1}"), ("frac: 0.5", "frac: 2")
    )
    with pytest.raises(RuncardError) as caught:
        parse_runcard(text, name="card")
    assert caught.value.message.splitlines() == [
        "card:6: dataset_inputs[1].frac: expected at most 1, received 2",
        "card:11: trvlseed: expected at least 0, received -1",
        "card:12: fiatlux: this key is known, and not supported yet: remove it to run without",
        "card:22: parameters.epochs: expected at least 1, received 0",
    ]


def test_a_misspelt_key_is_not_reported_as_missing_too(changed: Change) -> None:
    with pytest.raises(RuncardError) as caught:
        parse_runcard(changed(("  epochs:", "  epoch:")), name="card")
    assert str(caught.value).splitlines() == [
        "card:21: parameters.epoch: expected a known key, received 'epoch' (did you mean 'epochs'?)"
    ]


def test_very_many_violations_are_cut_short() -> None:
    with pytest.raises(RuncardError) as caught:
        parse_runcard("".join(f"word{index}: 1\n" for index in range(5000)), name="card")
    lines = caught.value.message.splitlines()
    assert len(lines) == MOST_VIOLATIONS + 1
    assert lines[-1] == "card: further errors not shown"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "nothing"),
        (True, "true"),
        (1.5, "1.5"),
        ("a\x1b[31m", r"'a\x1b[31m'"),
        ({}, "an empty mapping"),
        ({"a": 1, "b": 2}, "a mapping with the keys a, b"),
        ([1, 2], "[1, 2]"),
        (list(range(1000)), "a list of 1000"),
        ("x" * 1000, "'" + "x" * 59 + "..."),
    ],
)
def test_values_are_shown_short_and_safe(value: object, shown: str) -> None:
    assert show_value(value) == shown


def test_a_list_of_wrong_entries_is_not_called_short(changed: Change) -> None:
    text = changed(("variant: legacy}", "bsm_sector: tw}"), ("weight: 2", "bsm_sector: tw"))
    with pytest.raises(RuncardError) as caught:
        parse_runcard(text, name="card")
    assert [line.partition(": expected")[0] for line in caught.value.message.splitlines()] == [
        "card:3: dataset_inputs[0].bsm_sector",
        "card:7: dataset_inputs[1].bsm_sector",
    ]
