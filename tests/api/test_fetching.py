"""Theories and PDF sets from a server, by the functions of the api and by the command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.http_server import File, Server, open_server, pack_folder
from support.set_library import write_set

from n3fit import api
from n3fit.cli.main import main
from n3fit.errors import CommandLineError, DataError, TheoryError
from n3fit.lhapdf.pdf_sets import load_pdf_set
from n3fit.theory.theories import open_theory
from n3fit.theory.theory_folders import EMBEDDED_FOLDER, user_theories_folder


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    monkeypatch.setenv("N3FIT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("N3FIT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with open_server() as running:
        monkeypatch.setenv("N3FIT_THEORY_URLS", f"{running.url}/theories")
        monkeypatch.setenv("N3FIT_PDF_URLS", f"{running.url}/sets")
        yield running


def test_theory(server: Server, tmp_path: Path) -> None:
    """The embedded theory from a server: 33 tables with the checksums of its manifest."""
    server.files["/theories/theory_dis_nnlo.tgz"] = File(pack_folder(EMBEDDED_FOLDER / "theory_dis_nnlo"))
    address = f"{server.url}/theories/theory_dis_nnlo.tgz"
    assert api.get_theory("dis_nnlo").present
    fetched = api.get_theory("dis_nnlo", output=tmp_path / "out")
    assert isinstance(fetched, api.Fetched)
    assert fetched.address == address
    assert open_theory("dis_nnlo", path=tmp_path / "out").folder == tmp_path / "out" / "theory_dis_nnlo"


def test_theories_on_servers(server: Server) -> None:
    server.files["/theories/theorydata.json"] = File(b'{"files": ["theory_708.tgz", "theory_nowhere.tgz"]}')
    first, second = api.list_theories(remote=True)
    assert (first.identifier, first.order, first.q0) == ("708", "NNLO", 1.65)
    assert first.address == f"{server.url}/theories/theory_708.tgz"
    assert first.folder == user_theories_folder() / "theory_708"
    assert (second.identifier, second.order, second.description) == ("nowhere", "", "")
    with pytest.raises(CommandLineError, match="expected remote or theory_path, received both"):
        api.list_theories(remote=True, theory_path="there")


def test_what_is_missing_is_fetched_by_the_command_that_the_message_names(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.files["/sets/toy_set.tar.gz"] = File(pack_folder(write_set(tmp_path, "toy_set", replicas=1)))
    with pytest.raises(DataError) as caught:
        load_pdf_set("toy_set")
    command = caught.value.hint.partition("`")[2].partition("`")[0]
    assert command == "n3fit pdf get toy_set"
    assert main([*command.split()[1:], "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in events] == ["phase", "step", "phase", "result"]
    assert load_pdf_set("toy_set").members == 2
    with pytest.raises(TheoryError) as missing:
        open_theory(400)
    assert missing.value.hint.startswith("fetch it with `n3fit theory get 400`, ")
    assert main(["theory", "get", "400"]) == 3
    assert "/theories/theory_400.tgz: 404 Not Found" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["a b", "$(x)", "../x"])
def test_a_name_that_cannot_be_fetched_is_not_proposed(name: str) -> None:
    with pytest.raises(TheoryError) as theory:
        open_theory(name)
    with pytest.raises(DataError) as pdf:
        load_pdf_set(name)
    assert " get " not in theory.value.hint + pdf.value.hint
