"""Time and memory to evolve PineAPPL grids into FK tables, and stock eko for one scale of one grid.

``python benchmarks/grids.py FOLDER CARD [--eko GRID --nodes 10]``. Each grid is a build of its own in one process; the
last row is the folder at once with ``--jobs`` processes. Memory is the largest of a process, with the code of all
libraries. With ``--eko`` the operator of stock eko is computed for the scale of a grid of one scale on a few nodes, and
once more on half as many: the difference grows with the square of their number, which gives the time on 50 nodes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

NODES = 50
"""Nodes of a table."""

SMALLEST_X = 2e-7


def build_once(grids: Path, card: str, jobs: int) -> dict[str, float]:
    """Build a theory from a folder in this process and its workers; give seconds and MB."""
    from n3fit import api

    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        api.build_theory(card, grids=grids, output=Path(folder) / "theory_benchmark", jobs=jobs)
        wall = time.perf_counter() - started
    processor = sum(resource.getrusage(who).ru_utime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {"wall": wall, "processor": processor,
            "memory": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024}  # fmt: skip


def in_a_process(*words: str) -> dict[str, float]:
    """Run this script with words of its own and return what it prints last."""
    command = [sys.executable, __file__, *words]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def eko_once(card: dict[str, Any], q: float, nodes: int) -> dict[str, float]:
    """Compute the operator of stock eko to the scale ``q`` (GeV) on a few nodes; give seconds."""
    from eko.interpolation import lambertgrid
    from eko.io.runcards import Legacy
    from eko.runner import solve

    operator = {
        "interpolation_xgrid": lambertgrid(nodes, SMALLEST_X).tolist(), "interpolation_polynomial_degree": 4,
        "interpolation_is_log": True, "ev_op_max_order": 10, "ev_op_iterations": 30, "mugrid": [q],
        "backward_inversion": "expanded", "n_integration_cores": 1, "debug_skip_non_singlet": False,
        "debug_skip_singlet": False, "polarized": False, "time_like": False,
    }  # fmt: skip
    legacy = Legacy(card | {"ModSV": None}, operator)
    started, processor = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        solve(legacy.new_theory, legacy.new_operator, path=Path(folder) / "operator.tar")
    return {"wall": time.perf_counter() - started, "processor": time.process_time() - processor}


def scale_of(path: Path) -> float:
    """Return the only factorisation scale (GeV) of a grid."""
    import numpy as np
    from pineappl.grid import Grid

    grid = Grid.read(str(path))
    (squared,) = grid.evolve_info(np.ones(len(grid.orders()), dtype=bool)).fac1
    return float(np.sqrt(squared))


def compare_with_eko(path: Path, card: str, nodes: int) -> list[str]:
    """Return lines on the time of stock eko and of n3fit for a grid of one scale."""
    q = scale_of(path)
    few, half = (
        in_a_process("--child-eko", str(q), "--card", card, "--nodes", str(count)) for count in (nodes, nodes // 2)
    )
    # without the time of compilation, which both have
    full = (few["processor"] - half["processor"]) / (nodes**2 - (nodes // 2) ** 2) * NODES**2
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(path, folder)
        ours = in_a_process("--child-build", folder, "--card", card, "--jobs", "1")
    return [
        f"stock eko, one operator to {q:g} GeV: {few['processor']:.0f} s on {nodes} nodes, "
        f"{half['processor']:.0f} s on {nodes // 2}; on {NODES} nodes, without compilation, {full:.0f} s",
        f"n3fit, the table of {path.name}, start and compiled code included: {ours['processor']:.1f} s; "
        f"ratio {full / ours['processor']:.0f}",
    ]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--card", default="400")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--eko", help="name of a grid with one scale")
    parser.add_argument("--nodes", type=int, default=10, help="nodes of stock eko")
    parser.add_argument("--child-build", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--child-eko", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    os.environ |= {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "NUMBA", "RAYON")}
    if arguments.child_build is not None:
        print(json.dumps(build_once(arguments.child_build, arguments.card, arguments.jobs)))
        return
    if arguments.child_eko is not None:
        from n3fit.theory.cards import load_card

        print(json.dumps(eko_once(load_card(arguments.card), arguments.child_eko, arguments.nodes)))
        return
    print(f"{'grid':<60}{'wall [s]':>10}{'processor [s]':>16}{'memory [MB]':>14}", flush=True)
    for path in sorted(arguments.folder.glob("*.pineappl.lz4")):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(path, folder)
            row = in_a_process("--child-build", folder, "--card", arguments.card, "--jobs", "1")
        print(f"{path.name:<60}{row['wall']:>10.1f}{row['processor']:>16.1f}{row['memory']:>14.0f}", flush=True)
    words = ("--child-build", str(arguments.folder), "--card", arguments.card, "--jobs", str(arguments.jobs))
    row = in_a_process(*words)
    print(f"{'all':<60}{row['wall']:>10.1f}{row['processor']:>16.1f}{row['memory']:>14.0f}", flush=True)
    if arguments.eko:
        path = arguments.folder / f"{arguments.eko}.pineappl.lz4"
        print("\n".join(compare_with_eko(path, arguments.card, arguments.nodes)))


if __name__ == "__main__":
    main()
