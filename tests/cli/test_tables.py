"""The summary of a fit as text."""

from dataclasses import replace

from n3fit.cli.tables import describe_fit
from n3fit.results import FitSummary


def test_describe_fit(summary: FitSummary) -> None:
    assert describe_fit(summary) == [
        "data set  points  t0 chi2/n of the mean  of the replicas",
        "NMC           10                  1.250   1.500 +- 0.250",
        "HERA          20                  1.000                -",
        "--------------------------------------------------------",
        "total         30                  1.125   1.300 +- 0.100",
        "replicas: 3 of 4 pass positivity; means over those that pass",
        "epochs: 200, best at epoch 150 on average",
        "time: training 1 min 05 s",
    ]


def test_after_postfit_the_vetoes_count(summary: FitSummary) -> None:
    chosen = replace(summary, passing=3, chosen=2, selection="postfit")
    assert "replicas: 3 of 4 pass; means over the 2 that postfit chose" in describe_fit(chosen)


def test_replicas_in_trouble_are_counted(summary: FitSummary) -> None:
    bad = replace(
        summary,
        passing=0,
        finite=2,
        guarded=1,
        selection="finite",
        status="interrupted",
        mean_best_epoch=float("nan"),
        timing={},
    )
    assert describe_fit(bad)[-3:] == [
        "replicas: 0 of 4 pass positivity, 2 stopped with numbers that are not finite,"
        " 1 with a sum rule that could not be imposed; means over all that are finite",
        "epochs: 200",
        "the fit is interrupted",
    ]
