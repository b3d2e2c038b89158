"""New runcards with the theory that comes with n3fit."""

from pathlib import Path

import pytest

from n3fit import api
from n3fit.errors import CommandLineError, MissingInputsError, OutputExistsError, RuncardError, TheoryError
from n3fit.runcard import parse_runcard
from n3fit.seeds import derive_seed

RUNCARDS = Path(__file__).parents[2] / "runcards"


def test_the_card_without_options(tmp_path: Path) -> None:
    made = api.init(output=tmp_path / "new.yml")
    assert made.path == tmp_path / "new.yml"
    assert made.text == made.path.read_text()
    assert (made.theory, made.basis, len(made.datasets)) == ("dis_nnlo", "EVOL", 5)
    assert made.seeds["nnseed"] == derive_seed(1, "new runcard", name="nnseed")
    assert made.commands == (
        f"n3fit check {made.path}",
        f"n3fit fit {made.path} -r 1-20 --postfit 15 --evolve --report",
    )
    card = parse_runcard(made.text, name="new.yml")
    assert (len(card.positivity.posdatasets), len(card.integrability.integdatasets)) == (12, 2)


@pytest.mark.slow
@pytest.mark.parametrize("basis", [None, "NN31IC", "FLAVOUR", "CCBAR_ASYMM", "CCBAR_ASYMM_FLAVOUR"])
def test_the_card_passes_the_check(place: Path, basis: str | None) -> None:
    made = api.init(basis=basis, output=place / f"{basis}.yml")
    summary = api.check(made.path, replicas=range(1, 3))
    assert isinstance(summary, api.CheckSummary)
    assert (summary.points, len(summary.positivity)) == (1201, 12)


@pytest.mark.slow
def test_the_card_can_be_fitted(place: Path) -> None:
    made = api.init(output=place / "new.yml")
    short = made.text.replace("epochs: 17000", "epochs: 200")
    (place / "short.yml").write_text(short)
    summary = api.fit(place / "short.yml", replicas=range(1, 3), output=place / "fit").summary()
    assert (summary.finite, summary.points) == (2, 1201)


def test_data_of_a_runcard_and_more(tmp_path: Path) -> None:
    made = api.init(like=str(RUNCARDS / "dis.yml"), data=["EMC_NC_250GEV_EM-F2C:rzero"])
    assert made.path is None
    assert (len(made.datasets), made.datasets[-1]) == (14, "EMC_NC_250GEV_EM-F2C:rzero")
    assert made.commands[0] == "n3fit check CARD.yml"
    assert api.init(like="dis").datasets == made.datasets[:-1]


def test_keys_of_another_card_that_are_not_taken_over_are_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    card = tmp_path / "card.yml"
    text = (RUNCARDS / "dis.yml").read_text()
    card.write_text(text.replace("variant: legacy}", "variant: legacy, weight: 2}", 1))
    assert api.init(like=str(card)).datasets == api.init(like="dis").datasets
    assert caplog.messages == [f"{card}: these keys of data sets are not taken over: weight"]


def test_old_names_of_data_sets_in_a_card(tmp_path: Path) -> None:
    card = tmp_path / "card.yml"
    text = (RUNCARDS / "dis.yml").read_text()
    old = "{dataset: NMCPD_dw_ite}"
    card.write_text(text.replace("{dataset: NMC_NC_NOTFIXED_EM-F2, variant: legacy_dw}", old))
    assert api.init(like=str(card)).datasets[0] == "NMC_NC_NOTFIXED_EM-F2:legacy_dw"


def test_paths_are_quoted_in_the_next_commands(tmp_path: Path) -> None:
    made = api.init(output=tmp_path / "my card.yml")
    assert made.commands[0] == f"n3fit check '{tmp_path}/my card.yml'"
    assert made.commands[0] in made.text


def test_another_seed_gives_other_seeds() -> None:
    assert set(api.init(seed=2).seeds.values()).isdisjoint(api.init().seeds.values())
    assert api.init(seed=2) == api.init(seed=2)


def test_missing_data_sets_are_named_with_those_that_the_theory_has() -> None:
    with pytest.raises(MissingInputsError) as caught:
        api.init(data=["CMS_TTBAR_8TEV_TOT_X-SEC", "HERA_NC_318GEV_EP-SIGMRED", "NMC_NC_NOTFIXED_P_EM-SIGMARED"])
    lines = caught.value.message.splitlines()
    assert lines[:3] == [
        "CMS_TTBAR_8TEV_TOT_X-SEC: theory dis_nnlo has no tables of this data set",
        "HERA_NC_318GEV_EP-SIGMRED: theory dis_nnlo has no tables of this data set"
        " (did you mean 'HERA_NC_318GEV_EP-SIGMARED'?)",
        "NMC_NC_NOTFIXED_P_EM-SIGMARED: expected a variant, received none: NMC_NC_NOTFIXED_P_EM-SIGMARED:legacy",
    ]
    assert lines[3].startswith("theory dis_nnlo has: BCDMS_NC_NOTFIXED_D_EM-F2, ")
    assert "NNPDF_POS" not in lines[3]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("HERA_NC_318GEV_EP-SIGMARED:old", "expected one of the variants legacy, received old"),
        ("HERA_NC_318GEV_EP-SIGMARED::QCD", r"expected K-factors that the theory has \(none\), received QCD"),
        ("NUTEV_CC_NOTFIXED_FE_NU-SIGMARED:legacy:QCD", r"the theory has \(MAS\), received QCD"),
    ],
)
def test_variants_and_factors_that_are_not_there(data: str, message: str) -> None:
    with pytest.raises(MissingInputsError, match=message):
        api.init(data=[data])


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"basis": "NN31PC"}, TheoryError, "has fitted charm, the basis NN31PC is for theories without it"),
        ({"basis": "EVO"}, CommandLineError, "did you mean 'EVOL'"),
        ({"like": "diss"}, CommandLineError, "expected one of small, dis, dis_nnpdf40 or a runcard, received 'diss'"),
        ({"like": "no.yml"}, RuncardError, "no.yml"),
        ({"like": "dis", "data": ["NMC_NC_NOTFIXED_EM-F2:legacy"]}, CommandLineError, "every data set once"),
        ({"unpolarized": "A"}, CommandLineError, "no such set in the unpolarised basis EVOL"),
        ({"theory": "no_such"}, TheoryError, "no_such"),
    ],
)
def test_arguments_that_do_not_fit_together(options: dict[str, object], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        api.init(**options)  # type: ignore[arg-type]


def test_an_existing_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "card.yml"
    path.write_text("mine")
    with pytest.raises(OutputExistsError):
        api.init(output=path)
    assert path.read_text() == "mine"
    assert api.init(output=path, force=True).path == path
