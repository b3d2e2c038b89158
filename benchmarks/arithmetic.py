"""The floating-point operations of an epoch, counted from the sizes of a fit in two ways.

``python benchmarks/arithmetic.py RUNCARD [--theory-path FOLDER] [--pdf-path FOLDER]`` prints them as JSON. Counted are
the products of the rows of the theory with the PDF, once forward and once backward, and those of the network on the
nodes of the grid and of the sum rules, forward and twice backward (weights and inputs). ``operations`` takes the
products that the model makes, thin ones where the tables allow it; ``whole`` takes every row of the folded tables with
every node and flavour. Elementwise functions, the optimiser and the chi2 come on top of both.
"""

from __future__ import annotations

import argparse
import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

from n3fit.compression.folding import FoldedObservable
from n3fit.compression.forms import BilinearForms, SumsOfSquares
from n3fit.fit.inputs import load_inputs
from n3fit.fit.problem import make_architecture, make_problem
from n3fit.fit.settings import fit_settings
from n3fit.layers.observables import BilinearMap, LinearMap, SquaresMap
from n3fit.model.pdf_model import build_pdf_model
from n3fit.model.training_model import build_training_model
from n3fit.paths import SearchPaths
from n3fit.progress import NullReporter
from n3fit.runcard import read_runcard
from n3fit.theory.integration import integration_nodes


def count_operations(runcard_path: Path, theory_path: Path | None, pdf_path: Path | None) -> dict[str, Any]:
    """Count for one replica: rows, columns, nodes, and the operations of each part.

    Parameters
    ----------
    runcard_path : Path
    theory_path, pdf_path : Path, optional
        As for ``n3fit fit``.
    """
    runcard = read_runcard(runcard_path)
    inputs = load_inputs(runcard, SearchPaths.of(theory_path, pdf_path), progress=NullReporter())
    problem = make_problem(fit_settings(runcard), inputs, [1], inputs.data.central[None])
    architecture = make_architecture(runcard, inputs)
    columns = len(problem.xgrid) * len(architecture.ranges)
    observables = (*problem.observables, *problem.positivity.observables, *problem.integrability.observables)
    rows = sum(_rows(observable) for observable in observables)
    nodes = len(problem.xgrid) + len(integration_nodes()[0])
    per_flavour = architecture.layer_type == "dense_per_flavour"
    widths = [2, *architecture.nodes[:-1], 1 if per_flavour else architecture.nodes[-1]]
    network = sum(before * after for before, after in pairwise(widths)) * (architecture.nodes[-1] if per_flavour else 1)
    network_operations = 3 * 2 * network * nodes
    made = 2 * 2 * _multiplications(build_training_model(build_pdf_model(architecture, [1]), problem))
    whole = 2 * 2 * rows * columns
    return {
        "rows": rows,
        "columns": columns,
        "nodes": nodes,
        "theory": made,
        "network": network_operations,
        "operations": made + network_operations,
        "whole": whole + network_operations,
    }


def _multiplications(model: Any) -> int:
    """Count those of the products with the theory: as many as its layers have constants."""
    layers = [layer for layer in model.layers if isinstance(layer, (LinearMap, SquaresMap, BilinearMap))]
    return sum(math.prod(weight.shape) for layer in layers for weight in layer.weights)


def _rows(observable: FoldedObservable) -> int:
    """Count the linear functionals of an observable; a form that is not compressed counts with its rank."""
    count = 0
    for operand in observable.operands:
        for block in operand:
            if isinstance(block, SumsOfSquares):
                count += len(block.functionals)
            elif isinstance(block, BilinearForms):
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
