"""The runcard of each replica: the same for all, or completed by the trial that ``trial_specs`` gives the replica."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from n3fit.errors import RuncardError
from n3fit.results.records import TrialRecord
from n3fit.results.scan_folder import find_scan
from n3fit.results.tries import DONE, STATUSES, TRIES, Try, best_tries, read_tries
from n3fit.runcard import Runcard, RuncardWarning
from n3fit.runcard.trial_runcard import complete_runcard, hyperparameters_of
from n3fit.runcard.trial_specs import TrialSpecs
from n3fit.storage import sha256_of_file

SCAN = ("trial_specs", "hyperscan")


@dataclass(frozen=True)
class ReplicaCards:
    """Complete runcards of the replicas of a fit.

    Parameters
    ----------
    cards : tuple of Runcard
        One for all replicas, or one for each trial, the best trial first.
    trials : tuple of TrialRecord
        The trials of the cards; empty without ``trial_specs``.
    hashes : mapping
        SHA-256 of the file of the trials, by its name.
    """

    cards: tuple[Runcard, ...]
    trials: tuple[TrialRecord, ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)

    @property
    def first(self) -> Runcard:
        """A complete card, for what all have in common."""
        return self.cards[0]

    @property
    def epochs(self) -> int:
        """The largest number of epochs of all cards, whichever replicas there are."""
        return max(card.parameters.epochs for card in self.cards)

    def of(self, replica: int) -> Runcard:
        """Return the card of the replica with a number."""
        return self.cards[self._place(replica)]

    def groups(self, replicas: Sequence[int]) -> list[tuple[Runcard, NDArray[np.intp]]]:
        """Return the cards that replicas use, in the order of their first replicas, each with the places of these.

        Parameters
        ----------
        replicas : sequence of int
            Their numbers.

        Returns
        -------
        list of (Runcard, (R,) int)
            Places are positions in ``replicas``.
        """
        places: dict[int, list[int]] = {}
        for position, replica in enumerate(replicas):
            places.setdefault(self._place(replica), []).append(position)
        return [(self.cards[place], np.array(slots, dtype=np.intp)) for place, slots in places.items()]

    def _place(self, replica: int) -> int:
        # the rule of TrialSpecs.trial_of; all replicas have the only card without trials
        return replica % len(self.cards)


def read_replica_cards(card: Runcard, *, source: Path) -> ReplicaCards:
    """Return the cards of the replicas of a fit; with ``trial_specs``, the trials of the scan are read.

    Parameters
    ----------
    card : Runcard
    source : Path
        The file of the runcard: the scan is looked for beside it too.

    Raises
    ------
    DataError
        The scan is missing or damaged.
    RuncardError
        It has too few trials, or the parameters of one are not those of a network for this card.

    Warns
    -----
    RuncardWarning
        Failed trials are among those used.
    """
    specs = card.trial_specs
    if specs is None:
        return ReplicaCards((card,))
    folder = find_scan(specs.hyperscan, folders=[source.parent], key=card.where(SCAN))
    path = folder / TRIES
    chosen = _choose(card, specs, read_tries(path), path)
    cards = tuple(complete_runcard(card, trial.parameters, name=f"{path}: trial {trial.tid}") for trial in chosen)
    return ReplicaCards(
        cards=cards,
        trials=tuple(
            TrialRecord(tid=trial.tid, loss=trial.loss, hyperparameters=hyperparameters_of(complete))
            for trial, complete in zip(chosen, cards, strict=True)
        ),
        hashes={f"trials of the scan {folder.name}": sha256_of_file(path)},
    )


def _choose(card: Runcard, specs: TrialSpecs, tries: Sequence[Try], path: Path) -> tuple[Try, ...]:
    """Return the trials that the replicas use, the best one first."""
    chosen = best_tries(tries, thermalization=specs.thermalization, number=specs.number_of_trials)
    if len(chosen) < specs.number_of_trials:
        ended = sum(trial.state == DONE for trial in tries)
        where = card.where((SCAN[0], "number_of_trials"))
        raise RuncardError(
            f"{where}: expected at most {len(chosen)}, the trials with a loss after the first {specs.thermalization} "
            f"of {ended} in {path}, received {specs.number_of_trials}",
            hint="lower number_of_trials or thermalization, or run a longer scan",
        )
    failed = [trial.tid for trial in chosen if trial.status != STATUSES[0]]
    if failed:
        text = f"failed trials are among the best {len(chosen)} of {path}: {', '.join(map(str, failed))}"
        warnings.warn(f"{card.where(SCAN)}: {text}", RuncardWarning, stacklevel=3)
    return chosen
