"""nnpdf 4.1.5 in an environment of its own, where it is installed; lhapdf is replaced by a small module beside it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[3] / "shared"
BIN = Path(os.environ.get("PEER_HOME", "~/.cache/n3fit-peer")).expanduser() / "venv" / "bin"
LHAPDF_MODULE = SHARED / "peer" / "pylib"
TOY_SETS = SHARED / "peer" / "lhapdf"
"""Folder with the PDF set TOYLH_nnlo."""

needs_peer = pytest.mark.skipif(
    not ((BIN / "python").is_file() and LHAPDF_MODULE.is_dir()),
    reason="needs an environment with nnpdf 4.1.5 in PEER_HOME, and ../shared/peer/pylib",
)


def run_validphys(program: str, place: Path, *, fit: Path, pdf_set: Path) -> Any:
    """Run a program with validphys that prints JSON in its last line, and return that.

    Parameters
    ----------
    program : str
    place : Path
        Folder for the share folder of nnpdf.
    fit, pdf_set : Path
        Linked into the results and into the PDF sets by their names.
    """
    links = {"results": fit, "sets": pdf_set}
    for name, target in links.items():
        (place / "share" / name).mkdir(parents=True, exist_ok=True)
        link = place / "share" / name / target.name
        if not link.is_symlink():
            link.symlink_to(target)
    for name in ("ekos", "photons_qed"):
        (place / "share" / name).mkdir(exist_ok=True)
    if not (place / "share" / "theories").is_symlink():
        (place / "share" / "theories").symlink_to(SHARED / "theories")
    return json.loads(run_peer([BIN / "python", "-c", program], place).splitlines()[-1])


def run_peer(command: Sequence[str | Path], place: Path) -> str:
    """Run a command of nnpdf with the share folder in ``place``, and return what it prints."""
    profile = place / "profile.yaml"
    profile.write_text(f"nnpdf_share: {place / 'share'}\n")
    environment: Mapping[str, str] = os.environ | {
        "NNPDF_PROFILE_PATH": str(profile),
        "LHAPDF_DATA_PATH": f"{place / 'share' / 'sets'}:{TOY_SETS}",
        "PYTHONPATH": str(LHAPDF_MODULE),
        "KERAS_BACKEND": "tensorflow",
    }
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout
