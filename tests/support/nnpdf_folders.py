"""Fit folders as nnpdf lays them out, with imaginary numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from n3fit.theory.flavours import EXPORT_LABELS
from n3fit.theory.xgrids import export_xgrid
from support.outcomes import FLAVOURS, toy_pdf

CARD: dict[str, Any] = {
    "description": "Fit of another program",
    "dataset_inputs": [
        {"dataset": "HERA_CC_318GEV_EM-SIGMARED", "variant": "legacy"},
        {"dataset": "SLAC_NC_NOTFIXED_P_EM-F2", "variant": "legacy_dw"},
    ],
    "datacuts": {"t0pdfset": "NNPDF40_nnlo_as_01180", "q2min": 3.49, "w2min": 12.5},
    "theory": {"theoryid": "dis_nnlo"},
    "trvlseed": 1,
    "nnseed": 2,
    "mcseed": 3,
    "genrep": True,
    "parameters": {"epochs": 900, "positivity": {"threshold": 1e-5}},
    "fitting": {
        "fitbasis": "EVOL",
        "basis": [{"fl": name, "trainable": False, "smallx": [0.5, 1.1], "largex": [1.5, 3.0]} for name in FLAVOURS],
    },
    "positivity": {"posdatasets": [{"dataset": "NNPDF_POS_2P24GEV_F2U", "maxlambda": 1e6}]},
    "a_key_of_the_future": True,
}
KEPT = {"HERA_CC_318GEV_EM-SIGMARED": [0, 3, 41]}
INTEGRABILITY = (0.01, 0.02, 0.03, 0.04, 0.05)  # of V, T3, V3, T8, V8


def write_nnpdf_fit(
    folder: Path,
    replicas: Sequence[int] = (1, 2, 3, 10),
    *,
    card: Mapping[str, Any] = CARD,
    kept: Mapping[str, Sequence[int]] = KEPT,
    changes: Mapping[int, Mapping[str, Any]] | None = None,
) -> Path:
    """Write a fit with the numbers ``changes`` of single replicas; the set-up's and the fit's files, nothing else."""
    folder.mkdir(parents=True)
    yaml = YAML()
    with (folder / "filter.yml").open("w") as stream:
        yaml.dump(dict(card), stream)
    for name, points in kept.items():
        mask = folder / "filter" / name / f"FKMASK_{name}.dat"
        mask.parent.mkdir(parents=True)
        mask.write_text("".join(f"{point}\n" for point in points))
    for replica in replicas:
        write_replica(folder, replica, (changes or {}).get(replica, {}))
    return folder


def write_replica(folder: Path, replica: int, changes: Mapping[str, Any]) -> None:
    """Write the files of a replica; keys that change to None are left out."""
    place = folder / "nnfit" / f"replica_{replica}"
    place.mkdir(parents=True)
    numbers = replica_numbers(replica) | dict(changes)
    content = {key: value for key, value in numbers.items() if value is not None}
    (place / f"{folder.name}.json").write_text(json.dumps(content))
    (place / "chi2exps.log").write_text('{"100": {"training_loss": 5.0}}')
    x = export_xgrid()
    rows = "".join(f"- {row.tolist()}\n" for row in replica_pdf(replica))
    (place / f"{folder.name}.exportgrid").write_text(
        f"labels: [{', '.join(EXPORT_LABELS)}]\npdfgrid:\n{rows}q20: {1.65**2!r}\n"
        f"replica: {replica}\nxgrid: {x.tolist()}\n"
    )


def replica_numbers(replica: int) -> dict[str, Any]:
    return {
        "preprocessing": [
            {"fl": name, "smallx": 0.6 + 0.01 * replica, "largex": 2.0 + column, "trainable": False}
            for column, name in enumerate(FLAVOURS)
        ],
        "stop_epoch": 900,
        "best_epoch": 800 + replica,
        "erf_tr": 2.0 + 0.01 * replica,
        "erf_vl": 2.5 + 0.01 * replica,
        "chi2": 1.2 + 0.001 * replica,
        "pos_state": "POS_PASS",
        "arc_lengths": [1.0, 1.1, 1.2, 1.3, 1.4],
        "integrability": list(INTEGRABILITY),
        "timing": {"walltime": {"Total": 10.0 * replica}, "cputime": {"Total": 1.0}},
        "hyperparameters": "from runcard",
        "version": {"nnpdf": "4.1.5", "numpy": "2.0.0"},
    }


def replica_pdf(replica: int) -> np.ndarray:
    return toy_pdf(export_xgrid(), np.random.default_rng(replica))


def write_postfit(folder: Path, chosen: Sequence[int], vetoes: Mapping[str, Sequence[bool]] | None = None) -> None:
    """Write what nnpdf's postfit writes but for the PDF set."""
    home = folder / "postfit"
    home.mkdir()
    for member, replica in enumerate(chosen, start=1):
        (home / f"replica_{member}").symlink_to(f"../nnfit/replica_{replica}")
    content = {"chi2_threshold": 4.0, "arclength_threshold": 4.0, "integrability_threshold": 0.5}
    (home / "veto_count.json").write_text(json.dumps(content | dict(vetoes or {})))
    (home / "postfit.log").write_text("\n*****\n\nPostfit complete\n")
