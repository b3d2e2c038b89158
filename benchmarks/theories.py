"""Time and memory of the rows of one theory, beside those of the 7 and 9 theories of point prescriptions together.

``python benchmarks/theories.py [--card CARD] [--every 20]``. The reference and its varied theories are computed in one
pass over every n-th virtuality of the tables of the embedded theory, on one core; each row is a process of its own, so
that its memory is that of these theories alone. Compilation and what is computed once (anomalous dimensions, operators
to the thresholds) are given apart: the first virtuality includes them, and is left out of the others.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from records import format_table, number

from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.theory.cards import load_card
from n3fit.theory.covariance.prescriptions import PRESCRIPTIONS
from n3fit.theory.tables.rows import RowCalculator, plan_units
from n3fit.theory.tables.sharing import SharedOperators
from n3fit.theory.tables.specifications import table_specifications
from n3fit.theory.tables.variations import SCALE_VARIATIONS, varied_card
from n3fit.theory.theory_card import TheoryCard

CORES = 2


def compute(name: str, points: int, every: int) -> dict[str, float]:
    """Compute the rows in this process; return seconds of the processor and MB."""
    content = load_card(name)
    scales = PRESCRIPTIONS[SCALE_VARIATIONS[points]].variations if points > 1 else ()
    cards = [TheoryCard.from_mapping(card) for card in (content, *(varied_card(content, scale) for scale in scales))]
    tables = table_specifications()
    units = plan_units(tables, cards[0])
    shared = SharedOperators(standard_xgrid())
    calculators = [RowCalculator(card, standard_xgrid(), shared=shared) for card in cards]
    seconds = []
    for unit in units[::every]:
        started = time.process_time()
        for calculator in calculators:
            calculator.rows(tables, unit)
        seconds.append(time.process_time() - started)
    return {
        "theories": len(cards),
        "start": seconds[0],
        "unit": sum(seconds[1:]) / len(seconds[1:]),
        "units": len(units),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--card", default="dis_nnlo", help="a card file, or the number or name of a theory")
    parser.add_argument("--every", type=int, default=20, help="compute every n-th virtuality")
    parser.add_argument("--points", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.points is not None:
        print(json.dumps(compute(arguments.card, arguments.points, arguments.every)))
        return
    rows = []
    for points in (1, *SCALE_VARIATIONS):
        command = [sys.executable, str(Path(__file__)), "--card", arguments.card, "--every", str(arguments.every)]
        done = subprocess.run([*command, "--points", str(points)], check=True, capture_output=True, text=True)
        rows.append(json.loads(done.stdout.splitlines()[-1]))
    header = ("theories", "once [s]", "per virtuality [s]", "ratio", f"all, {CORES} cores [min]", "memory [MB]")
    table = [
        [
            f"{row['theories']:.0f}",
            number(row["start"]),
            number(row["unit"]),
            number(row["unit"] / rows[0]["unit"]),
            number((row["start"] + row["unit"] * row["units"] / CORES) / 60),
            number(row["memory"]),
        ]
        for row in rows
    ]
    print(format_table(header, table))


if __name__ == "__main__":
    main()
