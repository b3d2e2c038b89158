"""In deterministic mode a merged fit is, byte by byte, the fit of all its replicas."""

import json
from pathlib import Path

import pytest

from n3fit import api

CARD = (Path(__file__).parents[1] / "support" / "small_fit.yml").read_text()
DETERMINISTIC = CARD.replace("epochs: 120", "epochs: 900").replace("patience: 1.0", "patience: 0.04") + "debug: true\n"
CARDS = {
    "measured": DETERMINISTIC,
    "closure": DETERMINISTIC + "closuretest: {level: 2, fakepdf: toy, filterseed: 7}\n",
}


@pytest.fixture(scope="module", params=["closure", pytest.param("measured", marks=pytest.mark.slow)])
def fits(request, place, toy_pdf_sets):
    """Three replicas in one run, merged from 1 and 2, and added to the fit of one: they stop at different epochs."""
    home = place / request.param
    home.mkdir()
    card = home / "card.yml"
    card.write_text(CARDS[request.param])

    def fit(name: str, first: int, last: int, **options: bool) -> api.Fit:
        return api.fit(
            card, replicas=range(first, last + 1), output=home / name / "fit", pdf_path=toy_pdf_sets, **options
        )

    whole, first = fit("whole", 1, 3), fit("first", 2, 2)
    fit("second", 1, 1)
    fit("second", 3, 3, add=True)
    return whole, api.merge([first.path, home / "second" / "fit"], output=home / "merged" / "fit")


def content(path: Path) -> object:
    """Return what two runs have in common: without the seconds that the phases of a fit took."""
    if path.parent.name.startswith("replica_") and path.name == "fit.json":
        return json.loads(path.read_text()) | {"timing": None}
    return path.read_bytes()


def test_every_file_but_the_manifest_is_the_same(fits) -> None:
    whole, merged = fits
    stops = [json.loads((whole.path / f"nnfit/replica_{n}/fit.json").read_text())["stop_epoch"] for n in (1, 2, 3)]
    assert len(set(stops)) > 1
    names = sorted(file.relative_to(whole.path).as_posix() for file in whole.path.rglob("*") if file.is_file())
    assert names == sorted(
        file.relative_to(merged.path).as_posix() for file in merged.path.rglob("*") if file.is_file()
    )
    different = [name for name in names if content(whole.path / name) != content(merged.path / name)]
    assert different == ["manifest.json"]


def test_the_manifests_agree_in_everything_but_origin_and_time(fits) -> None:
    first, second = (fit.manifest for fit in fits)
    assert (first.inputs, first.seeds, first.versions) == (second.inputs, second.seeds, second.versions)
    assert [part["replicas"] for part in second.environment["parts"]] == ["1", "3", "2"]
