"""A small fit in the deterministic mode, and the comparison of fit folders to the last bit."""

from __future__ import annotations

import json
from pathlib import Path

from n3fit.fit.inputs import load_inputs
from n3fit.paths import SearchPaths
from n3fit.progress import NullReporter
from n3fit.runcard import read_runcard

SMALL_FIT = Path(__file__).parent / "small_fit.yml"


def write_card(folder: Path, *, epochs: int = 120, extra: str = "") -> Path:
    """Write the runcard of the small fit in the deterministic mode."""
    path = folder / "card.yml"
    text = SMALL_FIT.read_text().replace("epochs: 120", f"epochs: {epochs}")
    path.write_text(f"debug: true\n{extra}{text}")
    return path


def content_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a fit folder by their paths, without times and without the manifest, which has origins."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "manifest.json":
            content = path.read_bytes()
            if path.suffix == ".json" and path.parent.name.startswith("replica_"):
                plain = json.loads(content)
                plain.pop("timing")
                content = json.dumps(plain, sort_keys=True).encode()
            found[path.relative_to(folder).as_posix()] = content
    return found


def assert_same_fit(first: Path, second: Path) -> None:
    """Check that two fits of one name have the same files, byte by byte."""
    one, other = content_of(first), content_of(second)
    assert set(one) == set(other)
    assert [name for name in one if one[name] != other[name]] == []


def block_settings(place: Path, card: Path, sets: Path) -> dict[str, object]:
    """Return what a worker receives about a fit: search paths, hashes of the inputs, and a file that it has to see."""
    token = place / ".token"
    token.write_text(token.name)
    hashes = load_inputs(read_runcard(card), SearchPaths(pdf_sets=sets), progress=NullReporter()).hashes
    return {
        "theories": None,
        "pdf_sets": str(sets),
        "data": None,
        "hashes": hashes,
        "token": str(token),
        "checkpoint": None,
    }
