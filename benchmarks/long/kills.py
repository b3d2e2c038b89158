"""Fits that are killed at random moments and resumed to their ends.

``python benchmarks/long/kills.py [--kills 200] [--seed 1] [--folder FOLDER]``. Small fits of embedded data, every
second one deterministic, run with checkpoints at short intervals. Each receives SIGKILL, SIGTERM or SIGINT up to
``--times`` times, at moments that are uniform over the time of an undisturbed fit, one in five at a moment at which a
file is being written; it is resumed each time, and at last to its end. Checked are

- after each signal: the exit code (143, 130), and that a fit folder that is there is not half-written;
- at the end: the folder is complete, its checksums agree, nothing is left beside it, and it equals the folder of an
  undisturbed fit: bit for bit when deterministic, else up to rounding.

The exit code is 1 where one of this is not so; the folders of such fits are kept with ``--folder``.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from folders import differences, fault_of, half_written, prediction_distance, real_differences
from jobs import CACHE_VARIABLE, n3fit, start, write_card
from killing import Killed, Moment, run_and_kill
from records import format_table

from n3fit.seeds import derive_seed

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
AT_WRITE = 0.2
"""Share of the signals that wait for a file that is being written."""

CHECKPOINT_MINUTES = 0.002
ROUNDING = 0.02
"""Largest difference of the predictions of a fit that is not deterministic, in experimental uncertainties."""


@dataclass(frozen=True)
class Kind:
    """A fit that is repeated.

    Parameters
    ----------
    name : str
    card : Path
    replicas : int
    reference : Path
        Folder of the undisturbed fit.
    seconds : float
        Time of it, from start to end.
    """

    name: str
    card: Path
    replicas: int
    reference: Path
    seconds: float

    def command(self, folder: Path) -> list[str]:
        """Return the command that starts the fit or goes on with it."""
        options = ["-r", f"1-{self.replicas}", "-o", folder, "--json"]
        return n3fit("fit", self.card, *options, "--resume", "--checkpoint", str(CHECKPOINT_MINUTES))


@dataclass
class Story:
    """What became of one fit.

    Attributes
    ----------
    faults : list of str
        Everything that must not be.
    """

    kind: Kind
    number: int
    kills: list[Killed] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    equal: bool = False
    distance: float = 0.0


def prepare(name: str, work: Path, replicas: int, epochs: int, *, deterministic: bool) -> Kind:
    """Fit undisturbed, twice: the first one fills the caches."""
    card = write_card(work, name, epochs=epochs, deterministic=deterministic)
    folder = work / "undisturbed" / name / "fit"
    seconds = []
    for _ in range(3):
        shutil.rmtree(folder, ignore_errors=True)
        kind = Kind(name, card, replicas, folder, 0.0)
        begun = time.perf_counter()
        code = run_to_end(kind.command(folder), work / "undisturbed.log")
        seconds.append(time.perf_counter() - begun)
        if code != 0:
            raise SystemExit(f"the undisturbed fit failed with exit code {code}: see {work / 'undisturbed.log'}")
    return Kind(name, card, replicas, folder, statistics.median(seconds[1:]))


def run_to_end(command: list[str], output: Path) -> int:
    """Run a command and return its exit code."""
    process = start(command, output=output)
    process.communicate()
    return process.returncode


def moments(generator: random.Random, seconds: float, count: int) -> Iterator[Moment]:
    """Yield random signals at random moments of the time of an undisturbed fit."""
    for _ in range(count):
        at_write = generator.random() < AT_WRITE
        yield Moment(generator.choice(SIGNALS), generator.uniform(0.0, seconds), at_write)


def disturb(kind: Kind, number: int, seed: int, times: int, work: Path) -> Story:
    """Kill a fit up to so many times, resume it to its end and check it."""
    generator = random.Random(derive_seed(seed, f"kills of fit {number}"))
    story = Story(kind, number)
    folder = work / f"fit_{number}" / "fit"
    folder.parent.mkdir()
    log = folder.parent.with_suffix(".log")
    places = (folder.parent, folder.with_name("fit.checkpoint"))
    for moment in moments(generator, kind.seconds, generator.randint(1, times)):
        killed = run_and_kill(kind.command(folder), moment, places, {}, log)
        if not killed.counts:
            break
        story.kills.append(killed)
        if killed.unexpected:
            story.faults.append(f"{moment.number.name} in {killed.phase}: exit code {killed.code}")
        damage = half_written(folder)
        if damage:
            story.faults.append(f"after {moment.number.name} in {killed.phase}: {damage}")
    code = run_to_end(kind.command(folder), log)
    if code != 0:
        story.faults.append(f"exit code {code} when resumed: see {log}")
    check(story, folder)
    return story


def check(story: Story, folder: Path) -> None:
    """Compare the folder of a fit that has come to its end with that of the undisturbed one."""
    fault = fault_of(folder, [*range(1, story.kind.replicas + 1)])
    left = sorted(path.name for path in folder.parent.iterdir() if path.name not in ("fit", ".fit.lock"))
    if left:
        story.faults.append(f"left beside the folder: {', '.join(left)}")
    if fault:
        story.faults.append(fault)
        return
    found = real_differences(differences(story.kind.reference, folder))
    story.equal = not found
    story.distance = prediction_distance(story.kind.reference, folder)
    if found and story.kind.name == "deterministic":
        story.faults.append(f"other bytes in {', '.join(found)}")
    if story.distance > ROUNDING:
        story.faults.append(f"predictions differ by {story.distance:.2g} experimental uncertainties")


def phase_table(stories: list[Story]) -> str:
    """Return the table of the signals by fit and phase, with the exit codes."""
    groups: dict[tuple[str, str], list[Killed]] = {}
    for story in stories:
        for killed in story.kills:
            groups.setdefault((story.kind.name, killed.phase), []).append(killed)
    rows = []
    for (kind, phase), kills in sorted(groups.items()):
        counts = Counter(killed.moment.number.name for killed in kills)
        codes = Counter(killed.code for killed in kills)
        row = [f"{kind}, {phase}", *(str(counts[number.name]) for number in SIGNALS)]
        rows.append([*row, " ".join(f"{code} ({count})" for code, count in sorted(codes.items()))])
    return format_table(("fit, phase", *(number.name for number in SIGNALS), "exit codes (how often)"), rows)


def summary(stories: list[Story]) -> str:
    """Return the lines after the table."""
    lines = []
    for name in dict.fromkeys(story.kind.name for story in stories):
        chosen = [story for story in stories if story.kind.name == name]
        equal = sum(story.equal for story in chosen)
        distance = max(story.distance for story in chosen)
        signals = sum(len(story.kills) for story in chosen)
        lines.append(
            f"{name}: {signals} signals to {len(chosen)} fits; {equal} with the bytes of the undisturbed fit, "
            f"largest difference of a prediction {distance:.2g} experimental uncertainties"
        )
    waits = [k.seconds for story in stories for k in story.kills if k.moment.number != signal.SIGKILL]
    if waits:
        lines.append(
            f"from SIGTERM or SIGINT to the end: median {statistics.median(waits):.2f} s, longest {max(waits):.2f} s"
        )
    faults = [f"fit {story.number} ({story.kind.name}): {fault}" for story in stories for fault in story.faults]
    return "\n".join([*lines, f"{len(faults)} faults", *faults])


def run(arguments: argparse.Namespace, work: Path) -> int:
    """Kill until there are enough kills, print the tables and return the exit code."""
    os.environ[CACHE_VARIABLE] = str(work / "cache")
    kinds = [
        prepare("parallel", work, 4, arguments.epochs, deterministic=False),
        prepare("deterministic", work, 2, arguments.epochs, deterministic=True),
    ]
    for kind in kinds:
        print(f"{kind.name}: {kind.replicas} replicas, {kind.seconds:.2f} s undisturbed", flush=True)
    print(f"seed {arguments.seed}", flush=True)
    stories: list[Story] = []
    begun = time.monotonic()
    while (count := sum(len(story.kills) for story in stories)) < arguments.kills:
        number = len(stories) + 1
        times = min(arguments.times, arguments.kills - count)
        story = disturb(kinds[number % 2], number, arguments.seed, times, work)
        stories.append(story)
        path = " ".join(f"{k.moment.number.name}:{k.phase}{f'@{k.epoch}' if k.epoch else ''}" for k in story.kills)
        outcome = "; ".join(story.faults) or ("equal" if story.equal else f"rounding {story.distance:.1g}")
        print(f"{time.monotonic() - begun:5.0f} s  fit {number} ({story.kind.name}): {path} -> {outcome}", flush=True)
        if not story.faults:
            shutil.rmtree(work / f"fit_{number}")
    print(f"\n{phase_table(stories)}\n\n{summary(stories)}")
    return int(any(story.faults for story in stories))


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--times", type=int, default=4, help="largest number of signals to one fit")
    parser.add_argument("--epochs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="empty folder to keep; by default a temporary one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kills-") as temporary:
        folder = arguments.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        return run(arguments, folder.resolve())


if __name__ == "__main__":
    sys.exit(main())
