"""Groups of replicas: in the deterministic mode each replica is the same, bit by bit, whatever the others are."""

from pathlib import Path

import numpy as np
import pytest

from n3fit import api
from n3fit.results import FitFolder

CARD = (Path(__file__).parents[1] / "support" / "small_fit.yml").read_text()
DETERMINISTIC = ("nnseed: 2", "nnseed: 2\ndebug: true")
SINGLE = ("mcseed: 3", "mcseed: 3\nparallel_models: false")
SHORT = ("epochs: 120", "epochs: 60")
IMPATIENT = ("stopping_patience: 1.0", "stopping_patience: 0.1\n  stopping_delta: 0.05")


@pytest.fixture(scope="module")
def fit(place, toy_pdf_sets):
    """Fit some replicas of the card, changed."""

    def run(first: int, last: int, *changes: tuple[str, str]) -> FitFolder:
        text = CARD
        for old, new in (DETERMINISTIC, SHORT, IMPATIENT, *changes):
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        number = len(list(place.glob("*.yml")))
        card = place / f"card_{number}.yml"
        card.write_text(text)
        return api.fit(card, replicas=range(first, last + 1), output=place / f"fit_{number}", pdf_path=toy_pdf_sets)

    return run


def same_replica(one: FitFolder, other: FitFolder, replica: int) -> None:
    """Compare every bit of a replica in two fits."""
    grids = [
        (fit.path / "nnfit" / f"replica_{replica}" / f"{fit.path.name}.exportgrid").read_bytes() for fit in (one, other)
    ]
    assert grids[0] == grids[1]
    weights, others = one.weights(replica), other.weights(replica)
    assert set(weights) == set(others)
    for name in weights:
        for array, twin in zip(weights[name], others[name], strict=True):
            assert array.tobytes() == twin.tobytes(), name
    places = [fit.replicas.tolist().index(replica) for fit in (one, other)]
    for name in ("stop_epoch", "best_epoch", "training_chi2", "validation_chi2"):
        values = [getattr(fit.results.training, name)[place] for fit, place in zip((one, other), places, strict=True)]
        assert values[0] == values[1], name


def test_deterministic_mode_is_bit_identical(fit):
    several = fit(2, 4)
    assert several.pdf.shape[0] == 3
    for other in (fit(4, 4), fit(3, 4, SINGLE)):
        for replica in other.replicas.tolist():
            same_replica(several, other, replica)
    assert not np.array_equal(several.pdf[0], several.pdf[1])


@pytest.mark.slow
def test_deterministic_mode_with_twenty_replicas(fit):
    twenty = fit(1, 20)
    assert len(set(twenty.results.training.stop_epoch.tolist())) > 1
    for other in (fit(20, 20), fit(7, 9), fit(11, 12, SINGLE)):
        for replica in other.replicas.tolist():
            same_replica(twenty, other, replica)
