"""Runs of a campaign: names, seeds, theories and values of their runcards."""

from pathlib import Path

import pytest
from support.campaigns import CLOSURE, SMALL

from n3fit.campaign.expansion import Run, expand_campaign
from n3fit.campaign.schema import CampaignFile
from n3fit.errors import RuncardError
from n3fit.runcard import parse_runcard
from n3fit.seeds import derive_seed


def expand(tmp_path: Path, card: str = SMALL, **content) -> list[Run]:
    (tmp_path / "card.yml").write_text(card)
    return expand_campaign(CampaignFile.model_validate({"runcard": "card.yml", **content}), tmp_path)


def test_numbered_runs_have_seeds_that_follow_from_their_number(tmp_path):
    runs = expand(tmp_path, CLOSURE, seeds={"runs": 2, "first": 7})
    assert [run.name for run in runs] == ["run_7", "run_8"]
    card = parse_runcard(runs[1].card)
    seeds = {name: derive_seed(8, f"closure test, {name}") for name in ("filterseed", "trvlseed", "nnseed", "mcseed")}
    assert (card.trvlseed, card.nnseed, card.mcseed) == (seeds["trvlseed"], seeds["nnseed"], seeds["mcseed"])
    assert card.closuretest.filterseed == seeds["filterseed"]
    assert parse_runcard(expand(tmp_path, seeds=9)[7].card).nnseed == seeds["nnseed"]


def test_everything_is_combined_and_comments_stay(tmp_path):
    runs = expand(
        tmp_path,
        "# mine\n" + SMALL,
        replicas="3-5",
        overrides={"parameters": {"epochs": 50}},
        variations=[
            {"name": "fine", "overrides": {"parameters": {"optimizer": {"learning_rate": 1.23456789e-3}}}},
            {"name": "short", "overrides": {"parameters": {"epochs": 10, "nodes_per_layer": [5, 8]}, "debug": True}},
        ],
        theories=["dis_nnlo", 401],
        seeds=2,
        runs=[{"name": "alone", "runcard": "card.yml", "replicas": 4}],
    )
    assert [run.name for run in runs] == ["alone"] + [
        f"{variation}_theory_{theory}_run_{seed}"
        for variation in ("fine", "short")
        for theory in ("dis_nnlo", "401")
        for seed in (1, 2)
    ]
    cards = {run.name: parse_runcard(run.card) for run in runs}
    assert all(run.card.startswith("# mine\n") for run in runs)
    assert [run.replicas for run in runs] == [(1, 4)] + [(3, 5)] * 8
    fine, short = cards["fine_theory_401_run_1"], cards["short_theory_dis_nnlo_run_2"]
    assert (fine.theory.theoryid, fine.parameters.epochs, fine.debug) == (401, 50, False)
    assert fine.parameters.optimizer.learning_rate == 1.23456789e-3
    assert (short.parameters.epochs, short.parameters.nodes_per_layer, short.debug) == (10, (5, 8), True)
    assert cards["alone"].nnseed == parse_runcard(SMALL).nnseed


def test_scans_of_alpha_s_share_data_and_covariance(tmp_path):
    card = SMALL.replace("savepseudodata: true", "savepseudodata: false")
    theories = [{"theoryid": f"t{value}", "alphas": value / 1000} for value in (120, 118, 116)]
    runs = expand(tmp_path, card, analysis="alphas", theories=theories, batches=2)
    cards = [parse_runcard(run.card) for run in runs]
    assert [(run.theory, run.alphas, run.batch) for run in runs][:3] == [
        ("t120", 0.12, 1),
        ("t120", 0.12, 2),
        ("t118", 0.118, 1),
    ]
    assert {entry.theory.t0theoryid for entry in cards} == {"t118"}
    assert {entry.mcseed for entry in cards} == {3}
    assert all(entry.fitting.savepseudodata for entry in cards)
    assert len({entry.nnseed for entry in cards}) == 2
    assert cards[0].nnseed == cards[2].nnseed == 2


@pytest.mark.parametrize(
    ("content", "card", "message"),
    [
        (
            {"overrides": {"parameters": {"epochz": 3}}},
            SMALL,
            r"card.yml \(run card\).*epochz: .*did you mean 'epochs'",
        ),
        ({"overrides": {"dataset_inputs": []}}, SMALL, "expected a single value to replace"),
        ({"runs": [{"name": "card", "runcard": "card.yml"}]}, SMALL, "runs with the same name: card"),
        ({"runs": [{"name": "b", "runcard": "no.yml"}]}, SMALL, "no.yml: expected a runcard, is not there"),
        ({"analysis": "alphas"}, SMALL + "genrep: false\n", "genrep: expected true, received false"),
        ({"analysis": "alphas"}, CLOSURE, "closuretest.faketheoryid: expected a theory"),
    ],
)
def test_runcards_that_are_not_valid_are_refused_before_anything_runs(tmp_path, content, card, message):
    with pytest.raises(RuncardError, match=message):
        expand(tmp_path, card, **content)
