"""Public runcards of the field, and small variations of a card, with the verdict of nnpdf 4.1.5 on them.

The cards and verdicts are beside the repository on some machines.
"""

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from support.json_schemas import schema_errors

from n3fit.cli.main import run
from n3fit.cli.session import Session
from n3fit.errors import RuncardError
from n3fit.hyperopt.scan_card import parse_scan_card, search_space
from n3fit.runcard import NotAFitError, Runcard, RuncardWarning, parse_runcard, read_runcard
from n3fit.runcard.json_schema import json_schema
from n3fit.runcard.legacy import LATER
from n3fit.runcard.yaml_reader import parse_yaml

Change = Callable[..., str]

SHARED = Path(__file__).parents[3] / "shared"
CARDS = sorted((SHARED / "cards").glob("*.yml"))
QED = {"fiatlux"}
SETS_ALONE = {"n3fit_runcards_reproduce_nnpdf40_NNPDF40_nnlo_as_01180_hessian"}
"""Cards that have no fit."""

needs_cards = pytest.mark.skipif(not CARDS, reason="the public runcards are not beside the repository")


@needs_cards
@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_public_cards_are_read(path: Path) -> None:
    """What is refused is refused by name, as not supported yet; the others follow the JSON schema too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuncardWarning)
        if path.stem in SETS_ALONE:
            with pytest.raises(NotAFitError):
                read_runcard(path)
            return
        try:
            card = read_runcard(path)
        except RuncardError as error:
            for line in error.message.splitlines():
                assert "known, and not supported yet" in line
            return
    assert isinstance(card, Runcard)
    assert schema_errors(json_schema(), parse_yaml(path.read_text(), path.name).data) == []


@needs_cards
@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_old_keys_are_one_line_for_each_kind(path: Path) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RuncardWarning)
        try:
            read_runcard(path)
        except RuncardError:
            return
    lines = [str(warning.message) for warning in caught]
    kinds = [line.partition("without effect")[1:] for line in lines]
    assert len(lines) == len(set(lines)) <= 8
    assert len({reason for _, reason in kinds if reason}) == sum(bool(reason) for _, reason in kinds)


@needs_cards
@pytest.mark.slow
@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_check_of_public_cards(path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What is missing is a theory, a set or a file of weights: exit code 3."""
    monkeypatch.chdir(path.parent)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = run(["check", path.name, "--theory-path", str(SHARED / "theories")], Session())
    refused = set(parse_yaml(path.read_text(), path.name).data) & QED
    assert code in ((2,) if refused else (0, 3)), capsys.readouterr().err


ACCEPTED = {
    "sys: 10 without variant": [("variant: legacy}", "sys: 10}")],
    "variant as a list": [("variant: legacy}", "variant: [legacy]}")],
    "quoted theoryid": [("theoryid: 400", 'theoryid: "40_000_000"')],
    "on and off": [("genrep: true", "genrep: on\ndebug: off")],
    "fakedata false with old keys": [
        ("genrep: true", "genrep: true\nclosuretest: {fakedata: false, errorsize: 1.0, rancutmethod: 0}")
    ],
    "no dropout": [("  dropout: 0.0\n", "")],
    "sum_rules in mixed case": [("sum_rules: true", "sum_rules: All")],
    "weight 0": [("weight: 2", "weight: 0")],
    "frac 1": [("frac: 0.5", "frac: 1")],
    "epochs with an exponent": [("epochs: 17000", "epochs: 2e2")],
    "patience 0": [("stopping_patience: 0.1", "stopping_patience: 0")],
    "no description": [("description: a small fit\n", "")],
    "one layer": [("[25, 20, 8]", "[8]"), ("[tanh, tanh, linear]", "[linear]")],
    "null save and load": [("genrep: true", "genrep: true\nsave: null\nload: null")],
    "no integrability": [
        ("integrability:\n  integdatasets:\n  - {dataset: NNPDF_INTEG_3GEV_XT3, maxlambda: 1e2}\n", "")
    ],
    # refused by nnpdf, without a reason that concerns n3fit
    "no mcseed without genrep": [("mcseed: 3\n", ""), ("genrep: true", "genrep: false")],
    "posdatasets without a value": [
        ("  posdatasets:\n  - {dataset: NNPDF_POS_2P24GEV_F2U, maxlambda: 1e6}", "  posdatasets:")
    ],
    "no initializer and layer_type": [("  initializer: glorot_normal\n", ""), ("  layer_type: dense\n", "")],
    "dense_per_flavour in parallel": [("layer_type: dense", "layer_type: dense_per_flavour")],
    "load false beside load_weights_from_fit": [
        ("genrep: true", "genrep: true\nload: false\nload_weights_from_fit: A")
    ],
}
"""Variations that run here; nnpdf accepts the first part too."""


@pytest.mark.parametrize("changes", ACCEPTED.values(), ids=ACCEPTED)
def test_variations_that_are_accepted(changed: Change, changes: list[tuple[str, str]]) -> None:
    card = parse_runcard(changed(*changes))
    assert card.debug is False
    if "40_000_000" in changes[0][1]:
        assert card.theory.theoryid == 40_000_000


STRICTER = {
    "unknown key at the top": ([("genrep: true", "genrep: true\nfoo: 1")], "foo: expected a known key"),
    "unknown key of a data set": ([("weight: 2", "foo: 1")], r"dataset_inputs\[1\].foo: expected a known key"),
    "quoted maxlambda": ([("maxlambda: 1e6", 'maxlambda: "1e6"')], r"maxlambda: expected a number, received '1e6'"),
    "data set twice": (
        [("HERA_NC_318GEV_EP-SIGMARED", "NMC_NC_NOTFIXED_P_EM-SIGMARED")],
        "expected every data set once",
    ),
    "K-factor twice": ([("[QCD]", "[QCD, QCD]")], "expected every K-factor once"),
    "measurement as positivity": (
        [("- {dataset: NNPDF_POS_2P24GEV_F2U, max", "- {dataset: NMC_NC_NOTFIXED_P_EM-SIGMARED, max")],
        "expected the name of a positivity set",
    ),
    "multiplier 0": ([("initial: 184.8, multiplier: null", "multiplier: 0")], "multiplier: expected more than 0"),
    "dropout 1": ([("dropout: 0.0", "dropout: 1.0")], "dropout: expected less than 1"),
}
"""Variations that nnpdf accepts and n3fit refuses on purpose: each hides a mistake, or has no meaning."""


@pytest.mark.parametrize(("changes", "message"), STRICTER.values(), ids=STRICTER)
def test_variations_that_are_refused_on_purpose(changed: Change, changes: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(RuncardError, match=message):
        parse_runcard(changed(*changes))


REFUSED = {
    "sys and variant": ([("variant: legacy}", "variant: legacy, sys: 10}")], "expected sys or variant"),
    "patience above 1": ([("stopping_patience: 0.1", "stopping_patience: 1.5")], "expected at most 1"),
    "unknown option of the optimiser": ([("clipnorm", "clipvalue")], "expected a known key, received 'clipvalue'"),
    "comment without a blank": ([("theoryid: 400}", "theoryid: 40_000_000# text}")], "expected the name of a theory"),
    "v15 in EVOL": ([("fl: t15", "fl: v15")], "expected a flavour of EVOL"),
}
"""Variations that both refuse."""


@pytest.mark.parametrize(("changes", "message"), REFUSED.values(), ids=REFUSED)
def test_variations_that_both_refuse(changed: Change, changes: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(RuncardError, match=message):
        parse_runcard(changed(*changes))


def test_only_the_photon_is_not_supported_yet() -> None:
    assert {pattern[0] for pattern in LATER if len(pattern) == 1} == QED


SCANS = ["Basic_hyperopt", "nnpdfpol20_hyperopt", "restricted_search_space_renew_hyperopt"]


@needs_cards
@pytest.mark.parametrize("name", SCANS)
def test_cards_of_scans_have_their_space(name: str) -> None:
    path = SHARED / "cards" / f"{name}.yml"
    card = parse_scan_card(path.read_text(), name, warn=False)
    assert card.diagonal_basis is False
    assert {entry.frac for entry in card.dataset_inputs} <= {0.6, 0.75}
    names = {parameter.name for parameter in search_space(card, path.parent).parameters()}
    assert {"optimizer", "n_layers", "units_1"} <= names
    assert ("positivity.initial" in names, "epochs" in names) == (
        name == "nnpdfpol20_hyperopt", name != "restricted_search_space_renew_hyperopt"
    )  # fmt: skip
