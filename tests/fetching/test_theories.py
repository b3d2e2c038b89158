"""Theories arrive complete and checked, or not at all."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.http_server import File, Server, pack, pack_folder
from support.progress import RecordedSteps

from n3fit.errors import CommandLineError, OutputExistsError, ResourceError, TheoryError
from n3fit.fetching.archive import Limits
from n3fit.fetching.connection import Patience
from n3fit.fetching.theories import fetch_theory, list_remote_theories
from n3fit.storage import sha256_of_file
from n3fit.theory.tables.fk_writer import write_fk_table
from n3fit.theory.theories import open_theory
from n3fit.theory.theory_folders import THEORY_PATH_VARIABLE, user_theories_folder


def write_theory(folder: Path, identifier: str = "7", *, card: str | None = "Q0: 1.65\nIC: 1\n") -> Path:
    """Write a theory with the table ONE."""
    theory = folder / f"theory_{identifier}"
    (theory / "fastkernel").mkdir(parents=True)
    path = theory / "fastkernel" / "ONE.pineappl.lz4"
    write_fk_table(path, np.ones((2, 1, 3)), pids=(21,), xgrid=np.array([0.1, 0.5, 1.0]), q0=1.65, metadata={})
    if card is not None:
        (theory / "theory.yaml").write_text(card)
    return theory


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return pack_folder(write_theory(tmp_path_factory.mktemp("packed")))


@pytest.fixture
def get(server: Server, patience: Patience) -> Callable[..., object]:
    def fetch(theoryid: int | str = 7, **options: object) -> object:
        return fetch_theory(theoryid, **{"urls": [server.url], "patience": patience, **options})  # type: ignore[arg-type]

    return fetch


def left(folder: Path) -> list[str]:
    """Return the names of everything in a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_theory_arrives(server: Server, get: Callable[..., object], archive: bytes, cache: Path) -> None:
    server.files["/theory_7.tgz"] = File(archive)
    progress = RecordedSteps()
    fetched = get(progress=progress)
    folder = user_theories_folder() / "theory_7"
    assert (fetched.name, fetched.folder, fetched.present) == ("theory 7", folder, False)
    assert (fetched.address, fetched.size, fetched.checksums) == (f"{server.url}/theory_7.tgz", len(archive), ())
    assert open_theory(7).load_table("ONE").sha256
    assert left(user_theories_folder()) == ["theory_7"]
    assert left(cache) == ["theory_7.lock"]
    assert progress.steps == [("bytes", len(archive), len(archive))]


def test_what_is_there_is_not_fetched(server: Server, get: Callable[..., object], archive: bytes) -> None:
    server.files["/theory_7.tgz"] = File(archive)
    first = get()
    server.answers.clear()
    again = get()
    assert (again.folder, again.present) == (first.folder, True)
    assert get("dis_nnlo").present
    assert server.answers == []


def test_a_theory_elsewhere_counts_but_for_output(
    server: Server, get: Callable[..., object], archive: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theory = write_theory(tmp_path / "elsewhere")
    monkeypatch.setenv(THEORY_PATH_VARIABLE, str(theory.parent))
    assert get().folder == theory
    assert server.answers == []
    server.files["/theory_7.tgz"] = File(archive)
    assert get(output=tmp_path / "here").folder == tmp_path / "here" / "theory_7"
    assert get(output=tmp_path / "here").present


def test_force_replaces_and_names_what_is_found_first(
    server: Server,
    get: Callable[..., object],
    archive: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.files["/theory_7.tgz"] = File(archive)
    old = write_theory(user_theories_folder()) / "old"
    old.touch()
    get(force=True)
    assert not old.exists()
    assert caplog.records == []
    monkeypatch.setenv(THEORY_PATH_VARIABLE, str(write_theory(tmp_path).parent))
    with caplog.at_level(logging.WARNING):
        get(force=True)
    assert (
        f"theory 7: a runcard finds the one in {tmp_path / 'theory_7'} before the one that was fetched" in caplog.text
    )


def test_a_failure_leaves_the_old_theory(server: Server, get: Callable[..., object]) -> None:
    old = write_theory(user_theories_folder()) / "old"
    old.touch()
    server.files["/theory_7.tgz"] = File(pack({"theory_7/fastkernel/x": b""}))
    with pytest.raises(TheoryError, match="there are no tables|there is no theory card"):
        get(force=True)
    assert old.exists()
    assert left(user_theories_folder()) == ["theory_7"]


def test_other_content_is_not_replaced(server: Server, get: Callable[..., object], archive: bytes) -> None:
    server.files["/theory_7.tgz"] = File(archive)
    place = user_theories_folder() / "theory_7"
    place.mkdir(parents=True)
    (place / "notes.txt").touch()
    with pytest.raises(OutputExistsError, match="expected a theory or an empty folder, found other files"):
        get(force=True)
    assert server.answers == []


def test_a_broken_theory_that_is_there_is_named(server: Server, get: Callable[..., object], archive: bytes) -> None:
    server.files["/theory_7.tgz"] = File(archive)
    (write_theory(user_theories_folder()) / "fastkernel" / "ONE.pineappl.lz4").unlink()
    with pytest.raises(TheoryError, match="theory 7 is there, but cannot be used: .*there are no tables") as caught:
        get()
    assert "--force" in caught.value.hint
    assert not get(force=True).present
    assert get().present


def test_a_card_of_nnpdf_data_is_enough(server: Server, get: Callable[..., object], tmp_path: Path) -> None:
    theory = write_theory(tmp_path, "708", card=None)
    server.files["/theory_708.tgz"] = File(pack_folder(theory))
    assert get(708).folder.name == "theory_708"
    assert open_theory(708).card["ID"] == 708


def test_addresses_are_tried_in_order(server: Server, get: Callable[..., object], archive: bytes) -> None:
    server.files["/b/theory_7.tgz"] = File(b"<html>moved</html>")
    server.files["/c/theory_7.tgz"] = File(archive)
    progress = RecordedSteps()
    fetched = get(urls=[f"{server.url}/{name}" for name in ("a", "b", "c/", "d")], progress=progress)
    assert [message.partition(": ")[0].removeprefix(server.url) for message in progress.messages] == [
        "/a/theory_7.tgz", "/b/theory_7.tgz",
    ]  # fmt: skip
    assert fetched.address == f"{server.url}/c/theory_7.tgz"
    assert server.count("/d/theory_7.tgz") == 0


def test_every_failure_is_named(server: Server, get: Callable[..., object]) -> None:
    server.files["/b/theory_7.tgz"] = File(b"<html>moved</html>")
    server.files["/c/theory_7.tgz"] = File(pack({"theory_8/fastkernel/x": b""}))
    server.files["/d/theorydata.json"] = File(b'{"files": ["theory_8.tgz"]}')
    with pytest.raises(TheoryError) as caught:
        get(urls=[f"{server.url}/{name}" for name in "abcd"])
    assert caught.value.message.replace(server.url, "") == (
        "theory 7 could not be fetched: /a/theory_7.tgz: 404 Not Found; "
        "/b/theory_7.tgz: expected an archive (.tar.gz), received an HTML page; "
        "/c/theory_7.tgz: 'theory_8/fastkernel/x': expected files and folders below theory_7/, received another place; "
        "/d/theory_7.tgz: 404 Not Found, and theorydata.json does not list it"
    )
    assert "--url" in caught.value.hint
    assert caught.value.exit_code == 3


def test_the_address_of_an_archive(server: Server, get: Callable[..., object], archive: bytes) -> None:
    server.files["/files/my.tar.gz?version=2"] = File(archive)
    assert get(urls=[f"{server.url}/files/my.tar.gz?version=2"]).size == len(archive)


def test_index_with_another_ending_and_checksums(server: Server, get: Callable[..., object], archive: bytes) -> None:
    entry = {
        "name": "theory_7.tar.gz", "size": len(archive), "sha256": hashlib.sha256(archive).hexdigest(),
    }  # fmt: skip
    index = File(json.dumps({"files": [entry]}).encode())
    server.files |= {"/theorydata.json": index, "/theory_7.tar.gz": File(archive)}
    assert get().checksums == (f"sha256 of {server.url}/theorydata.json",)
    index.content = json.dumps({"files": [entry | {"size": 1}]}).encode()
    with pytest.raises(TheoryError, match=rf"expected 1 bytes as in theorydata.json, received {len(archive)}"):
        get(force=True)


def test_a_wrong_checksum(server: Server, get: Callable[..., object], archive: bytes, cache: Path) -> None:
    server.files |= {"/theory_7.tgz": File(archive), "/theory_7.tgz.sha256": File(b"0" * 64)}
    with pytest.raises(TheoryError, match=r"theory_7.tgz: expected the sha256 0{12}\.\.\. of .*\.sha256, received"):
        get()
    assert left(user_theories_folder()) == []
    assert left(cache) == ["theory_7.lock"]
    server.files["/theory_7.tgz.sha256"].content = hashlib.sha256(archive).hexdigest().encode()
    assert get().checksums == (f"sha256 of {server.url}/theory_7.tgz.sha256",)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("theory.yaml", b"PTO: 2\n", "theory_7/theory.yaml: expected a theory card with the key Q0"),
        ("theory.yaml", None, "theory_7: there is no theory card"),
        ("fastkernel/ONE.pineappl.lz4", b"no table", "theory_7/fastkernel/ONE.pineappl.lz4: "),
        ("fastkernel/ONE.pineappl.lz4", None, "theory_7/fastkernel: there are no tables"),
        ("fastkernel", None, "theory_7: there is no folder fastkernel"),
        ("manifest.json", b"{}", "theory_7/manifest.json: not a readable manifest"),
        (
            "manifest.json",
            b'{"tables": {"ONE": {"sha256": "0"}}}',
            "theory_7/fastkernel/ONE.pineappl.lz4: expected the",
        ),
        ("manifest.json", b'{"tables": {"TWO": {"sha256": "0"}}}', "theory 7: there is no table 'TWO'"),
    ],
)
def test_a_theory_that_does_not_open_is_not_installed(
    server: Server, get: Callable[..., object], tmp_path: Path, name: str, content: bytes | None, problem: str
) -> None:
    theory = write_theory(tmp_path)
    if content is not None:
        (theory / name).write_bytes(content)
    elif name == "fastkernel":
        (theory / "fastkernel" / "ONE.pineappl.lz4").rename(theory / "ONE.pineappl.lz4")
        (theory / "fastkernel").rmdir()
    else:
        (theory / name).unlink()
    server.files["/theory_7.tgz"] = File(pack_folder(theory))
    with pytest.raises(TheoryError) as caught:
        get()
    assert f"theory_7.tgz: {problem}" in caught.value.message
    assert "unfinished/" not in caught.value.message
    assert left(user_theories_folder()) == []


def test_tables_of_the_old_format(server: Server, get: Callable[..., object]) -> None:
    content = {"theory_7/fastkernel/FK_X.dat": b"x", "theory_7/compound/a": b"", "theory_7/theory.yaml": b"Q0: 1\n"}
    server.files["/theory_7.tgz"] = File(pack(content))
    with pytest.raises(TheoryError, match=r"expected tables of PineAPPL .* received those of the old format"):
        get()


def test_a_manifest_that_is_right(server: Server, get: Callable[..., object], tmp_path: Path) -> None:
    theory = write_theory(tmp_path)
    checksum = sha256_of_file(theory / "fastkernel" / "ONE.pineappl.lz4")
    (theory / "manifest.json").write_text(json.dumps({"tables": {"ONE": {"sha256": checksum}}}))
    server.files["/theory_7.tgz"] = File(pack_folder(theory))
    assert not get().present


def test_a_server_that_stops_is_a_matter_of_resources(
    server: Server, get: Callable[..., object], archive: bytes, cache: Path
) -> None:
    server.files["/theory_7.tgz"] = File(archive, breaks=[100, 0, 0, 0], stalls=True)
    with pytest.raises(ResourceError, match=f"seconds; 100 of {len(archive)} bytes are there") as caught:
        get(urls=[server.url, f"{server.url}/b"])
    assert caught.value.exit_code == 4
    assert caught.value.hint == "run the command again to continue"
    assert "/b/theory_7.tgz: 404 Not Found" in caught.value.message
    progress = RecordedSteps()
    server.files["/theory_7.tgz"].breaks.clear()
    assert not get(progress=progress).present
    assert server.bytes_of("/theory_7.tgz") == len(archive)
    assert progress.messages == ["100 bytes are there from before"]
    assert left(cache) == ["theory_7.lock"]


def test_no_network(server: Server, get: Callable[..., object]) -> None:
    with pytest.raises(ResourceError, match="http://127.0.0.1:1/theorydata.json: no connection") as caught:
        get(urls=["http://127.0.0.1:1"])
    assert caught.value.hint == "check the network and run the command again"


def test_a_bomb_is_not_installed(server: Server, get: Callable[..., object]) -> None:
    server.files["/theory_7.tgz"] = File(pack({"theory_7/zeros": bytes(10**7)}))
    with pytest.raises(TheoryError, match="'theory_7/zeros': expected at most 2 MB in all files"):
        get(limits=Limits(size=2 * 10**6))
    assert left(user_theories_folder()) == []


@pytest.mark.parametrize("name", ["", "../7", "7/8", "a b", ".7", "7\n", "x" * 201, "é"])
def test_names(get: Callable[..., object], name: str) -> None:
    with pytest.raises(CommandLineError, match="expected a name of letters, digits and . _"):
        get(name)


def test_no_addresses(get: Callable[..., object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "profile.yaml").write_text("theory_urls: []\n")
    monkeypatch.setenv("NNPDF_PROFILE_PATH", str(tmp_path / "profile.yaml"))
    with pytest.raises(TheoryError, match="theory 7 could not be fetched: there is no address"):
        get(urls=[])


def test_a_folder_that_cannot_be_written(server: Server, get: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ResourceError, match="cannot be locked"):
        get(output=tmp_path / "file")
    assert server.answers == []


def test_a_disk_that_fills_up_while_unpacking(
    server: Server, get: Callable[..., object], archive: bytes, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was transferred is not requested again."""

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    server.files["/theory_7.tgz"] = File(archive)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfileobj", full)
        with pytest.raises(ResourceError, match="theory_7: cannot be written .No space left on device"):
            get()
    assert left(user_theories_folder()) == []
    assert not get().present
    assert server.bytes_of("/theory_7.tgz") == len(archive)


def test_parts_of_other_theories_stay(server: Server, get: Callable[..., object], archive: bytes, cache: Path) -> None:
    cache.mkdir()
    (cache / "theory_7.1.0123456789ab.part").touch()
    (cache / "theory_7.0123456789ab.part").touch()
    server.files["/theory_7.tgz"] = File(archive)
    get()
    assert left(cache) == ["theory_7.1.0123456789ab.part", "theory_7.lock"]


def test_list_of_theories_on_servers(server: Server, patience: Patience, caplog: pytest.LogCaptureFixture) -> None:
    server.files["/a/theorydata.json"] = File(b'{"files": ["theory_7.tgz", "theory_8.tgz", "eko_8.tar.gz"]}')
    server.files["/b/theorydata.json"] = File(b'{"files": ["theory_8.tgz", "theory_9.tgz"]}')
    found = list_remote_theories([f"{server.url}/{name}" for name in "abc"], patience=patience)
    assert found == {
        "7": f"{server.url}/a/theory_7.tgz", "8": f"{server.url}/a/theory_8.tgz", "9": f"{server.url}/b/theory_9.tgz",
    }  # fmt: skip
    assert f"{server.url}/c: there is no index 'theorydata.json' that can be read" in caplog.text
    with pytest.raises(ResourceError, match="no connection.*check the network and run the command again"):
        list_remote_theories(["http://127.0.0.1:1"], patience=patience)
    with pytest.raises(TheoryError, match="there is no index.*set other addresses in N3FIT_THEORY_URLS"):
        list_remote_theories([f"{server.url}/c"], patience=patience)


FETCH = """
import sys
from n3fit.fetching.theories import fetch_theory
from n3fit.fetching.connection import Patience
done = fetch_theory(7, urls=[sys.argv[1]], patience=Patience(stall=20.0, pauses=(0.0,)))
print("present" if done.present else "fetched")
"""


def start(server: Server) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", FETCH, server.url], stdout=subprocess.PIPE, text=True)


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_two_processes_at_once_fetch_once(server: Server, archive: bytes) -> None:
    server.files["/theory_7.tgz"] = File(archive)
    children = [start(server) for _ in range(2)]
    assert sorted(child.communicate(timeout=60)[0].strip() for child in children) == ["fetched", "present"]
    assert server.count("/theory_7.tgz") == 1
    assert left(user_theories_folder()) == ["theory_7"]


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_transfer_is_continued(
    server: Server, get: Callable[..., object], archive: bytes, cache: Path, number: int
) -> None:
    server.files["/theory_7.tgz"] = File(archive, breaks=[len(archive) // 2], stalls=True)
    child = start(server)
    wait_for(lambda: sum(path.stat().st_size for path in cache.glob("*.part")) == len(archive) // 2)
    child.send_signal(number)
    child.communicate(timeout=60)
    assert left(user_theories_folder()) == []
    assert not get().present
    assert server.bytes_of("/theory_7.tgz") == len(archive)
    assert open_theory(7).load_table("ONE").sha256
