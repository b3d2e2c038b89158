"""PDF sets arrive complete and checked, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.http_server import File, Server, pack, pack_folder
from support.set_library import write_set

from n3fit.errors import CommandLineError, DataError
from n3fit.fetching.connection import Patience
from n3fit.fetching.pdf_sets import fetch_pdf_set
from n3fit.lhapdf.pdf_sets import load_pdf_set, user_sets_folder


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_set(tmp_path_factory.mktemp("sets"), "small", replicas=2)


@pytest.fixture
def get(server: Server, patience: Patience) -> Callable[..., object]:
    def fetch(name: str = "small", **options: object) -> object:
        return fetch_pdf_set(name, **{"urls": [server.url], "patience": patience, **options})  # type: ignore[arg-type]

    return fetch


def files_of(folder: Path) -> dict[str, bytes]:
    return {f"{folder.name}/{path.name}": path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_set_arrives(server: Server, get: Callable[..., object], small: Path) -> None:
    server.files["/small.tar.gz"] = File(pack_folder(small))
    fetched = get()
    assert (fetched.name, fetched.folder) == ("PDF set small", user_sets_folder() / "small")
    assert load_pdf_set("small").missing_members() == []
    assert files_of(fetched.folder) == files_of(small)
    assert get().present


def test_sets_of_lhapdf_come_before_those_of_nnpdf(
    server: Server, get: Callable[..., object], small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = tmp_path / "profile.yaml"
    profile.write_text(f"lhapdf_urls: [{server.url}/lhapdf/]\nnnpdf_pdfs_urls: [{server.url}/nnpdf/]\n")
    monkeypatch.setenv("NNPDF_PROFILE_PATH", str(profile))
    server.files["/nnpdf/small.tar.gz"] = File(pack_folder(small))
    assert get(urls=()).address == f"{server.url}/nnpdf/small.tar.gz"
    server.files["/lhapdf/small.tar.gz"] = File(pack_folder(small))
    assert get(urls=(), force=True).address == f"{server.url}/lhapdf/small.tar.gz"
    assert server.count("/lhapdf/pdfdata.json") == 0


@pytest.mark.parametrize(
    ("removed", "problem"),
    [
        ("small.info", "small/small.info: missing"),
        ("small_0000.dat", "1 of 3 members are missing, the first is small_0000.dat"),
        ("small_0002.dat", "1 of 3 members are missing, the first is small_0002.dat"),
    ],
)
def test_an_incomplete_set_is_not_installed(
    server: Server, get: Callable[..., object], small: Path, removed: str, problem: str
) -> None:
    files = files_of(small)
    del files[f"small/{removed}"]
    server.files["/small.tar.gz"] = File(pack(files))
    with pytest.raises(DataError, match=f"/small.tar.gz: .*{problem}") as caught:
        get()
    assert caught.value.exit_code == 3
    assert list(user_sets_folder().iterdir()) == []


def test_a_broken_central_member(server: Server, get: Callable[..., object], small: Path) -> None:
    server.files["/small.tar.gz"] = File(
        pack(files_of(small) | {"small/small_0000.dat": b"PdfType: central\n---\n1 x\n"})
    )
    with pytest.raises(DataError, match=r"small/small_0000.dat"):
        get()


def test_a_set_that_is_there_and_incomplete(server: Server, get: Callable[..., object], small: Path) -> None:
    server.files["/small.tar.gz"] = File(pack_folder(small))
    (get().folder / "small_0001.dat").unlink()
    with pytest.raises(DataError, match="is there, but cannot be used: small: 1 of 3 members are missing") as caught:
        get()
    assert "--force" in caught.value.hint
    assert not get(force=True).present
    assert get().present


def test_output(server: Server, get: Callable[..., object], small: Path, tmp_path: Path) -> None:
    server.files["/small.tar.gz"] = File(pack_folder(small))
    assert get(output=tmp_path).folder == tmp_path / "small"
    assert get(output=tmp_path).present
    assert not (user_sets_folder() / "small").exists()


@pytest.mark.parametrize("name", ["small/0", "../small", ""])
def test_names(get: Callable[..., object], name: str) -> None:
    with pytest.raises(CommandLineError, match="for the PDF set, received"):
        get(name)
