"""Campaign files: values of the right kind, known keys, and keys that go together."""

from pathlib import Path

import pytest

from n3fit.campaign.reading import read_campaign
from n3fit.errors import CommandLineError, RuncardError

GOOD = """description: many fits
analysis: closure
runcard: card.yml
replicas: 21-40
seeds: {runs: 3, first: 5}
theories: [dis_nnlo, {theoryid: 401, alphas: 0.117}]
variations:
- {name: a, overrides: {parameters: {epochs: 10}}}
steps: {postfit: 15, evolve: true}
"""


def read(tmp_path: Path, text: str):
    path = tmp_path / "many.yml"
    path.write_text(text)
    return read_campaign(path)[0]


def test_values_are_read(tmp_path):
    campaign = read(tmp_path, GOOD)
    assert (campaign.analysis, campaign.replicas) == ("closure", (21, 40))
    assert (campaign.seeds.runs, campaign.seeds.first) == (3, 5)
    assert [(entry.theoryid, entry.alphas) for entry in campaign.theories] == [("dis_nnlo", None), (401, 0.117)]
    assert campaign.variations[0].overrides == {"parameters": {"epochs": 10}}
    assert (campaign.steps.postfit, campaign.steps.evolve, campaign.steps.report) == (15, True, False)
    assert read(tmp_path, "runcard: a.yml\nreplicas: 7\nseeds: 2\n").replicas == (1, 7)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("analysis: closure", "analyses: closure", ":2: analyses: expected a known key.*did you mean 'analysis'"),
        ("runs: 3", "run: 3", ":5: seeds.run: expected a known key.*did you mean 'runs'"),
        ("closure\n", "alpha\n", ":2: analysis: expected one of closure, alphas, table, received 'alpha'"),
        ("21-40", "40-21", ":4: replicas: expected a number of replicas, or the first and the last such as 21-40"),
        ("name: a,", "name: a b,", r":8: variations\[0\].name: expected a name without spaces"),
        ("postfit: 15", "postfit: 30", ":9: steps.postfit: expected at most 20, the number of replicas"),
        ("analysis: closure", "analysis: alphas", ":5: seeds: expected no seeds with `analysis: alphas`"),
        ("runcard: card.yml\n", "", ":1: runcard: expected a runcard or a list of runs, received neither"),
        ("401", "dis_nnlo", r":6: theories\[1\]: expected another theory, received 'dis_nnlo' again"),
        ("replicas", "batches: 2\nreplicas", ":4: batches: expected 1 unless `analysis: alphas`, received 2"),
        ("replicas", "fewest_points: 4\nreplicas", ":4: fewest_points: expected no such key"),
        ("steps", "runs: [{name: b}]\nsteps", r":9: runs\[0\].runcard: expected this key.*the runcard, relative to"),
    ],
)
def test_errors_name_the_line_the_key_and_what_was_expected(tmp_path, old, new, expected):
    assert old in GOOD
    with pytest.raises(RuncardError, match=f"many.yml{expected}"):
        read(tmp_path, GOOD.replace(old, new, 1))


@pytest.mark.parametrize(("text", "message"), [("- a\n", "expected lines such as"), ("a: [\n", "not valid YAML")])
def test_what_is_not_a_campaign_file(tmp_path, text, message):
    with pytest.raises(CommandLineError, match=message):
        read(tmp_path, text)
    with pytest.raises(CommandLineError, match="expected a campaign file, is not there"):
        read_campaign(tmp_path / "none.yml")
