"""The cache of data sets returns what was read, follows the sources and survives damage."""

from __future__ import annotations

import logging
import multiprocessing
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from n3fit.data import CommonData, load_commondata
from n3fit.data import loading as loading_module
from n3fit.data.cache import STORE, dataset_key, read_entry, write_entry
from n3fit.data.library import library_folder, library_version

NAME, VARIANT = "HERA_CC_318GEV_EP-SIGMARED", "legacy"


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("N3FIT_CACHE_DIR", str(tmp_path / "cache"))
    return STORE.path("").parent


@pytest.fixture
def root(tmp_path) -> Path:
    shutil.copytree(library_folder() / "HERA_CC_318GEV", tmp_path / "library" / "HERA_CC_318GEV")
    return tmp_path / "library"


@pytest.fixture
def builds(monkeypatch) -> list[str]:
    """Count how often a data set is built from its text files."""
    built: list[str] = []
    original = loading_module.build_commondata

    def counted(metadata, variant):
        built.append(metadata.name)
        return original(metadata, variant)

    monkeypatch.setattr(loading_module, "build_commondata", counted)
    return built


def assert_same(first: CommonData, second: CommonData) -> None:
    for entry in fields(CommonData):
        one, other = getattr(first, entry.name), getattr(second, entry.name)
        if isinstance(one, np.ndarray):
            np.testing.assert_array_equal(one, other)
            assert one.dtype == other.dtype
        elif entry.name == "kinematics":
            assert list(one) == list(other)
            np.testing.assert_array_equal(list(one.values()), list(other.values()))
        else:
            assert one == other, entry.name
            assert type(one) is type(other), entry.name


@pytest.mark.parametrize(
    ("name", "variant"), [(NAME, VARIANT), ("NMC_NC_NOTFIXED_P_EM-SIGMARED", "legacy"), ("NNPDF_INTEG_3GEV_XT3", None)]
)
def test_second_load_is_the_same_and_reads_no_text(cache, builds, name, variant) -> None:
    first = load_commondata(name, variant)
    second = load_commondata(name, variant)
    assert builds == [name]
    assert_same(first, second)
    assert not second.central.flags.writeable


def test_variants_do_not_share_an_entry(cache, builds) -> None:
    first = load_commondata("SLAC_NC_NOTFIXED_P_EM-F2", "legacy")
    second = load_commondata("SLAC_NC_NOTFIXED_P_EM-F2", "legacy_dw")
    assert len(builds) == 2
    assert (first.experiment, second.experiment) == ("SLAC", "DEUTERON")


def test_changed_source_is_read_again(cache, root, builds) -> None:
    first = load_commondata(NAME, VARIANT, root=root)
    path = root / "HERA_CC_318GEV" / "data_EP-SIGMARED.yaml"
    lines = path.read_text().splitlines()
    lines[1] = "- 123.25"
    path.write_text("\n".join(lines) + "\n")
    second = load_commondata(NAME, VARIANT, root=root)
    assert len(builds) == 2
    assert second.central[0] == 123.25
    np.testing.assert_array_equal(second.central[1:], first.central[1:])


def damage_truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


def damage_empty(path: Path) -> None:
    path.write_bytes(b"")


def damage_bits(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for position in range(200, len(content), 400):
        content[position] ^= 0x55
    path.write_bytes(bytes(content))


def damage_pickle(path: Path) -> None:
    with path.open("wb") as stream:
        np.savez(stream, header=np.array([{"code": 1}], dtype=object))


@pytest.mark.parametrize("damage", [damage_truncate, damage_empty, damage_bits, damage_pickle])
def test_broken_entry_is_built_again(cache, builds, caplog, damage) -> None:
    first = load_commondata(NAME, VARIANT)
    (entry,) = cache.iterdir()
    damage(entry)
    with caplog.at_level(logging.WARNING):
        second = load_commondata(NAME, VARIANT)
    assert len(builds) == 2
    assert "damaged cache entry" in caplog.text
    assert_same(first, second)
    load_commondata(NAME, VARIANT)
    assert len(builds) == 2


@pytest.mark.parametrize("header", [{}, {"sources": []}, {"sources": {}, "variables": [], "fields": {}}])
def test_entry_without_a_data_set_is_built_again(cache, builds, caplog, header) -> None:
    first = load_commondata(NAME, VARIANT)
    (entry,) = cache.iterdir()
    STORE.save(entry.stem, {"central": np.ones(3)}, header)
    second = load_commondata(NAME, VARIANT)
    assert len(builds) == 2
    assert "not a data set" in caplog.text
    assert_same(first, second)


def test_single_flipped_bits_are_never_trusted(cache, builds) -> None:
    first = load_commondata(NAME, VARIANT)
    (entry,) = cache.iterdir()
    content = entry.read_bytes()
    for position in np.linspace(0, len(content) - 1, 12, dtype=int):
        changed = bytearray(content)
        changed[position] ^= 0x10
        entry.write_bytes(bytes(changed))
        assert_same(load_commondata(NAME, VARIANT), first)


@pytest.mark.skipif(os.name == "nt", reason="folders that cannot be written to are a matter of POSIX")
def test_unusable_cache_folder_is_worth_a_warning_only(tmp_path, monkeypatch, caplog) -> None:
    (tmp_path / "cache").write_text("a file, not a folder")
    monkeypatch.setenv("N3FIT_CACHE_DIR", str(tmp_path / "cache"))
    with caplog.at_level(logging.WARNING):
        assert len(load_commondata(NAME, VARIANT)) == 39
    assert "the cache cannot be used" in caplog.text


def test_entries_written_at_the_same_time_are_complete(cache, root) -> None:
    dataset = load_commondata(NAME, VARIANT, root=root)
    key = dataset_key(NAME, VARIANT, root, library_version())
    entry = STORE.path(key)
    assert list(cache.iterdir()) == [entry]
    sources = sorted((root / "HERA_CC_318GEV").glob("*EP-SIGMARED.yaml"))

    def write_and_read(_: int) -> CommonData | None:
        write_entry(key, dataset, sources, root)
        return read_entry(key, root)

    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(write_and_read, range(40)):
            assert found is not None
            assert_same(found, dataset)
    assert list(cache.iterdir()) == [entry]


def _load_often(root: str, results) -> None:
    central = [load_commondata(NAME, VARIANT, root=Path(root)).central.sum() for _ in range(5)]
    results.put(central)


@pytest.mark.slow
def test_concurrent_processes_agree_and_leave_one_entry(cache, root) -> None:
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=_load_often, args=(str(root), results)) for _ in range(2)]
    for worker in workers:
        worker.start()
    sums = [results.get(timeout=120) for _ in workers]
    for worker in workers:
        worker.join()
    expected = load_commondata(NAME, VARIANT, root=root).central.sum()
    assert sums == [[expected] * 5] * 2
    assert [entry.suffix for entry in cache.iterdir()] == [".safetensors"]
