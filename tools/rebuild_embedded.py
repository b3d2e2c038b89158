"""Rebuild what comes with n3fit: the theory dis_nnlo, its check, and the PDF set of the t0 covariance.

    python tools/rebuild_embedded.py WORK            # everything; continues where it was interrupted
    python tools/rebuild_embedded.py WORK --only theory
    python tools/rebuild_embedded.py WORK --only t0

WORK is a folder for intermediate files. The theory takes 10 to 15 minutes on two cores, the fit of the t0 set about as
long. Commit the changed files of src/n3fit/resources afterwards, and replace the tables of numbers in docs/theory.md.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np

from n3fit import api
from n3fit.evolution.grids import lhapdf_qgrid
from n3fit.lhapdf.writer import SetLayout, write_info, write_member
from n3fit.storage import sha256_of_file, write_atomically
from n3fit.storage.yaml_files import to_yaml
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.theory.theory_card import TheoryCard
from n3fit.theory.toy_pdf import les_houches_toy

ROOT = Path(__file__).parents[1]
RESOURCES = ROOT / "src" / "n3fit" / "resources"
THEORY, T0_SET, TOY = "theory_dis_nnlo", "n3fit_dis_t0", "les_houches_toy"
RUNCARD = ROOT / "runcards" / "dis_nnpdf40.yml"
REPLICAS = range(1, 21)
PACKAGES = (
    "n3fit", "keras", "jax", "jaxlib", "numpy", "scipy", "pandas", "h5py", "pineappl", "nnpdf-data", "eko", "yadism",
)  # fmt: skip


class PrintedSteps:
    """Progress on the standard output, a line for each tenth."""

    def __init__(self) -> None:
        self._last: tuple[str, int] = ("", -1)

    def step(self, name: str, done: int, total: int) -> None:
        """Print a line when another tenth is finished."""
        tenth = 10 * done // max(total, 1)
        if (name, tenth) != self._last:
            self._last = (name, tenth)
            print(f"{name}: {done} of {total}", flush=True)

    def message(self, text: str) -> None:
        """Print a message."""
        print(text, flush=True)


def rebuild_theory(work: Path) -> None:
    """Build and check the theory of the default card, and replace the shipped one."""
    card = work / "dis_nnlo.yaml"
    write_atomically(card, to_yaml(asdict(TheoryCard())))
    folder = api.build_theory(card, output=work / THEORY, name="dis_nnlo", jobs=2, progress=PrintedSteps())
    shutil.rmtree(RESOURCES / "theories" / THEORY)
    shutil.copytree(folder, RESOURCES / "theories" / THEORY)


def write_toy_set(folder: Path) -> None:
    """Write the Les Houches toy PDF with some charm and momentum sum 1 as a PDF set, the same at every scale."""
    card = TheoryCard()
    xgrid = np.concatenate([np.geomspace(1e-9, 0.1, 120)[:-1], np.linspace(0.1, 1, 60)])
    values = les_houches_toy(EXPORT_PIDS, xgrid)
    for pid in (4, -4):
        values[EXPORT_PIDS.index(pid)] = 0.05 * xgrid**0.5 * (1 - xgrid) ** 3
    gluon = EXPORT_PIDS.index(21)
    momentum = np.trapezoid(values, xgrid)
    values[gluon] *= 1 - (momentum.sum() - 1) / momentum[gluon]
    layout = SetLayout(
        name=TOY, description="Les Houches toy PDF", card=card, xgrid=xgrid, segments=lhapdf_qgrid(card, q_max=200.0)
    )
    (folder / TOY).mkdir(parents=True, exist_ok=True)
    shapes = [np.repeat(values.T[None], len(segment.q), axis=0) for segment in layout.segments]
    write_member(folder / TOY, layout, 0, shapes)
    write_info(folder / TOY, layout, members=1)


def rebuild_t0_set(work: Path) -> None:
    """Fit the data with the toy PDF for the t0 covariance, and replace the t0 set by the mean of the replicas."""
    sets = work / "sets"
    write_toy_set(sets)
    runcard = work / "n3fit_dis_iteration_1.yml"
    write_atomically(runcard, RUNCARD.read_text().replace(f"t0pdfset: {T0_SET}", f"t0pdfset: {TOY}"))
    fit = work / "n3fit_dis_iteration_1"
    api.fit(runcard, replicas=REPLICAS, output=fit, pdf_path=sets)
    target = RESOURCES / "pdf_sets"
    api.evolve(fit, name=T0_SET, output=target, members="central", q_max=100.0, force=True)
    write_atomically(target / T0_SET / "PROVENANCE.md", describe_fit(fit))


def describe_fit(folder: Path) -> str:
    """Return the text of PROVENANCE.md."""
    summary = api.open_fit(folder).summary()
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    manifest = folder / "manifest.json"
    rows = [f"| {row.name} | {row.points} | {row.t0:.3f} |" for row in (*summary.datasets, summary.total)]
    return f"""# The PDF set {T0_SET}

The set from which the t0 covariance of the runcards is made: the mean of {summary.chosen} replicas, all of which pass
positivity, of {summary.replicas} in the fit of `runcards/dis_nnpdf40.yml` in its first iteration. Member 0 only.

- **Iteration 1**: this runcard with the Les Houches toy PDF (hep-ph/0204316; charm added at the initial scale, gluon
  rescaled to momentum sum 1) for the t0 covariance. Replicas 1-{summary.replicas}, {summary.epochs} epochs.
- **Theory**: `dis_nnlo`, the one that comes with n3fit; its tables are among the input checksums of the fit's manifest.
- **Versions**: python {platform.python_version()}, {versions}.
- **Manifest of the fit**: SHA-256 `{sha256_of_file(manifest)}`.

| data set | points | t0 chi2 per point of the mean |
|---|---|---|
{chr(10).join(rows)}

Made by `python tools/rebuild_embedded.py WORK --only t0`.
"""


def main() -> None:
    """Rebuild the theory, the t0 set, or both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--only", choices=("theory", "t0"))
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    if arguments.only in (None, "theory"):
        rebuild_theory(arguments.work)
    if arguments.only in (None, "t0"):
        rebuild_t0_set(arguments.work)


if __name__ == "__main__":
    main()
