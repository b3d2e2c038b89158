"""The floating-point operations that an epoch needs, counted from the sizes of a fit.

``python benchmarks/arithmetic.py RUNCARD [--theory-path FOLDER] [--pdf-path FOLDER]`` prints them as JSON. Counted is
what no way of computing saves: the product of all rows with the PDF on its nodes, once forward and once backward, and
the products of the network on the nodes of the grid and of the sum rules, forward and twice backward (weights and
inputs). Elementwise functions, the optimiser and the chi2 come on top of it and are not counted.
"""

from __future__ import annotations

import argparse
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from n3fit.layers.integration import integration_nodes
from n3fit.model.folding import BilinearRows, FoldedObservable, SquareRows
from n3fit.progress import Silence
from n3fit.runcard import read_runcard
from n3fit.training.inputs import load_inputs
from n3fit.training.problem import make_architecture, make_problem


def count_operations(runcard_path: Path, theory_path: Path | None, pdf_path: Path | None) -> dict[str, Any]:
    """Count for one replica: rows, columns, nodes, and the operations of each part.

    Parameters
    ----------
    runcard_path : Path
    theory_path, pdf_path : Path, optional
        As for ``n3fit fit``.
    """
    runcard = read_runcard(runcard_path)
    inputs = load_inputs(runcard, theory_path=theory_path, pdf_path=pdf_path, progress=Silence())
    problem = make_problem(runcard, inputs, [1], inputs.data.central[None])
    architecture = make_architecture(runcard, inputs)
    columns = len(problem.xgrid) * len(architecture.ranges)
    observables = (*problem.observables, *problem.positivity.observables, *problem.integrability.observables)
    rows = sum(_rows(observable) for observable in observables)
    nodes = len(problem.xgrid) + len(integration_nodes()[0])
    per_flavour = architecture.layer_type == "dense_per_flavour"
    widths = [2, *architecture.nodes[:-1], 1 if per_flavour else architecture.nodes[-1]]
    network = sum(before * after for before, after in pairwise(widths)) * (architecture.nodes[-1] if per_flavour else 1)
    return {
        "rows": rows,
        "columns": columns,
        "nodes": nodes,
        "theory": 2 * 2 * rows * columns,
        "network": 3 * 2 * network * nodes,
        "operations": 2 * 2 * rows * columns + 3 * 2 * network * nodes,
    }


def _rows(observable: FoldedObservable) -> int:
    """Count the linear functionals of an observable; a form that is not compressed counts with its rank."""
    count = 0
    for operand in observable.operands:
        for block in operand:
            if isinstance(block, SquareRows):
                count += len(block.functionals)
            elif isinstance(block, BilinearRows):
                count += block.ndata * block.forms.shape[1]
            else:
                count += block.ndata
    return count


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runcard", type=Path)
    parser.add_argument("--theory-path", type=Path)
    parser.add_argument("--pdf-path", type=Path)
    arguments = parser.parse_args()
    print(json.dumps(count_operations(arguments.runcard, arguments.theory_path, arguments.pdf_path)))


if __name__ == "__main__":
    main()
