"""Faults 1 to 10 and 12 to 17: malformed runcards and names end with a clear message and exit code 2."""

import resource
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from support.runcards import change

from n3fit import api
from n3fit.cli.main import run
from n3fit.cli.session import Session
from n3fit.errors import CommandLineError, RuncardError
from n3fit.results import fit_name, prepare_folder
from n3fit.results.layout import check_fit_name
from n3fit.runcard import Runcard, RuncardWarning, parse_runcard, read_runcard

FLAVOURS = "\n".join(
    f"  - {{fl: {name}, smallx: [0.5, 1.1], largex: [1.4, 3.1], trainable: false}}"
    for name in ("sng", "g", "v", "v3", "v8", "t3", "t8", "t15")
)
CARD = f"""\
description: a fit without errors
dataset_inputs:
- {{dataset: HERA_NC_318GEV_EP-SIGMARED, variant: legacy, frac: 0.75}}
- {{dataset: HERA_CC_318GEV_EP-SIGMARED, variant: legacy, frac: 0.75}}
theory: {{theoryid: dis_nnlo}}
trvlseed: 1
nnseed: 2
mcseed: 3
genrep: true
diagonal_basis: false
parameters:
  nodes_per_layer: [25, 20, 8]
  activation_per_layer: [tanh, tanh, linear]
  layer_type: dense
  optimizer: {{optimizer_name: Nadam, learning_rate: 2.6e-3}}
  epochs: 950
  stopping_patience: 0.1
fitting:
  fitbasis: EVOL
  basis:
{FLAVOURS}
positivity:
  posdatasets:
  - {{dataset: NNPDF_POS_2P24GEV_F2U, maxlambda: 1e6}}
"""

Refused = Callable[..., str]


def _card(*changes: tuple[str, str]) -> str:
    return change(CARD, *changes)


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Run ``n3fit check`` on a card and return its message, after checking exit code and output of the refusal."""

    def check(path: Path, **options: object) -> Runcard:
        return read_runcard(path)

    monkeypatch.setattr(api, "check", check)

    def call(content: str | bytes) -> str:
        path = tmp_path / "card.yml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        code = run(["check", str(path)], Session())
        out, err = capsys.readouterr()
        assert code == 2
        assert out == ""
        assert "Traceback" not in err
        assert all(line.startswith(f"n3fit: error: {path}") for line in err.splitlines())
        assert sorted(tmp_path.iterdir()) == [path]
        return err.replace(str(path), "card.yml").strip()

    return call


def test_the_card_without_changes_is_accepted() -> None:
    assert parse_runcard(CARD).parameters.epochs == 950


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("epochs: 950", "epoch: 950"), "card.yml:16: parameters.epoch: expected a known key, received 'epoch' "
         "(did you mean 'epochs'?)"),
        (("trvlseed", "trlvseed"), "card.yml:6: trlvseed: expected a known key, received 'trlvseed' "
         "(did you mean 'trvlseed'?)"),
        (("frac: 0.75", "frak: 0.75"), "(did you mean 'frac'?)"),
    ],
)  # fmt: skip
def test_fault_01_unknown_key(refused: Refused, change: tuple[str, str], message: str) -> None:
    assert message in refused(_card(change))


def test_fault_02_duplicate_key(refused: Refused) -> None:
    message = refused(_card(("  epochs: 950", "  epochs: 950\n  epochs: 1000")))
    assert message == (
        "n3fit: error: card.yml:17: parameters.epochs: expected every key once, received it on lines 16 and 17"
    )


@pytest.mark.parametrize(
    ("changes", "key", "value"),
    [
        ([("epochs: 950", "epochs: 1e6")], "epochs", 1_000_000),
        ([("epochs: 950", "epochs: 40_000_000")], "epochs", 40_000_000),
        ([("layer_type: dense", "threshold_chi2: 1_0")], "threshold_chi2", 10.0),
        ([("layer_type: dense", "regularizer: None")], "regularizer", None),
    ],
)
def test_fault_03_numbers_mean_what_they_look_like(changes: list[tuple[str, str]], key: str, value: object) -> None:
    assert getattr(parse_runcard(_card(*changes)).parameters, key) == value


@pytest.mark.parametrize(
    ("word", "value"), [("on", True), ("yes", True), ("Off", False), ("no", False), ("FALSE", False)]
)
def test_fault_03_words_for_true_and_false(word: str, value: bool) -> None:
    assert parse_runcard(_card(("genrep: true", f"genrep: {word}"))).genrep is value


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("epochs: 950", "epochs: '1e6'"), "expected an integer, received '1e6' (remove the quotes)"),
        (("epochs: 950", "epochs: on"), "expected an integer, received true"),
        (("genrep: true", "genrep: 1"), "expected true or false, received 1"),
        (("genrep: true", "genrep: 'no'"), "expected true or false, received 'no'"),
        (("epochs: 950", "epochs: 9.5e2x"), "expected an integer, received '9.5e2x'"),
    ],
)
def test_fault_03_never_silently(refused: Refused, change: tuple[str, str], message: str) -> None:
    assert message in refused(_card(change))


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + level)}: &{chr(98 + level)} [{', '.join(['*' + chr(97 + level)] * 10)}]\n" for level in range(20)
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_card(("  epochs", "\tepochs")), "indent with spaces, not tabs"),
        (b"\xef\xbb\xbf" + CARD.encode(), "byte-order mark (save as UTF-8 without BOM)"),
        (CARD.replace("errors", "caf\xe9").encode("latin-1"), "card.yml:1: expected UTF-8, received the byte 0xe9"),
        (b"", "expected a runcard, received an empty file"),
        (b"a: 1\n" * 10_000_000, "expected at most 1000 kB, received more"),
        (BOMB, "expected at most 20000 values, received more, counting what aliases repeat"),
        ("[" * 900_000, "expected at most 32 levels, received deeper nesting"),
        ("- a\n" * 240_000, "expected at most 20000 values"),
    ],
    ids=["tab", "bom", "latin-1", "empty", "50 MB", "alias bomb", "nesting", "many"],
)
def test_fault_04_hostile_files_within_bounds(refused: Refused, content: str | bytes, message: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF)
    assert message in refused(content)
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert after.ru_utime - before.ru_utime < 20
    assert after.ru_maxrss - before.ru_maxrss < 200_000  # kB; the file of 50 MB is there already


@pytest.mark.parametrize(
    "value", ["!!python/object/apply:os.system ['touch pwned']", "!!python/name:os.system", "!include /etc/passwd"]
)
def test_fault_05_yaml_tags(
    refused: Refused, value: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    assert "expected a value without a tag" in refused(_card(("description: a fit", f"description: {value} #")))
    assert list(elsewhere.iterdir()) == []


def test_fault_06_nodes_do_not_match_the_basis(refused: Refused) -> None:
    assert refused(_card(("[25, 20, 8]", "[25, 20, 7]"))) == (
        "n3fit: error: card.yml:12: parameters.nodes_per_layer: expected 8 nodes in the last layer,"
        " one for each flavour of fitting.basis, received 7 in [25, 20, 7]"
    )


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ("[1.1, 0.5]", "with lowest <= highest, received [1.1, 0.5]"),
        ("[.nan, 1.1]", "expected a finite number, received nan"),
        ("[0.5, .inf]", "expected a finite number, received inf"),
        ("[0.5]", "expected"),
        ("0.5", "expected a list, received 0.5"),
    ],
)
def test_fault_07_bounds_of_the_preprocessing(refused: Refused, limits: str, message: str) -> None:
    for key, good in (("smallx", "[0.5, 1.1]"), ("largex", "[1.4, 3.1]")):
        assert message in refused(_card((f"{key}: {good}", f"{key}: {limits}")))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("stopping_patience: 0.1", "stopping_patience: 1.5"), "expected at most 1, received 1.5"),
        (("stopping_patience: 0.1", "stopping_patience: -0.1"), "expected at least 0, received -0.1"),
        (("epochs: 950", "epochs: 0"), "expected at least 1, received 0"),
        (("epochs: 950", "epochs: -5"), "expected at least 1, received -5"),
        (("epochs: 950", "epochs: 9.5"), "expected an integer, received 9.5"),
    ],
)
def test_fault_08_patience_and_epochs(refused: Refused, change: tuple[str, str], message: str) -> None:
    assert message in refused(_card(change))


def test_fault_08_any_number_of_epochs_is_kept() -> None:
    card = parse_runcard(CARD)
    assert card.parameters.epochs == 950
    start, growth = card.parameters.positivity.schedule(1e6, card.parameters.epochs)
    assert start * growth**9.5 == pytest.approx(1e6, rel=1e-12)


def test_fault_09_dropout_with_dense_per_flavour(refused: Refused) -> None:
    message = refused(_card(("layer_type: dense", "layer_type: dense_per_flavour\n  dropout: 0.2")))
    assert "parameters.dropout: expected 0 with layer_type: dense_per_flavour, received 0.2" in message


def test_fault_10_repeated_dataset(refused: Refused) -> None:
    message = refused(_card(("HERA_CC_318GEV_EP-SIGMARED, variant: legacy", "HERA_NC_318GEV_EP-SIGMARED")))
    assert "dataset_inputs[1].dataset: expected every data set once, received HERA_NC_318GEV_EP-SIGMARED" in message


def test_fault_12_fractions_at_their_limits(refused: Refused) -> None:
    assert [entry.frac for entry in parse_runcard(_card(("frac: 0.75", "frac: 1"))).dataset_inputs] == [1.0, 1.0]
    one = parse_runcard(_card(("CC_318GEV_EP-SIGMARED, variant: legacy, frac: 0.75", "CC_318GEV_EP-SIGMARED, frac: 0")))
    assert [entry.frac for entry in one.dataset_inputs] == [0.75, 0.0]
    assert "so that training has data" in refused(_card(("frac: 0.75", "frac: 0")))
    assert "diagonal_frac: expected more than 0" in refused(_card(("diagonal_basis: false", "diagonal_frac: 0")))
    for bad in ("-0.1", "1.1", ".nan"):
        assert "dataset_inputs[0].frac: expected" in refused(_card(("frac: 0.75", f"frac: {bad}")))


@pytest.mark.parametrize("key", ["trvlseed: 1", "nnseed: 2", "mcseed: 3"])
def test_fault_13_seeds(refused: Refused, key: str) -> None:
    name = key.partition(":")[0]
    assert f"{name}: expected at least 0, received -1" in refused(_card((key, f"{name}: -1")))
    assert f"{name}: expected an integer" in refused(_card((key, f"{name}: None")))
    assert f"{name}: expected less than 4294967296, received 4294967296" in refused(_card((key, f"{name}: {2**32}")))
    assert getattr(parse_runcard(_card((key, f"{name}: {2**32 - 1}"))), name) == 2**32 - 1


def test_fault_14_positivity_set_among_the_data(refused: Refused) -> None:
    message = refused(_card(("HERA_CC_318GEV_EP-SIGMARED, variant: legacy", "NNPDF_POS_2P24GEV_FLL")))
    assert "expected a measurement, received the positivity set NNPDF_POS_2P24GEV_FLL" in message
    assert "(move it to positivity.posdatasets)" in message


def test_fault_15_feature_scaling_with_largex(refused: Refused) -> None:
    lines = refused(_card(("  layer_type: dense", "  feature_scaling_points: 5"))).splitlines()
    assert len(lines) == 8
    assert (
        "fitting.basis[0].largex: expected no largex, or [0, 0], beside parameters.feature_scaling_points" in lines[0]
    )


@pytest.mark.parametrize("key", ["ngen: 30000", "rngalgo: 0", "seed: 5", "fitmethod: NGA"])
def test_fault_16_dead_keys_are_named(key: str) -> None:
    name = key.partition(":")[0]
    with pytest.warns(
        RuncardWarning, match=f"card.yml:20: fitting.{name}: without effect: settings of the genetic algorithm"
    ):
        card = parse_runcard(_card(("  fitbasis: EVOL", f"  fitbasis: EVOL\n  {key}")), name="card.yml")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert card.model_dump() == parse_runcard(CARD).model_dump()


@pytest.mark.parametrize("name", ["../weights.h5", "a/weights.h5", "..", "my weights.h5", "/etc/weights.h5"])
def test_fault_17_names_of_files(refused: Refused, name: str) -> None:
    message = refused(_card(("genrep: true", f"genrep: true\nsave: {name}")))
    assert "save: expected the name of a file, without a folder, spaces or '..'" in message


@pytest.mark.parametrize("name", ["", "..", "../a", " a", "a ", ".hidden", "-r", "a\nb"])
def test_fault_17_names_of_fits(name: str) -> None:
    with pytest.raises(CommandLineError):
        check_fit_name(name)


@pytest.mark.parametrize("name", [".hidden", "-r", " fit", "a\\b"])
def test_fault_17_output_of_the_command(name: str, tmp_path: Path, refusal: Refused) -> None:
    (tmp_path / "card.yml").write_text(CARD)
    message = refusal("fit", tmp_path / "card.yml", f"--output={tmp_path / name}", code=2)
    assert "(the last part of --output names the fit)" in message
    assert [path.name for path in tmp_path.iterdir()] == ["card.yml"]


def test_fault_17_spaces_and_dots_inside_are_part_of_a_name(tmp_path: Path) -> None:
    assert fit_name(tmp_path / "fits" / ".." / "my fit 4.0") == "my fit 4.0"
    assert prepare_folder(tmp_path / "fits" / ".." / "my fit 4.0") == tmp_path / "my fit 4.0"
    assert list(tmp_path.iterdir()) == []


def test_refusals_are_errors_of_the_runcard() -> None:
    with pytest.raises(RuncardError) as caught:
        parse_runcard(_card(("epochs: 950", "epochs: 0")))
    assert caught.value.exit_code == 2
