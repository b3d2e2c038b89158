"""The profile of an installation of nnpdf."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from n3fit.data.nnpdf_profile import ADDRESSES, INDICES, PROFILE_VARIABLE, profile_file, read_profile


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration folder without a profile."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv(PROFILE_VARIABLE, raising=False)
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    (tmp_path / "NNPDF").mkdir()
    return tmp_path


def test_defaults(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert profile_file() is None
    assert read_profile().shares == (Path(sys.prefix) / "share" / "NNPDF",)
    monkeypatch.setenv("CONDA_PREFIX", "/conda")
    assert read_profile().theories == (
        Path(sys.prefix) / "share" / "NNPDF" / "theories", Path("/conda/share/NNPDF/theories"),
    )  # fmt: skip


def test_profile_of_the_user(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "NNPDF" / "nnprofile.yml").write_text("nnpdf_share: ~/nnpdf\nfit_urls: [a, b]\n")
    assert read_profile().theories == (Path("~/nnpdf/theories").expanduser(),)
    (home / "NNPDF" / "nnprofile.yaml").write_text("nnpdf_share: /data\ntheories_path: tables\n")
    assert read_profile().theories == (Path("/data/tables"),)
    assert read_profile().caches == (Path("/data/vp-cache"),)
    assert read_profile().hyperscans == (Path("/data/hyperscan"),)
    (home / "other.yaml").write_text("nnpdf_share: RELATIVE_TO_PYTHON\ntheories_path: /elsewhere/theories\n")
    monkeypatch.setenv(PROFILE_VARIABLE, str(home / "other.yaml"))
    assert read_profile().theories == (Path("/elsewhere/theories"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nnpdf_share: [1\n", "the profile of nnpdf is not used: .*nnprofile.yaml"),
        ("just text\n", "expected keys such as nnpdf_share"),
        ("nnpdf_share: null\n", "nnpdf_share: expected a folder, received None; the default is used"),
        ("theories_path: 7\n", "theories_path: expected a folder, received 7"),
        ("theory_urls: 7\n", "theory_urls: expected a list of addresses, received 7; the default is used"),
        ("lhapdf_urls: [a, 1]\n", "lhapdf_urls: expected a list of addresses, received .'a', 1."),
        ("nnpdf_pdfs_index: [x]\n", "nnpdf_pdfs_index: expected a file name, received .'x'."),
        ("data_path: [data]\n", "data_path: expected a list of absolute paths, received .'data'."),
    ],
)
def test_profile_that_cannot_be_used_is_named(
    home: Path, caplog: pytest.LogCaptureFixture, text: str, message: str
) -> None:
    (home / "NNPDF" / "nnprofile.yaml").write_text(text)
    assert read_profile().shares == (Path(sys.prefix) / "share" / "NNPDF",)
    (record,) = caplog.records
    assert re.search(message, record.getMessage())


def test_profile_that_is_not_there_is_named(
    home: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROFILE_VARIABLE, str(home / "no.yaml"))
    read_profile()
    assert "no.yaml: missing" in caplog.text


def test_servers(home: Path) -> None:
    servers = read_profile().servers
    assert servers.theory_urls == ADDRESSES["theory_urls"]
    assert servers.nnpdf_pdfs_index == INDICES["nnpdf_pdfs_index"]
    (home / "NNPDF" / "nnprofile.yaml").write_text("theory_urls: [b, a]\nlhapdf_urls: c\nnnpdf_pdfs_urls: []\n")
    servers = read_profile().servers
    assert (servers.theory_urls, servers.lhapdf_urls, servers.nnpdf_pdfs_urls) == (("b", "a"), ("c",), ())
    assert servers.theory_index == "theorydata.json"
