"""n3fit against nnpdf: the same card, theory and machine, one after the other in one run.

``python benchmarks/bench_peer.py [CASE ...] [--peer FOLDER] [--theories FOLDER]``. For each case the peer fits, then
n3fit with an empty cache and again with the cache that this has left; cheap cases get further rounds while time is
left. Every measurement is added at once to a file of JSON lines; ``render.py`` makes the page of the documentation
from it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from cards import copy_with
from fits import FitError, measure_fit, theory_options
from machine import describe_machine, product_ms
from peer import Peer, PeerError
from records import Record, append_record, log, now
from render import peer_table

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
RESULTS = Path(__file__).parent / "results" / "peer.jsonl"
OUR_EPOCHS = 1000


@dataclass(frozen=True)
class Case:
    """One comparison.

    Parameters
    ----------
    name : str
    card : str
        Name of the runcard of 400 epochs, without the number.
    replicas : int
    epochs : int
        Of the peer; none when it cannot hold so many replicas.
    fast_yaml : bool
        The peer's start is long and not compared.
    cheap : bool
        Worth further rounds.
    """

    name: str
    card: str
    replicas: int
    epochs: int
    fast_yaml: bool = False
    cheap: bool = False


CASES = (
    Case("dis-1", "dis", 1, 150, cheap=True),
    Case("dis-10", "dis", 10, 120, cheap=True),
    Case("dis-40", "dis", 40, 60, fast_yaml=True),
    Case("dis-100", "dis", 100, 0),
    Case("dis-frac-100", "dis-frac", 100, 45, fast_yaml=True),
    Case("hadronic-1", "hadronic", 1, 100),
    Case("hadronic-36", "hadronic", 36, 40, fast_yaml=True),
    Case("hadronic-100", "hadronic", 100, 0),
)


class Comparison:
    """A run over some cases that writes down each measurement as it comes.

    Parameters
    ----------
    peer : Peer
    theories : Path
    results : Path
        File of JSON lines.
    """

    def __init__(self, peer: Peer, theories: Path, results: Path) -> None:
        self.peer = peer
        self.options = theory_options(theories, peer.folder / "lhapdf")
        self.results = results
        self.run = now()
        self.note(kind="machine", peer=peer.version(), **describe_machine())

    def note(self, **content: object) -> Record:
        """Write down one record."""
        record: Record = {"run": self.run, "time": now(), **content}
        append_record(self.results, record)
        return record

    def compare(self, case: Case, round_number: int) -> None:
        """Fit a case with the peer and with n3fit."""
        runcard = self.peer.folder / "runcards" / f"{case.card}_400.yml"
        product = product_ms()
        common = {"case": case.name, "card": case.card, "replicas": case.replicas, "round": round_number}
        with tempfile.TemporaryDirectory(prefix="bench-peer-") as folder:
            scratch = Path(folder)
            if case.epochs:
                self._measure_peer(case, runcard, scratch, common)
            card = copy_with(runcard, scratch / "ours", epochs=OUR_EPOCHS)
            for cache in ("cold", "warm"):
                log(f"n3fit, {case.name}, {cache} cache")
                try:
                    times = measure_fit(card, case.replicas, cache=scratch / "cache", options=self.options)
                except FitError as error:
                    self.note(kind="failure", program="n3fit", cache=cache, reason=str(error), **common)
                    log(str(error))
                    return
                self.note(kind="ours", cache=cache, product_ms=product, **common, **asdict(times))
                log(f"  {times.epoch_ms:.2f} ms an epoch, {times.first_epoch_s:.1f} s, {times.peak_mb:.0f} MB")

    def _measure_peer(self, case: Case, runcard: Path, scratch: Path, common: Record) -> None:
        try:
            if not self.peer.is_set_up(runcard):
                log(f"peer, {case.card}: set-up of its data, not counted")
                self.peer.measure(runcard, 1, 10, scratch, fast_yaml=True)
            log(f"peer, {case.name}")
            times = self.peer.measure(runcard, case.replicas, case.epochs, scratch, fast_yaml=case.fast_yaml)
        except PeerError as error:
            self.note(kind="failure", program="peer", reason=str(error), **common)
            log(str(error))
            return
        self.note(kind="peer", fast_yaml=case.fast_yaml, **common, **times)
        log(f"  {times['epoch_ms']:.1f} ms an epoch, {times['first_epoch_s']:.1f} s, {times['peak_mb']:.0f} MB")


def run_rounds(comparison: Comparison, cases: Sequence[Case], rounds: int, minutes: float) -> None:
    """Go once through all cases, then through the cheap ones again as long as another will end in time."""
    started = time.monotonic()
    lasted: dict[str, float] = {}
    for number in range(1, rounds + 1):
        for case in cases:
            begun = time.monotonic()
            late = begun - started + lasted.get(case.name, 0.0) > 60 * minutes
            if number > 1 and (late or not case.cheap):
                continue
            comparison.compare(case, number)
            lasted[case.name] = time.monotonic() - begun


def main() -> int:
    """Run and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(case.name for case in CASES)}")
    parser.add_argument("--peer", type=Path, default=SHARED / "peer", help="folder of the peer's runner")
    parser.add_argument(
        "--theories", type=Path, default=SHARED / "theories", help="folder with the theory of its cards"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="file of JSON lines to add to")
    parser.add_argument("--rounds", type=int, default=2, help="of cheap cases; the others have one")
    parser.add_argument("--minutes", type=float, default=38.0, help="begin no further round that would end later")
    parser.add_argument("--limit-mb", type=float, default=21500.0, help="memory at which the peer is ended")
    arguments = parser.parse_args()
    known = {case.name: case for case in CASES}
    unknown = sorted(set(arguments.cases) - set(known))
    if unknown:
        parser.error(f"no such case: {', '.join(unknown)}; there are {', '.join(known)}")
    try:
        peer = Peer.find(arguments.peer, arguments.limit_mb)
    except PeerError as error:
        print(f"bench-peer: {error}", file=sys.stderr)
        return 4
    if not arguments.theories.is_dir():
        print(f"bench-peer: {arguments.theories} is not there: give the theories with --theories", file=sys.stderr)
        return 4
    comparison = Comparison(peer, arguments.theories, arguments.results)
    cases = [known[name] for name in arguments.cases] or list(CASES)
    run_rounds(comparison, cases, arguments.rounds, arguments.minutes)
    print(peer_table(arguments.results, markdown=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
