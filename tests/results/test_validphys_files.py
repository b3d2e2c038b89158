"""The folder ``postfit/`` of a fit, as validphys reads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import outcomes
from support.peer import needs_peer, run_validphys

from n3fit import __version__
from n3fit.errors import ResourceError
from n3fit.results import FitFolder, Thresholds, choose_and_record
from n3fit.results.evolve import evolve_fit
from n3fit.results.reader import read_fit_folder
from n3fit.results.validphys_files import write_validphys_files

MakeFit = Callable[..., FitFolder]
Write = Callable[..., FitFolder]

NAMES = (
    "Convergence check",
    *(f"IntegNumber_{index}" for index in range(5)),
    "ChiSquared",
    *(f"ArcLength_{index}" for index in range(5)),
    "Total",
)


@pytest.fixture
def fit(write: Write) -> FitFolder:
    """25 replicas: the second fails positivity, the third integrability of T3, the last has a long gluon."""
    many = outcomes.make_outcome(25, sets=outcomes.SMALL_SETS)
    integrability, arc_lengths = many.integrability.copy(), many.arc_lengths.copy()
    integrability[2, 3] = 2.5  # of V, V3, V8, T3, T8
    arc_lengths[24, 1] *= 50  # of Sigma, g, V, V3, V8
    return write(
        replace(
            many,
            positivity_passed=np.arange(25) != 1,
            integrability=integrability,
            arc_lengths=arc_lengths,
        )
    )


def links(fit: FitFolder) -> dict[str, str]:
    return {path.name: str(path.readlink()) for path in (fit.path / "postfit").glob("replica_*")}


def vetoes(fit: FitFolder) -> dict[str, list[bool]]:
    content = json.loads((fit.path / "postfit" / "veto_count.json").read_text())
    return {name: content[name] for name in NAMES}


def test_postfit_links_to_the_chosen_replicas(fit: FitFolder) -> None:
    choose_and_record(fit.path, count=3)
    assert links(fit) == {f"replica_{k}": f"../nnfit/replica_{n}" for k, n in ((1, 1), (2, 4), (3, 5))}
    for number in (1, 2, 3):
        assert (fit.path / "postfit" / f"replica_{number}" / "toy.json").is_file()
    choose_and_record(fit.path, count=2)  # an earlier choice is replaced
    assert links(fit) == {"replica_1": "../nnfit/replica_1", "replica_2": "../nnfit/replica_4"}
    read_fit_folder(fit.path, checksums=True)


def test_vetoes_are_one_boolean_for_each_replica_in_the_text_order_of_their_folders(fit: FitFolder) -> None:
    choose_and_record(fit.path)
    content = json.loads((fit.path / "postfit" / "veto_count.json").read_text())
    order = [1, *range(10, 20), 2, *range(20, 26), *range(3, 10)]
    excluded = {"Convergence check": [2], "IntegNumber_1": [3], "ArcLength_1": [25], "Total": [2, 3, 25]}
    assert vetoes(fit) == {name: [n not in excluded.get(name, []) for n in order] for name in NAMES}
    assert [content[f"{name}_threshold"] for name in ("chi2", "arclength", "integrability")] == [4.0, 4.0, 0.5]
    log = (fit.path / "postfit" / "postfit.log").read_text()
    assert log.startswith(f"n3fit {__version__}\n25 replicas found\n")
    assert log.endswith("chosen: 1, 4-24\ncompleted\n")


def test_a_switched_off_veto_has_no_threshold(fit: FitFolder) -> None:
    choose_and_record(fit.path, thresholds=Thresholds(arc_length=np.inf))
    assert json.loads((fit.path / "postfit" / "veto_count.json").read_text())["arclength_threshold"] is None
    assert all(vetoes(fit)["ArcLength_1"])


def test_without_postfit_finiteness_and_positivity_are_the_vetoes(fit: FitFolder) -> None:
    write_validphys_files(fit, [1, 3])
    assert links(fit) == {"replica_1": "../nnfit/replica_1", "replica_2": "../nnfit/replica_3"}
    found = vetoes(fit)
    assert {name for name, mask in found.items() if not all(mask)} == {"Convergence check", "Total"}
    assert sum(found["Total"]) == 24


def test_replicas_are_copied_where_links_are_not_allowed(fit: FitFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: str, target_is_directory: bool = False) -> None:
        raise OSError("a required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    for count in (2, 1):
        choose_and_record(fit.path, count=count)
        copies = sorted(path.name for path in (fit.path / "postfit").glob("replica_*"))
        assert copies == ["replica_1", "replica_2"][:count]
    copied, source = (fit.path / place / "replica_1" / "toy.json" for place in ("postfit", "nnfit"))
    assert copied.read_bytes() == source.read_bytes()
    assert not copied.parent.is_symlink()


def test_an_interrupted_choice_has_no_log(fit: FitFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    choose_and_record(fit.path, count=3)

    def full(*arguments: object) -> None:
        raise ResourceError("disk full")

    monkeypatch.setattr("n3fit.results.validphys_files.to_json", full)
    with pytest.raises(ResourceError, match="disk full"):
        choose_and_record(fit.path, count=2)
    assert not (fit.path / "postfit" / "postfit.log").exists()


def test_evolution_keeps_the_links_of_postfit(make_fit: MakeFit) -> None:
    fit = make_fit(positivity_passed=np.array([True, True, False, True]))
    evolve_fit(fit, name="before", q_max=100.0, q_nodes=8)
    assert [links(fit)[f"replica_{k}"] for k in (1, 2, 3)] == [f"../nnfit/replica_{n}" for n in (1, 2, 4)]
    choose_and_record(fit.path, count=2)
    evolve_fit(fit.path, members="finite", name="after", q_max=100.0, q_nodes=8)
    assert [links(fit)[f"replica_{k}"] for k in (1, 2)] == ["../nnfit/replica_1", "../nnfit/replica_2"]
    assert [folder.name for folder in fit.pdf_sets] == ["after", "before"]


def test_a_set_in_another_folder_adds_nothing_to_the_fit(make_fit: MakeFit, tmp_path: Path) -> None:
    fit = make_fit()
    evolve_fit(fit, output=tmp_path / "sets", q_max=100.0, q_nodes=8)
    assert not (fit.path / "postfit").exists()


@pytest.mark.slow
@needs_peer
@pytest.mark.parametrize("chosen", [(), (1, 2)], ids=["evolved", "chosen by postfit"])
def test_validphys_reads_the_fit_and_its_set(make_fit: MakeFit, tmp_path: Path, chosen: tuple[int, ...]) -> None:
    """The description of the replicas, their number and the replicas of the members, with validphys itself."""
    fit = make_fit(positivity_passed=np.array([True, True, False, True]))
    if chosen:
        choose_and_record(fit.path, count=len(chosen))
    evolve_fit(fit.path, q_max=100.0, q_nodes=8)
    members = chosen or (1, 2, 4)
    program = """
import json
from validphys.api import API
infos = API.replica_data(fit="toy")
print(json.dumps({
    "chi2": [info.chi2 for info in infos],
    "arc_lengths": [list(info.arclengths) for info in infos],
    "integrability": [list(info.integnumbers) for info in infos],
    "members": [int(number) for number in API.fitted_replica_indexes(pdf="toy")],
    "count": API.num_fitted_replicas(fit="toy"),
}))
"""
    found = run_validphys(program, tmp_path, fit=fit.path, pdf_set=fit.path / "postfit" / "toy")
    rows = np.isin(fit.replicas, members)
    assert (found["members"], found["count"]) == (list(members), 4)
    np.testing.assert_allclose(found["chi2"], fit.total_chi2[rows], rtol=1e-12)
    np.testing.assert_allclose(found["arc_lengths"], fit.results.arc_lengths[rows], rtol=1e-12)
    v, v3, v8, t3, t8 = fit.results.integrability[rows].T
    np.testing.assert_allclose(np.transpose(found["integrability"]), [v, t3, v3, t8, v8], rtol=1e-12)
