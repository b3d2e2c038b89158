"""Addresses of the option, the environment and the profile, in this order, and indices of servers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.http_server import File, Server

from n3fit.data.nnpdf_profile import PROFILE_VARIABLE
from n3fit.errors import CommandLineError
from n3fit.fetching.connection import Patience
from n3fit.fetching.failures import TemporaryError
from n3fit.fetching.places import (
    PDF_URLS_VARIABLE,
    THEORY_URLS_VARIABLE,
    IndexEntry,
    Place,
    pdf_places,
    read_index,
    theory_places,
)


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(PROFILE_VARIABLE, str(tmp_path / "profile.yaml"))
    for variable in (THEORY_URLS_VARIABLE, PDF_URLS_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "profile.yaml").write_text(
        "theory_urls: ['https://a/t', 'http://b/t/']\ntheory_index: t.json\n"
        "lhapdf_urls: https://a/l\nnnpdf_pdfs_urls: [https://a/n]\nnnpdf_pdfs_index: n.json\n"
    )
    return tmp_path / "profile.yaml"


def test_profile(profile: Path) -> None:
    assert theory_places() == [Place("https://a/t", "t.json"), Place("http://b/t/", "t.json")]
    assert pdf_places() == [Place("https://a/l"), Place("https://a/n", "n.json")]


def test_environment_before_the_profile(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(THEORY_URLS_VARIABLE, " https://c/t  https://d ")
    monkeypatch.setenv(PDF_URLS_VARIABLE, "https://c/p")
    assert theory_places() == [Place("https://c/t", "t.json"), Place("https://d", "t.json")]
    assert pdf_places() == [Place("https://c/p", "n.json")]


def test_option_before_the_environment(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(THEORY_URLS_VARIABLE, "https://c/t")
    assert theory_places(["https://e"]) == [Place("https://e", "t.json")]
    assert pdf_places(["https://e", "https://f"]) == [Place("https://e", "n.json"), Place("https://f", "n.json")]


def test_defaults(profile: Path) -> None:
    profile.write_text("theory_urls: 7\n")
    assert all(place.url.startswith("https://") for place in [*theory_places(), *pdf_places()])
    assert [place.index for place in theory_places()] == ["theorydata.json"] * 3
    assert [place.index for place in pdf_places()] == ["", "pdfdata.json"]


def test_wrong_addresses_are_named_with_their_source(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandLineError, match="--url: expected an address"):
        theory_places(["server"])
    profile.write_text("theory_urls: [https://a, 'file:///data']\nlhapdf_urls: ['']\n")
    with pytest.raises(CommandLineError, match=rf"{profile}: theory_urls: expected .* received 'file:///data'"):
        theory_places()
    with pytest.raises(CommandLineError, match=rf"{profile}: lhapdf_urls: expected"):
        pdf_places()
    monkeypatch.setenv(PDF_URLS_VARIABLE, "ftp://a")
    with pytest.raises(CommandLineError, match=r"\$N3FIT_PDF_URLS: expected"):
        pdf_places()


@pytest.mark.parametrize("url", ["http://server/folder", "http://server/folder/"])
def test_address_of_a_file(url: str) -> None:
    assert Place(url).address_of("a+b.tar.gz") == "http://server/folder/a%2Bb.tar.gz"
    assert not Place(url).is_archive
    assert Place("http://server/x.tgz?token=1").is_archive


def test_index(server: Server, patience: Patience) -> None:
    entries = [
        "theory_1.tgz",
        {"name": "theory_2.tar.gz", "size": 7, "sha256": "A" * 64, "md5": "short"},
        {"name": "theory_3.tgz", "size": "7"},
        "../theory_4.tgz", "a\\theory_5.tgz", "README", 7, None, {"size": 3},
    ]  # fmt: skip
    server.files["/t.json"] = File(json.dumps({"files": entries}).encode())
    found = read_index(Place(server.url, "t.json"), patience)
    assert found is not None
    assert list(found) == ["theory_1", "theory_2", "theory_3"]
    assert found["theory_1"] == IndexEntry("theory_1.tgz")
    assert (found["theory_2"].file, found["theory_2"].size) == ("theory_2.tar.gz", 7)
    assert [(checksum.algorithm, checksum.value) for checksum in found["theory_2"].checksums] == [("sha256", "a" * 64)]
    assert found["theory_3"].size is None


@pytest.mark.parametrize("content", [b"<html>", b"[]", b"{}", b'{"files": {"a": 1}}', b"\xff", b"{"])
def test_what_is_no_index(server: Server, patience: Patience, content: bytes) -> None:
    server.files["/t.json"] = File(content)
    assert read_index(Place(server.url, "t.json"), patience) is None


def test_no_index(server: Server, patience: Patience) -> None:
    assert read_index(Place(server.url, "t.json"), patience) is None
    assert read_index(Place(server.url), patience) is None
    assert read_index(Place(f"{server.url}/x.tgz", "t.json"), patience) is None
    assert server.count("/t.json") == 1
    with pytest.raises(TemporaryError):
        read_index(Place("http://127.0.0.1:1", "t.json"), patience)
