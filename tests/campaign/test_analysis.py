"""What is made of all fits of a campaign."""

from collections.abc import Callable

from support.campaigns import FakeFits

from n3fit.campaign.result import CampaignResult

Campaign = Callable[..., CampaignResult]
THREE = "analysis: closure\nruncard: card.yml\nreplicas: 4\nseeds: 3\n"


def test_without_an_analysis_there_is_no_problem(campaign: Campaign, fake_fits: FakeFits) -> None:
    result = campaign(THREE.replace("analysis: closure", "analysis: table"))
    assert result.error is None
    assert result.analysis.closure is result.analysis.alphas is result.analysis.problem is None


def test_an_analysis_without_fits_is_a_problem_of_its_own(campaign: Campaign, fake_fits: FakeFits) -> None:
    fake_fits.failing = {"run_1", "run_2", "run_3"}
    result = campaign(THREE)
    assert result.analysis.closure is None
    assert result.analysis.problem is not None
    assert result.error is not None
    assert result.error.message.startswith("3 of 3 runs failed")


def test_tables_that_changed_between_runs_are_named(campaign: Campaign, fake_fits: FakeFits) -> None:
    fake_fits.inputs = {
        "run_1": {"theory t: F2": "a" * 64, "data NMC": "1" * 64},
        "run_2": {"theory t: F2": "a" * 64, "data NMC": "2" * 64},
        "run_3": {"theory t: F2": "b" * 64},
    }
    result = campaign(THREE)
    assert result.error is not None
    assert result.error.message == "run run_3: theory t: F2 is not what it was in run run_1"
