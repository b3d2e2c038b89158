"""Hessian and compressed sets of a fit or a PDF set of replicas, beside what they were made of.

``python benchmarks/reduced_sets.py FIT [--directions 50] [--replicas 50] [--runcard CARD]`` writes both sets, reads
them back and prints

- central value and 68 % interval of replicas and Hessian set at ten x for each flavour, at the initial scale and at
  100 GeV;
- the deviation of standard deviations for several numbers of directions, of the covariance in units of standard
  deviations and of that of x f: those of x f, and with ``--runcard`` those of the predictions for its data;
- the values that neopdf and parton read from the files, against those of n3fit, where they are installed;
- the error functions of the chosen replicas beside those of random choices.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from n3fit import api
from n3fit.cli.formatting import align
from n3fit.cli.reduction_commands import describe_compression, describe_hessian
from n3fit.defaults import HIGH_SCALE
from n3fit.ensembles import Ensemble
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.reduction import covariance_points, principal_directions, take_samples
from n3fit.typing import Floats

X = np.array([1e-5, 1e-4, 1e-3, 1e-2, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7])
DIRECTIONS = (10, 20, 30, 50, 80)
PIDS = (-4, -3, -2, -1, 21, 1, 2, 3, 4)


def compare_bands(replicas: Ensemble, hessian: Ensemble, q: float) -> list[str]:
    """Return the table of central values and 68 % intervals at a scale, and the worst deviations."""
    original, reduced = replicas.on_nodes(X, q), hessian.on_nodes(X, q)
    rows, worst = [], {"central value": 0.0, "standard deviation": 0.0, "68 % interval": 0.0}
    for parton in original.shown_partons("flavour"):
        one, other = original.band(parton), reduced.band(parton)
        for place, x in enumerate(X):
            size = one.deviation[place]
            half = 0.5 * (one.high - one.low)[place]
            shift = (other.central - one.central)[place] / size
            deviation, interval = other.deviation[place] / size - 1, other.deviation[place] / half - 1
            for name, value in zip(worst, (shift, deviation, interval), strict=True):
                worst[name] = max(worst[name], abs(float(value)))
            rows.append(
                (parton.name, f"{x:g}", f"{one.central[place]:.6g}", f"{other.central[place]:.6g}",
                 *(f"{value:.4g}" for value in (one.low[place], one.high[place], other.low[place], other.high[place])),
                 f"{100 * deviation:+.2f} %", f"{100 * interval:+.1f} %")
            )  # fmt: skip
    header = ("flavour", "x", "central", "Hessian", "16 %", "84 %", "Hessian low", "high", "deviation", "68 %")
    words = (f"worst {name}: {value:.1e}" for name, value in worst.items())
    return [f"Q = {q:g} GeV", *align(header, rows, "<" + ">" * 9), "; ".join(words), ""]


def compare_directions(replicas: Ensemble, predictions: Floats | None) -> list[str]:
    """Return median and largest deviation of standard deviations by number of directions.

    Those of x f at the initial scale and, if there are any, of ``predictions`` (R, N) of the replicas.
    """
    samples = take_samples(replicas.at().on_nodes(covariance_points(replicas.x_min)))
    varying = samples.deviation > 0
    quantities = [samples.members[:, varying], *([] if predictions is None else [predictions])]
    rows = []
    for scaled in (True, False):
        for count in (count for count in DIRECTIONS if count < len(samples.members)):
            found = principal_directions(samples, count, scaled=scaled)
            cells = ["errors" if scaled else "x f", str(count), f"{100 * found.retained:.2f} %"]
            for values in quantities:
                reduced = np.sqrt(((found.coefficients @ values) ** 2).sum(axis=0))
                deviations = np.abs(reduced / values.std(axis=0, ddof=1) - 1)
                cells += [f"{100 * value:.2f} %" for value in (np.median(deviations), deviations.max())]
            rows.append(cells)
    header = ["units", "directions", "variance", "of x f: median", "largest", "of predictions: median", "largest"]
    width = len(rows[0])
    return [*align(header[:width], rows, "<" + ">" * (width - 1)), ""]


def read_with_neopdf(folder: Path, member: int, q: float) -> Floats:
    """Return x f of all flavours at the points, (flavours, n), as neopdf reads and interpolates the files."""
    from neopdf.pdf import PDF

    pdf = PDF.mkPDF(folder.name, member)
    return np.array([[pdf.xfxQ2(pid, x, q * q) for x in X] for pid in PIDS])


def read_with_parton(folder: Path, member: int, q: float) -> Floats:
    """Return the same as parton does, which interpolates by splines."""
    from parton import pdf

    opened = pdf.PDF(folder.name, member, pdfdir=str(folder.parent))
    return np.array([opened.xfxQ(pid, X, q).ravel() for pid in PIDS])


def compare_readers(folder: Path) -> list[str]:
    """Return the largest differences between readers, relative to the largest x f of the flavour."""
    pdf = PDFSet(folder)
    numbers = sorted({0, 1, pdf.members // 2, pdf.members - 1})
    lines = []
    for name, read in (("neopdf", read_with_neopdf), ("parton", read_with_parton)):
        if find_spec(name) is None:
            continue
        worst = 0.0
        for number in numbers:
            for q in (2.0, HIGH_SCALE):
                ours = pdf.xfx(PIDS, X, q, number)
                differences = np.abs(ours - read(folder, number, q)) / np.abs(ours).max(axis=1, keepdims=True)
                worst = max(worst, float(differences.max()))
        lines.append(f"{folder.name} as {name} reads it: {worst:.1e} from n3fit, members {numbers}")
    return lines


def main() -> None:
    """Write the sets and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="fit folder, or folder of a PDF set of replicas")
    parser.add_argument("--directions", type=int, default=50)
    parser.add_argument("--replicas", type=int, default=50)
    parser.add_argument("--runcard", help="compare the predictions for its data too")
    parser.add_argument("--output", type=Path, help="folder for the sets; by default they are removed at the end")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        output = (arguments.output or Path(scratch)).absolute()
        os.environ["NEOPDF_DATA_PATH"] = str(output)
        replicas = api.open_ensemble(arguments.source)
        hessian = api.hessian(arguments.source, directions=arguments.directions, output=output, force=True)
        chosen = api.compress(arguments.source, replicas=arguments.replicas, output=output, force=True)
        lines = [*describe_hessian(hessian), ""]
        for q in (replicas.q0, HIGH_SCALE):
            lines += compare_bands(replicas, api.open_ensemble(hessian.folder), q)
        predictions = None
        if arguments.runcard:
            predictions = api.chi2(arguments.runcard, arguments.source).predictions[0].members
        lines += compare_directions(replicas, predictions)
        lines += [line for written in (hessian, chosen) for line in compare_readers(written.folder)]
        print("\n".join([*lines, "", *describe_compression(chosen)]))


if __name__ == "__main__":
    main()
