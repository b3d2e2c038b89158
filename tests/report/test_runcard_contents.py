from pathlib import Path

import pytest
from support import outcomes

from n3fit.report.runcard_contents import most_cores
from n3fit.results import FitFolder


@pytest.mark.parametrize(
    ("cards", "expected"),
    [
        (("maxcores: 3\n", "maxcores: 2\n", "trvlseed: 1\n"), 2),
        (("# maxcores: 3\n",), None),
        (("maxcores: many\n",), None),
        (("{ not YAML, maxcores\n",), None),
    ],
)
def test_cores_are_the_fewest_of_the_runcards(cards: tuple[str, ...], expected: int | None, tmp_path: Path) -> None:
    fits: list[FitFolder] = []
    for number, card in enumerate(cards):
        outcome = outcomes.make_outcome(1, sets=())
        fits.append(outcomes.write_outcome(outcome, tmp_path / str(number), runcard_text=card))
    assert most_cores(fits) == expected
