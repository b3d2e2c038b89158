"""Faults 77 to 81, 84 and 85: files that are not what they should be, or would do more than hold data."""

from __future__ import annotations

import json
import pickle
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from support import outcomes
from support.http_server import File, Server, open_server, pack
from support.runcards import SMALL_FIT, change

from n3fit import api
from n3fit.fit.initial_weights import expected_shapes
from n3fit.results import FitFolder
from n3fit.runcard import parse_runcard
from n3fit.storage.weights import write_weights
from n3fit.theory.theory_folders import user_theories_folder

Refusal = Callable[..., str]
Load = Callable[[Path], str]

# ------------------------------------------------------------------------------------------------- files of weights


@pytest.fixture
def weights(tmp_path: Path, own_cache: Path) -> Path:
    """A file with weights for the small fit, and a runcard that starts from it."""
    (tmp_path / "card.yml").write_text(SMALL_FIT + "load: w.weights.h5\n")
    shapes = expected_shapes(parse_runcard(SMALL_FIT))
    arrays = {layer: [np.full(shape, 0.1) for shape in entries.values()] for layer, entries in shapes.items()}
    write_weights(tmp_path / "w.weights.h5", arrays)
    return tmp_path / "w.weights.h5"


@pytest.fixture
def refused(tmp_path: Path, weights: Path, refusal: Refusal) -> Callable[[], str]:
    """Return a function that fits from the broken file, which must be refused with nothing written; gives the line."""

    def fit() -> str:
        before = sorted(tmp_path.iterdir())
        line = refusal("fit", tmp_path / "card.yml", "-r", "1-1", "-o", tmp_path / "fit", code=3)
        assert sorted(tmp_path.iterdir()) == before
        assert str(weights) in line
        return line

    return fit


def test_the_file_of_weights_is_accepted(weights: Path) -> None:
    assert api.check(weights.with_name("card.yml")).points == 42


def test_fault_77_weights_of_another_architecture_are_refused_with_the_shapes(
    weights: Path, refused: Callable[[], str]
) -> None:
    card = weights.with_name("card.yml")
    card.write_text(change(card.read_text(), ("nodes_per_layer: [6, 8]", "nodes_per_layer: [7, 8]")))
    line = refused()
    assert "weights of another architecture; " in line
    assert "all_NNs: layer_0/kernel: expected (1, 2, 7), received (1, 2, 6)" in line
    assert "all_NNs: layer_1/kernel: expected (1, 7, 8), received (1, 6, 8)" in line


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_fault_78_truncated_weights_are_refused(weights: Path, refused: Callable[[], str], share: float) -> None:
    content = weights.read_bytes()
    weights.write_bytes(content[: int(share * len(content))])
    assert "damaged HDF5 file" in refused() if share else "received an empty file" in refused()


def external_link(file: h5py.File, secret: Path) -> None:
    file["layers/x/vars/0"] = h5py.ExternalLink(str(secret), "/layers")


def external_storage(file: h5py.File, secret: Path) -> None:
    file.create_dataset("layers/x/vars/0", (4,), "u1", external=[(str(secret), 0, 4)])


def huge(file: h5py.File, secret: Path) -> None:
    file.create_dataset("layers/x/vars/0", (2**40,), "f8")  # 8 TB, of which nothing is on the disk


def bomb(file: h5py.File, secret: Path) -> None:
    file.create_dataset("layers/x/vars/0", data=np.zeros(2**22), chunks=(2**22,), compression="gzip")


@pytest.mark.parametrize(
    ("fill", "reason"),
    [
        (external_link, "received a link to another place"),
        (external_storage, "stored contiguously in the file"),
        (huge, "arrays with 536870912 bytes, received more"),
        (bomb, "stored contiguously in the file"),
    ],
)
def test_fault_79_links_huge_shapes_and_bombs_are_refused(
    weights: Path, refused: Callable[[], str], fill: Callable[[h5py.File, Path], None], reason: str
) -> None:
    secret = weights.with_name("secret.h5")
    with h5py.File(secret, "w") as file:
        file["layers"] = np.arange(4.0)
    with h5py.File(weights, "w") as file:
        fill(file, secret)
    assert reason in refused()


class Trap:
    """An object whose pickle runs code when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("form", ["pickle", "dill", "keras", "npy"])
def test_fault_80_formats_that_run_code_are_refused_and_not_run(
    weights: Path, refused: Callable[[], str], tmp_path_factory: pytest.TempPathFactory, form: str
) -> None:
    ran = tmp_path_factory.mktemp("trap") / "ran"
    if form == "keras":  # a model whose configuration has a function as byte code
        with zipfile.ZipFile(weights, "w") as archive:
            archive.writestr("config.json", json.dumps({"class_name": "Lambda", "config": {"function": "4wEAAAA="}}))
            archive.writestr("model.weights.h5", b"\x89HDF\r\n\x1a\n")
    elif form == "npy":
        with weights.open("wb") as stream:
            np.save(stream, np.array([Trap(ran)], dtype=object), allow_pickle=True)
    else:  # dill writes the protocol of pickle
        weights.write_bytes(pickle.dumps(Trap(ran), protocol=4 if form == "dill" else 0))
    assert "expected an HDF5 file, received a" in refused()
    assert not ran.exists()
    if form == "pickle":  # the trap works
        pickle.loads(weights.read_bytes())
        assert ran.exists()


# ------------------------------------------------------------------------------------------------------- downloads


@pytest.fixture
def server(own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A server on this machine; the user's theories are in an empty folder."""
    monkeypatch.setenv("N3FIT_DATA_DIR", str(tmp_path / "data"))
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "N3FIT_THEORY_PATH"):
        monkeypatch.delenv(variable, raising=False)
    with open_server() as running:
        yield running


def everything_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, link
    return entry


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (member("../evil"), "a path with '..'"),
        (member("theory_7/../../evil"), "a path with '..'"),
        (member("/tmp/evil"), "an absolute path"),
        (member("theory_7/evil", tarfile.SYMTYPE, "/etc/passwd"), "a symbolic link"),
        (member("theory_7/evil", tarfile.LNKTYPE, "../../evil"), "a hard link"),
        (member("theory_7/evil", tarfile.CHRTYPE), "a device"),
        (member("theory_7/evil", tarfile.BLKTYPE), "a device"),
        (member("theory_7/evil", tarfile.FIFOTYPE), "a named pipe"),
        (member("evil"), "another place"),
    ],
    ids=[
        "up",
        "inside and up",
        "absolute",
        "symlink",
        "hardlink",
        "character device",
        "block device",
        "fifo",
        "beside",
    ],
)
def test_fault_81_archives_with_members_elsewhere_or_of_other_kinds_are_refused(
    server: Server, own_cache: Path, tmp_path: Path, refusal: Refusal, entry: tarfile.TarInfo, problem: str
) -> None:
    server.files["/theory_7.tgz"] = File(pack({"theory_7/theory.yaml": b"Q0: 1.65\n"}, entry))
    line = refusal("theory", "get", "7", "--url", server.url, code=3)
    assert f"{entry.name!r}: expected files and folders below theory_7/, received {problem}" in line
    # neither what was good in it, nor the archive itself
    assert everything_in(user_theories_folder()) == []
    assert everything_in(own_cache) == ["downloads/theory_7.lock"]
    assert not any(path.name == "evil" for path in tmp_path.rglob("*"))
    assert not Path("/tmp/evil").exists()


GOOD = pack({"theory_7/theory.yaml": b"Q0: 1.65\n", "theory_7/fastkernel/A.txt": b"x" * 5000})


def test_fault_83_over_http_from_another_machine_a_checksum_is_needed(
    server: Server, own_cache: Path, monkeypatch: pytest.MonkeyPatch, refusal: Refusal
) -> None:
    """The requests to another machine go to the server here, as to a proxy."""
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    server.files["http://elsewhere.invalid/theory_7.tgz"] = File(GOOD)
    line = refusal("theory", "get", "7", "--url", "http://elsewhere.invalid/", code=3)
    assert "expected an address with https://, or a published checksum" in line
    assert server.count("http://elsewhere.invalid/theory_7.tgz") == 0  # not even fetched
    assert everything_in(own_cache) == ["downloads/theory_7.lock"]
    server.files["http://elsewhere.invalid/theory_7.tgz.sha256"] = File(b"0" * 64)
    line = refusal("theory", "get", "7", "--url", "http://elsewhere.invalid/", code=3)
    assert "expected the sha256 000000000000... of http://elsewhere.invalid/theory_7.tgz.sha256" in line
    assert everything_in(own_cache) == ["downloads/theory_7.lock"]


def test_fault_83_another_checksum_is_kept_out(server: Server, own_cache: Path, refusal: Refusal) -> None:
    server.files["/theory_7.tgz"] = File(GOOD)
    server.files["/theory_7.tgz.sha256"] = File(b"0" * 64 + b"  theory_7.tgz\n")
    line = refusal("theory", "get", "7", "--url", server.url, code=3)
    assert "expected the sha256 000000000000..." in line
    assert everything_in(user_theories_folder()) == []
    assert everything_in(own_cache) == ["downloads/theory_7.lock"]


def test_fault_83_half_a_download_is_no_theory(server: Server, own_cache: Path, refusal: Refusal) -> None:
    """A server that ends too early and says so by nothing: the archive without its end is not unpacked."""
    server.files["/theory_7.tgz"] = File(GOOD[: len(GOOD) // 2])
    line = refusal("theory", "get", "7", "--url", server.url, code=3)
    assert "the archive is damaged or incomplete" in line
    assert everything_in(user_theories_folder()) == []
    assert everything_in(own_cache) == ["downloads/theory_7.lock"]


# ------------------------------------------------------------------------------------------------------ fit folders


@pytest.fixture
def fit(tmp_path: Path) -> FitFolder:
    return outcomes.write_outcome(outcomes.make_outcome(3, sets=outcomes.SMALL_SETS), tmp_path / "toy")


def test_fault_84_a_folder_that_is_a_link_is_followed_and_stays_one(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    link = tmp_path / "toy"
    link.symlink_to(tmp_path / "disk" / "fits", target_is_directory=True)
    (tmp_path / "disk" / "fits").mkdir()
    outcome = outcomes.make_outcome(3, sets=outcomes.SMALL_SETS)
    outcomes.write_outcome(outcome, link)
    outcomes.write_outcome(outcome, link, force=True)
    assert link.is_symlink()
    assert sorted(path.name for path in (tmp_path / "disk").iterdir()) == ["fits"]
    assert api.open_fit(link).replicas.tolist() == [1, 2, 3]
    assert api.postfit(link, count=2).selection.chosen == (1, 3)
    assert (tmp_path / "disk" / "fits" / "postfit.json").is_file()


def test_fault_84_links_in_a_circle_are_one_clear_error(tmp_path: Path, own_cache: Path, refusal: Refusal) -> None:
    (tmp_path / "card.yml").write_text(SMALL_FIT)
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    line = refusal("fit", tmp_path / "card.yml", "-r", "1-1", "-o", tmp_path / "a", code=4)
    assert f"{tmp_path / 'a'}: cannot be followed" in line


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_fault_85_a_number_that_json_does_not_have_is_refused(fit: FitFolder, text: str, refusal: Refusal) -> None:
    path = fit.path / "manifest.json"
    name = next(iter(json.loads(path.read_text())["timing"]))
    before = path.read_text()
    after = before.replace(f'"{name}": ', f'"{name}": {text}, "old": ', 1)
    assert after != before
    path.write_text(after)
    assert "manifest.json" in refusal("postfit", fit.path, "-n", 1, code=3)


def test_fault_85_numbers_that_are_not_finite_are_written_as_null(tmp_path: Path) -> None:
    broken = np.array([1.5, np.nan, np.inf])
    outcome = outcomes.make_outcome(3, sets=outcomes.SMALL_SETS, validation_chi2=broken)
    fit = outcomes.write_outcome(outcome, tmp_path / "toy")

    def refuse(text: str) -> float:
        raise AssertionError(text)

    files = sorted(fit.path.rglob("*.json"))
    content = {path: json.loads(path.read_text(), parse_constant=refuse) for path in files}
    values = [content[fit.path / "nnfit" / f"replica_{number}" / "toy.json"]["erf_vl"] for number in (1, 2, 3)]
    assert values == [1.5, None, None]
    np.testing.assert_array_equal(api.open_fit(fit.path).results.training.validation_chi2, broken)
