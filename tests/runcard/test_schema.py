"""Values and defaults of a runcard."""

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from n3fit.runcard import build_runcard, parse_runcard

Change = Callable[..., str]


def test_defaults_are_filled_in(card_text: str) -> None:
    left_out = ("diagonal_basis", "genrep", "datacuts", "  frac")
    card = parse_runcard("\n".join(line for line in card_text.splitlines() if not line.startswith(left_out)))
    assert card.genrep
    assert card.diagonal_basis
    assert card.diagonal_frac == 0.75
    assert card.use_t0_sampling
    assert not card.separate_multiplicative
    assert not card.same_trvl_per_replica
    assert card.datacuts.t0pdfset is None
    assert (card.datacuts.q2min, card.datacuts.w2min, card.datacuts.maxTau) == (None, None, None)
    assert card.datacuts.use_cuts == "internal"
    assert (card.filter_rules, card.drop_internal_rules, card.cuts_intersection_spec) == (None, (), ())
    assert card.parameters.positivity.threshold == 1e-6
    assert card.parameters.stopping_delta == 0
    assert card.tensorboard is None
    assert card.save is None
    assert card.load is None
    assert card.maxcores is None


def test_threshold_chi2_defaults_to_ten(changed: Change) -> None:
    card = parse_runcard(changed(("  threshold_chi2: 3.5\n", "")))
    assert card.parameters.threshold_chi2 == 10


def test_values_as_given(card_text: str) -> None:
    card = parse_runcard(card_text)
    first, second = card.dataset_inputs
    assert (first.dataset, first.variant, first.frac, first.weight, first.cfac) == (
        "NMC_NC_NOTFIXED_P_EM-SIGMARED",
        "legacy",
        1.0,
        1.0,
        (),
    )
    assert (second.frac, second.weight, second.cfac) == (0.5, 2.0, ("QCD",))
    assert card.theory.theoryid == 400
    assert card.parameters.nodes_per_layer == (25, 20, 8)
    assert card.parameters.optimizer.options == {"learning_rate": 2.621e-3, "clipnorm": 6.073e-6}
    assert card.fitting.flavours == ("sng", "g", "v", "v3", "v8", "t3", "t8", "t15")
    assert card.fitting.basis[5].smallx == (-0.37, 1.52)
    assert card.positivity.posdatasets[0].maxlambda == 1e6
    assert card.parameters.positivity.schedule(1e6, 17000)[0] == 184.8
    assert card.added_filter_rules[0].rule == "x > 0.1"
    assert card.source_text == card_text


def test_zero_switches_clipping_off_and_freezes_the_weights(changed: Change) -> None:
    """Zero is a value of its own: a missing option keeps the optimiser's default."""
    optimizer = "optimizer_name: Nadam, learning_rate: 2.621e-3, clipnorm: 6.073e-6"
    card = parse_runcard(changed((optimizer, "optimizer_name: Nadam, learning_rate: 0, clipnorm: 0")))
    assert card.parameters.optimizer.options == {"learning_rate": 0.0, "clipnorm": 0.0}
    card = parse_runcard(changed((optimizer, "optimizer_name: Nadam")))
    assert card.parameters.optimizer.options == {}


@pytest.mark.parametrize(
    ("given", "rules"),
    [
        ("true", ("MSR", "VSR")),
        ("on", ("MSR", "VSR")),
        ("ALL", ("MSR", "VSR")),
        ("ALLBUTCSR", ("MSR", "LVSR")),
        ("MSR", ("MSR",)),
        ("vsr", ("VSR",)),
        ("TSR", ("TSR",)),
        ("false", ()),
        ("no", ()),
    ],
)
def test_sum_rules(changed: Change, given: str, rules: tuple[str, ...]) -> None:
    card = parse_runcard(changed(("sum_rules: true", f"sum_rules: {given}")))
    assert card.fitting.sum_rules == rules


@pytest.mark.parametrize(
    ("given", "identifier"),
    [("400", 400), ("'400'", 400), ("dis_nnlo", "dis_nnlo"), ("708_alphas0.119", "708_alphas0.119")],
)
def test_theories_have_a_number_or_a_name(changed: Change, given: str, identifier: int | str) -> None:
    assert parse_runcard(changed(("theoryid: 400", f"theoryid: {given}"))).theory.theoryid == identifier


def test_a_card_cannot_be_changed(card_text: str) -> None:
    card = parse_runcard(card_text)
    with pytest.raises(ValidationError):
        card.nnseed = 5
    with pytest.raises(ValidationError):
        card.parameters.optimizer.learning_rate = 1.0


def test_a_card_survives_dumping_and_validating(card_text: str) -> None:
    card = parse_runcard(card_text)
    again = build_runcard(card.model_dump())
    assert again.model_dump() == card.model_dump()


def test_feature_scaling_goes_without_largex(card_text: str) -> None:
    text = "\n".join(line.split(", largex")[0] + "}" if "largex" in line else line for line in card_text.splitlines())
    card = parse_runcard(text.replace("  dropout: 0.0", "  dropout: 0.0\n  feature_scaling_points: 5"))
    assert card.parameters.feature_scaling_points == 5
    assert all(flavour.largex is None for flavour in card.fitting.basis)
