"""Channels of tables: which distributions are independent at the initial scale."""

import numpy as np
import pytest

from n3fit.theory.flavours import EXPORT_PIDS, FK_PIDS, FLAVOUR_TO_FK
from n3fit.theory.tables.channels import channel_names, channel_pids, fold_flavours
from n3fit.theory.theory_card import TheoryCard

CARDS = {
    3: TheoryCard(Q0=1.0, nf0=3, IC=0),
    4: TheoryCard(),
    5: TheoryCard(FNS="FFNS", NfFF=5, nf0=5),
}


def random_pdf(quarks):
    """Return random distributions without the heavier quarks and the photon."""
    values = np.random.default_rng(1).normal(size=(14, 7))
    for index, pid in enumerate(EXPORT_PIDS):
        if pid != 21 and abs(pid) > quarks:
            values[index] = 0
    return values


@pytest.mark.parametrize("quarks", [3, 4, 5])
def test_folding_keeps_predictions(quarks):
    pdf = random_pdf(quarks)
    coefficients = np.random.default_rng(2).normal(size=(14, 7))
    fk = FLAVOUR_TO_FK @ pdf
    channels = np.array([fk[FK_PIDS.index(pid)] for pid in channel_pids(CARDS[quarks])])
    assert np.sum(fold_flavours(coefficients, CARDS[quarks]) * channels) == pytest.approx(np.sum(coefficients * pdf))


def test_charm_has_channels_if_it_is_fitted():
    assert channel_names(CARDS[3]) == ("g", "T3", "T8", "Sigma", "V3", "V8", "V")
    assert channel_names(CARDS[4]) == ("g", "T3", "T8", "T15", "Sigma", "V3", "V8", "V15", "V")
    assert channel_pids(CARDS[5]) == (21, 103, 108, 115, 124, 100, 203, 208, 215, 224, 200)
    # fitted charm below its threshold, and charm from evolution above it
    assert channel_names(TheoryCard(Q0=1.25, nf0=3, IC=1)) == channel_names(CARDS[4])
    assert channel_names(TheoryCard(IC=0)) == channel_names(CARDS[3])
