"""Unpacking: what is plain arrives, everything else is refused by the name of the member."""

from __future__ import annotations

import gzip
import io
import random
import shutil
import struct
import tarfile
from collections import namedtuple
from pathlib import Path

import pytest
from support.http_server import pack

from n3fit.errors import ResourceError
from n3fit.fetching.archive import ArchiveError, Limits, unpack

Usage = namedtuple("Usage", "total used free")
FILES = {"top/a.txt": b"a", "./top/sub/b.bin": bytes(5000), "top/sub/empty": b""}
NOISE = random.Random(1).randbytes(40_000)


@pytest.fixture
def top(tmp_path: Path) -> Path:
    (tmp_path / "top").mkdir()
    return tmp_path / "top"


def open_up(content: bytes, top: Path, limits: Limits | None = None) -> int:
    archive = top.parent / "archive"
    archive.write_bytes(content)
    return unpack(archive, top, limits or Limits())


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type = kind
    entry.linkname = link
    return entry


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_files_and_folders(top: Path) -> None:
    folders = [member(".", tarfile.DIRTYPE), member("top/new", tarfile.DIRTYPE), member("top", tarfile.DIRTYPE)]
    assert open_up(pack(FILES, *folders), top) == 3
    assert contents(top) == {"a.txt": b"a", "sub/b.bin": bytes(5000), "sub/empty": b""}
    assert (top / "new").is_dir()
    assert sorted(path.name for path in top.parent.iterdir()) == ["archive", "top"]


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_long_names(top: Path, form: int) -> None:
    name = "top/" + "f" * 90 + "/" + "n" * 90
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz", format=form) as bundle:
        entry = member(name)
        entry.size = 3
        bundle.addfile(entry, io.BytesIO(b"abc"))
    assert open_up(stream.getvalue(), top) == 1
    assert contents(top) == {name.removeprefix("top/"): b"abc"}


def test_files_have_the_permissions_of_new_files(top: Path) -> None:
    entry = member("top/x")
    entry.mode, entry.uid = 0o6777, 0
    open_up(pack({}, entry), top)
    assert (top / "x").stat().st_mode & 0o7111 == 0


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (member("top/../../evil"), "a path with '..'"),
        (member("../evil"), "a path with '..'"),
        (member("/tmp/evil"), "an absolute path"),
        (member("C:\\evil"), "an absolute path"),
        (member("top\\..\\evil"), "a name that not every system has"),
        (member("top/a\nb"), "a name that not every system has"),
        (member("top/" + "a/" * 300 + "b"), "a name that not every system has"),
        (member("evil"), "another place"),
        (member("topping/evil"), "another place"),
        (member("top"), "a file in place of the folder"),
        (member("top/link", tarfile.SYMTYPE, "/etc/passwd"), "a symbolic link"),
        (member("top/link", tarfile.SYMTYPE, "a.txt"), "a symbolic link"),
        (member("top", tarfile.SYMTYPE, "/tmp"), "a symbolic link"),
        (member("top/link", tarfile.LNKTYPE, "top/a.txt"), "a hard link"),
        (member("top/disk", tarfile.BLKTYPE), "a device"),
        (member("top/null", tarfile.CHRTYPE), "a device"),
        (member("top/pipe", tarfile.FIFOTYPE), "a named pipe"),
        (member("top/x", b"7"), "an entry of another kind"),
    ],
)  # fmt: skip
def test_members_elsewhere_or_of_other_kinds(top: Path, entry: tarfile.TarInfo, problem: str) -> None:
    with pytest.raises(ArchiveError) as caught:
        open_up(pack(FILES, entry), top)
    assert caught.value.message == f"{entry.name[:200]!r}: expected files and folders below top/, received {problem}"
    assert sorted(path.name for path in top.parent.iterdir()) == ["archive", "top"]


def test_a_link_is_not_written_through(top: Path) -> None:
    """A link to a folder, and then a file in it."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as bundle:
        bundle.addfile(member("top/out", tarfile.SYMTYPE, ".."))
        bundle.addfile(member("top/out/evil"))
    with pytest.raises(ArchiveError, match="a symbolic link"):
        open_up(stream.getvalue(), top)
    assert contents(top) == {}


def test_the_same_file_twice(top: Path) -> None:
    with pytest.raises(ArchiveError, match="'top/./a.txt': expected every file once, received it twice"):
        open_up(pack({"top/a.txt": b"1", "top/./a.txt": b"2"}), top)


@pytest.mark.parametrize("names", [("top/a", "top/a/b"), ("top/a/b", "top/a")])
def test_the_same_name_for_a_file_and_a_folder(top: Path, names: tuple[str, str]) -> None:
    with pytest.raises(ArchiveError, match="expected a file or a folder, received both with the same name"):
        open_up(pack(dict.fromkeys(names, b"")), top)


def test_more_members_than_allowed(top: Path) -> None:
    files = {f"top/{number}": b"" for number in range(10)}
    assert open_up(pack(files), top, Limits(members=10)) == 10
    shutil.rmtree(top)
    top.mkdir()
    with pytest.raises(ArchiveError, match="expected at most 9 files and folders, received more"):
        open_up(pack(files), top, Limits(members=9))


def test_bomb(top: Path) -> None:
    """Zeros compress to a thousandth of their size."""
    bomb = pack({"top/zeros": bytes(10**7)})
    assert len(bomb) < 20_000
    assert open_up(bomb, top) == 1
    (top / "zeros").unlink()
    with pytest.raises(ArchiveError, match="'top/zeros': expected at most 1 MB in all files of this archive"):
        open_up(bomb, top, Limits(free=0))
    with pytest.raises(ArchiveError, match="expected at most 9 MB"):
        open_up(bomb, top, Limits(size=9 * 10**6))
    assert contents(top) == {}


def test_a_size_beyond_all_disks(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A header may announce what never comes."""
    entry = member("top/huge")
    entry.size = 2**60
    header = entry.tobuf(tarfile.GNU_FORMAT)
    with pytest.raises(ArchiveError, match="'top/huge': expected at most"):
        open_up(gzip.compress(header), top)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10**9, 10**9, 2**26 + 100))
    with pytest.raises(ResourceError, match="unpacking needs 0 MB more, the disk has 0 MB free"):
        open_up(pack({"top/x": bytes(101)}), top)


def test_a_header_with_a_name_without_end(top: Path) -> None:
    entry = member("././@PaxHeader", tarfile.XHDTYPE)
    entry.size = 2**31
    with pytest.raises(ArchiveError, match="received a header of several megabytes"):
        open_up(gzip.compress(entry.tobuf(tarfile.GNU_FORMAT) + bytes(2**20)), top)


def test_many_headers_before_one_member(top: Path) -> None:
    """tarfile reads them by recursion."""
    entry = member("././@PaxHeader", tarfile.XHDTYPE)
    with pytest.raises(ArchiveError, match="the archive is damaged or incomplete"):
        open_up(gzip.compress(entry.tobuf(tarfile.GNU_FORMAT) * 5000 + bytes(1024)), top)


def test_a_header_with_a_wrong_number(top: Path) -> None:
    """tarfile does not check the map of a sparse file."""
    entry = member("top/x")
    entry.pax_headers = {"GNU.sparse.map": "a,b", "GNU.sparse.size": "c", "GNU.sparse.name": "top/x"}
    with pytest.raises(ArchiveError, match="the archive is damaged or incomplete"):
        open_up(pack({}, entry), top)


def test_sparse_files(top: Path) -> None:
    entry = member("top/sparse", tarfile.GNUTYPE_SPARSE)
    with pytest.raises(ArchiveError, match="an entry of another kind"):
        open_up(pack({}, entry), top)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "an empty file"),
        (b"\n <!DOCTYPE HTML><title>Moved</title>", "an HTML page"),
        (b"<html lang='en'>", "an HTML page"),
        (b"version https://git-lfs.github.com/spec/v1\nsize 5\n", "a Git-LFS pointer"),
        (b"PK\x03\x04zip", r"a file that begins with b'PK"),
        (pack({"top/a": b""}, mode="w"), r"a file that begins with b'top/a"),
    ],
)
def test_no_archive(top: Path, content: bytes, problem: str) -> None:
    with pytest.raises(ArchiveError, match=rf"expected an archive \(.tar.gz\), received {problem}"):
        open_up(content, top)


@pytest.mark.parametrize("fraction", [0.01, 0.3, 0.9, 0.999])
def test_truncated(top: Path, fraction: float) -> None:
    whole = pack({f"top/{number}": NOISE[4000 * number : 4000 * (number + 1)] for number in range(10)})
    with pytest.raises(ArchiveError, match="the archive is damaged or incomplete"):
        open_up(whole[: int(fraction * len(whole))], top)


def test_a_changed_byte(top: Path) -> None:
    whole = bytearray(pack({"top/noise": NOISE}))
    whole[len(whole) // 2] ^= 1
    with pytest.raises(ArchiveError, match="damaged"):
        open_up(bytes(whole), top)


def test_the_checksum_at_the_end_counts(top: Path) -> None:
    whole = bytearray(pack({"top/noise": NOISE}))
    whole[-8:-4] = struct.pack("<I", 7)
    with pytest.raises(ArchiveError, match="damaged or incomplete"):
        open_up(bytes(whole), top)


def test_a_damaged_header_is_not_the_end(top: Path) -> None:
    """tarfile takes it for the end of the archive."""
    whole = bytearray(pack({"top/a": b"1", "top/b": b"2"}, mode="w"))
    whole[1024 + 10] ^= 1
    with tarfile.open(fileobj=io.BytesIO(bytes(whole))) as bundle:
        assert bundle.getnames() == ["top/a"]
    with pytest.raises(ArchiveError, match="expected the end of the archive, received a damaged header or other"):
        open_up(gzip.compress(bytes(whole)), top)


def test_something_after_the_end(top: Path) -> None:
    with pytest.raises(ArchiveError, match="expected the end of the archive"):
        open_up(gzip.compress(pack({"top/a": b"1"}, mode="w") + b"more"), top)
    shutil.rmtree(top)
    top.mkdir()
    with pytest.raises(ArchiveError, match="expected the end of the archive"):
        open_up(gzip.compress(pack({"top/a": b"1"}, mode="w") + bytes(2**25)), top)
