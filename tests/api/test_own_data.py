"""Fits of data of the user, from runcard to manifest, and the functions that check and show them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.fits_in_parts import assert_same_fit
from support.own_data import COPY, DATASET, ORIGINAL, change_file, copy_set
from support.progress import RecordedSteps
from support.runcards import SMALL_FIT, change

from n3fit import api
from n3fit.cluster.inline_pool import InlinePool
from n3fit.errors import DataError, N3fitError, RuncardError
from n3fit.storage import sha256_of_file

LIBRARY_SET = f"{ORIGINAL}_EM-SIGMARED"
CARD = change(SMALL_FIT, ("epochs: 120", "epochs: 30"))
"""Pseudodata depend on the name of a data set; without them the same data under two names have the same fit."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    copy_set(folder)
    return folder


def write_card(folder: Path, *changes: tuple[str, str], name: str = "small") -> Path:
    path = folder / f"{name}.yml"
    path.write_text("debug: true\n" + change(CARD, *changes))
    return path


@pytest.fixture(scope="module")
def card(place: Path) -> Path:
    """The runcard of a fit of the copy, without pseudodata."""
    return write_card(place, (LIBRARY_SET, DATASET), ("trvlseed: 1\n", "trvlseed: 1\ngenrep: false\n"))


@pytest.fixture(scope="module")
def alone(place: Path, card: Path, own: Path) -> api.Fit:
    return api.fit(card, replicas=[1, 2], output=place / "alone" / "small", data_path=own)


def test_a_copy_has_the_fit_of_the_original(place: Path, alone: api.Fit, own: Path) -> None:
    original = write_card(place, ("trvlseed: 1\n", "trvlseed: 1\ngenrep: false\n"), name="original")
    other = api.fit(original, replicas=[1, 2], output=place / "original")
    for name in ("pdf", "predictions", "alpha", "beta", "positivity_losses"):
        first, second = (getattr(fit.folder.results, name) for fit in (alone, other))
        np.testing.assert_array_equal(first, second, err_msg=name)
    recorded = alone.folder.manifest.inputs
    files = {key: value for key, value in recorded.items() if key.startswith("own data")}
    assert len(files) == 4
    for key, checksum in files.items():
        assert checksum == sha256_of_file(own / key.partition(": ")[2])
    assert not [key for key in other.folder.manifest.inputs if key.startswith("own data")]
    assert recorded[f"data {DATASET}"] == other.folder.manifest.inputs[f"data {LIBRARY_SET}"]


def test_jobs_of_an_array_find_own_data(place: Path, card: Path, alone: api.Fit, own: Path) -> None:
    folder, progress = place / "array" / "small", RecordedSteps()
    for part in ((1, 2), (2, 2)):
        fit = api.fit_part(card, part=part, replicas=[1, 2], output=folder, data_path=own, progress=progress)
    assert_same_fit(alone.path, fit.path)
    assert f"own data of {own}: {DATASET}" in progress.messages
    assert alone.folder.manifest.inputs == fit.folder.manifest.inputs


def test_workers_find_own_data(
    place: Path, card: Path, alone: api.Fit, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("n3fit.cluster.fit_on_workers.open_pool", lambda *_, progress, **__: InlinePool(progress))
    fit = api.fit(card, replicas=[1, 2], output=place / "workers" / "small", data_path=own, workers=1)
    assert_same_fit(alone.path, fit.path)


def test_changed_data_are_not_added_to_a_fit(place: Path, card: Path, alone: api.Fit, own: Path) -> None:
    changed = place / "changed"
    folder = copy_set(changed)
    (folder / "data_EM-SIGMARED.yaml").write_text((folder / "data_EM-SIGMARED.yaml").read_text() + "# checked\n")
    with pytest.raises(N3fitError, match=f"own data {DATASET}: {COPY}/data_EM-SIGMARED.yaml"):
        api.fit(card, replicas=[3], output=alone.path, add=True, data_path=changed)


def test_without_the_folder_the_data_set_is_missing(card: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"there is no data set '{DATASET}'.*did you mean '{LIBRARY_SET}'"):
        api.fit(card, replicas=[1], output=tmp_path / "no")


def test_cuts_check_and_chi2_find_own_data(place: Path, card: Path, own: Path) -> None:
    cuts = api.data_cuts(card, data_path=own)
    assert [(entry.dataset, entry.kept) for entry in cuts.datasets] == [(DATASET, 42)]
    checked = api.check(card, replicas=[1], data_path=own)
    assert isinstance(checked, api.CheckSummary)
    assert [(entry.name, entry.points_kept) for entry in checked.datasets] == [(DATASET, 42)]
    original = write_card(place, name="for_chi2")
    rows = [api.chi2(path, "n3fit_dis_t0", data_path=own).sets[0].rows[-1] for path in (card, original)]
    assert rows[0].central == rows[1].central


def test_groups_by_the_metadata_of_own_data(place: Path, own: Path, tmp_path: Path) -> None:
    groups = "metadata_group: nnpdf31_process\ndiagonal_basis: false\n"
    path = write_card(tmp_path, (LIBRARY_SET, DATASET), ("trvlseed: 1\n", f"trvlseed: 1\n{groups}"))
    assert isinstance(api.check(path, replicas=[1], data_path=own), api.CheckSummary)
    groups = groups.replace("nnpdf31_process", "colour")
    path = write_card(tmp_path, (LIBRARY_SET, DATASET), ("trvlseed: 1\n", f"trvlseed: 1\n{groups}"))
    with pytest.raises(DataError, match=f"{DATASET} has no text 'colour' in its metadata"):
        api.check(path, replicas=[1], data_path=own)


def test_rules_may_name_own_data_that_are_not_in_the_fit(own: Path, tmp_path: Path) -> None:
    rule = ("added_filter_rules:\n", f"added_filter_rules:\n- {{dataset: {COPY}_EP-SIGMARED, rule: Q2 > 5}}\n")
    path = write_card(tmp_path, rule)
    with pytest.warns(UserWarning, match=f"the rule is about no data set of this fit: {COPY}_EP-SIGMARED"):
        api.data_cuts(path, data_path=own)
    with pytest.raises(RuncardError, match=f"expected the name of a data set, received {COPY}_EP-SIGMARED"):
        api.data_cuts(path)


def test_rules_by_name_apply_to_own_data(own: Path, tmp_path: Path) -> None:
    rule = ("added_filter_rules:\n", f"added_filter_rules:\n- {{dataset: {DATASET}, rule: Q2 > 1000}}\n")
    cuts = api.data_cuts(write_card(tmp_path, (LIBRARY_SET, DATASET), rule), data_path=own)
    reference = ("added_filter_rules:\n", f"added_filter_rules:\n- {{dataset: {LIBRARY_SET}, rule: Q2 > 1000}}\n")
    assert cuts.points == api.data_cuts(write_card(tmp_path, reference)).points < 42


@pytest.mark.parametrize("target", [COPY, DATASET, f"{COPY}_em-sigmared"])
def test_a_check_by_name(own: Path, target: str) -> None:
    if target.endswith("em-sigmared"):
        with pytest.raises(DataError, match=f"did you mean '{DATASET}'"):
            api.data_check(target, data_path=own)
        return
    found = api.data_check(target, data_path=own)
    assert found.passed
    assert {entry.name for entry in found.variants} == {DATASET, *([f"{COPY}_EP-SIGMARED"] if target == COPY else [])}


def test_a_check_of_a_folder_of_sets_by_path(own: Path, tmp_path: Path) -> None:
    copy_set(tmp_path, "A_B_C")
    change_file(copy_set(tmp_path, "D_E_F") / "metadata.yaml", ("version: 1", "version: 1\nsize: 3"))
    found = api.data_check(tmp_path)
    assert [(entry.name, entry.passed) for entry in found.sets] == [("A_B_C", True), ("D_E_F", False)]
    assert api.data_check(tmp_path / "A_B_C" / "metadata.yaml").passed


def test_a_description_in_numbers(own: Path) -> None:
    """The statistical uncertainty by hand, from the numbers of the file."""
    found = api.data_show(DATASET, data_path=own)
    original = api.data_show(LIBRARY_SET)
    assert (found.source, original.source[:10]) == ("own data", "nnpdf-data")
    assert (found.folder, found.points, found.category) == (own / COPY, 42, "DIS CC")
    assert found.uncertainties == original.uncertainties
    groups = {(entry.type, entry.treatment): entry for entry in found.uncertainties}
    assert groups[("named", "MULT")].sources == 169
    assert groups[("total", "")].percent > groups[("stat", "ADD")].percent
    assert [(entry.name, entry.low, entry.high) for entry in found.kinematics[:2]] == [
        ("x", 0.008, 0.65), ("Q2", 300.0, 30000.0),
    ]  # fmt: skip
    assert found.tables == ("HERA_CC_318GEV_EM_SIGMARED",)
    assert "1506.06042" in found.references["arXiv"]
