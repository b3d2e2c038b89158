"""Trials per hour of a scan of hyperparameters, beside nnpdf: the same runcard and machine, alternating in one run.

``python benchmarks/scan.py [--trials 8] [--peer FOLDER] [--theories FOLDER]``. A trial fits 10 replicas on four folds
for 1000 epochs (``scan_sections.yml`` on the peer's deep-inelastic runcard). First n3fit does its trials, then the peer
its own, then n3fit again, both with their standard samplers and seeds. The time of a trial is that of the whole scan
without the start of the program, divided by the trials; the set-up of the peer's data is not counted. ``--no-peer``
measures n3fit alone, ``--card FILE`` takes another runcard, and ``--together N`` lets n3fit choose N trials at once, of
which those with the same network train as one batch.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from fits import CACHE_VARIABLE, NO_BYTECODE, FitError, theory_options
from machine import product_ms
from peer import Peer, PeerError
from peer_scan import PeerScan, ScanTimes
from processes import Finished, run_process
from records import format_table, log, number
from ruamel.yaml import YAML

SHARED = Path(__file__).parents[2] / "shared"
SECTIONS = Path(__file__).with_name("scan_sections.yml")
BASE = "dis-frac_400.yml"


def write_scan_card(base: Path, target: Path) -> Path:
    """Write a runcard with the sections of the scan in place of its own."""
    yaml = YAML()
    card = yaml.load(base)
    for key, value in yaml.load(SECTIONS).items():
        card[key] = value
    yaml.dump(card, target)
    return target


def scan(card: Path, trials: int, replicas: int, folder: Path, cache: Path, options: Sequence[str]) -> ScanTimes:
    """Do some trials with n3fit.

    Raises
    ------
    FitError
    """
    command = [sys.executable, "-m", "n3fit", "hyperopt", str(card), "--trials", str(trials), "-r", f"1-{replicas}"]
    environment = {CACHE_VARIABLE: str(cache), NO_BYTECODE: ""}
    finished = run_process(
        [*command, "-o", folder, "--force", "--json", *options], environment=environment, timeout=7200.0
    )
    if finished.code != 0:
        raise FitError(
            f"n3fit hyperopt: exit code {finished.code}: {finished.killed or finished.errors.strip()[-500:]}"
        )
    return our_times(finished, trials)


def our_times(finished: Finished, trials: int) -> ScanTimes:
    """Return the times of a scan: its start ends where the phase ``scanning`` begins."""
    events = [(when, json.loads(line)) for when, line in finished.lines]
    start = next(when for when, event in events if event["event"] == "phase" and event["name"] == "scanning")
    return ScanTimes(trials, start, finished.seconds - start, finished.processor_s)


def table(rows: Sequence[tuple[str, ScanTimes]]) -> str:
    """Return the table of the scans in the order in which they ran, and the ratio of the medians."""
    lines = [
        [name, *map(number, (times.trials, times.start, times.trial, times.per_hour, times.processor))]
        for name, times in rows
    ]
    text = format_table(("program", "trials", "start [s]", "trial [s]", "trials per hour", "processor [s]"), lines)
    medians = {name: statistics.median(t.trial for n, t in rows if n == name) for name in dict(rows)}
    if len(medians) == 2:
        ours, theirs = medians["n3fit"], medians["nnpdf"]
        text += f"\nratio of the trials per hour: {theirs / ours:.1f}"
    return text


def run(arguments: argparse.Namespace, work: Path) -> list[tuple[str, ScanTimes]]:
    """Measure, and return the scans in their order."""
    peer = None if arguments.no_peer else Peer.find(arguments.peer, arguments.limit_mb)
    card = arguments.card or write_scan_card(arguments.peer / "runcards" / BASE, work / "scan.yml")
    options = [*theory_options(arguments.theories, arguments.peer / "lhapdf"), "--together", str(arguments.together)]
    rows: list[tuple[str, ScanTimes]] = []
    log(f"a product of matrices takes {product_ms():.2f} ms")

    def ours() -> None:
        rows.append(("n3fit", scan(card, arguments.trials, arguments.replicas, work / "ours", work / "cache", options)))
        log(f"n3fit: {rows[-1][1].trial:.2f} s a trial")

    if peer is None:
        ours()
        return rows
    theirs = PeerScan(peer, card, work / "peer")
    log("nnpdf: set-up of its data, not counted")
    theirs.set_up()
    for _ in range(arguments.rounds):
        ours()
        rows.append(("nnpdf", theirs.scan(arguments.replicas, arguments.peer_trials)))
        log(f"nnpdf: {rows[-1][1].trial:.1f} s a trial")
    ours()
    return rows


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=8, help="of n3fit, each time")
    parser.add_argument("--peer-trials", type=int, default=1)
    parser.add_argument("--replicas", type=int, default=10)
    parser.add_argument("--together", type=int, default=1, help="trials of n3fit that are chosen at once")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--card", type=Path, help="a complete runcard with a scan")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--peer", type=Path, default=SHARED / "peer", help="folder of the peer's runner")
    parser.add_argument(
        "--theories", type=Path, default=SHARED / "theories", help="folder with the theory of its cards"
    )
    parser.add_argument("--limit-mb", type=float, default=21500.0, help="memory at which the peer is ended")
    parser.add_argument("--folder", type=Path, help="folder to keep, with the peer's set-up of the data")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-scan-") as temporary:
        work = (arguments.folder or Path(temporary)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        try:
            print(table(run(arguments, work)))
        except (PeerError, FitError) as error:
            print(f"scan: {error}", file=sys.stderr)
            return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
