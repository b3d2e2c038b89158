"""Atomic files and folders, locks, arrays on disk, caches, JSON and YAML."""

from n3fit.storage.files import (
    CACHE_VARIABLE,
    DATA_VARIABLE,
    atomic_path,
    cache_directory,
    data_directory,
    sha256_of_bytes,
    sha256_of_file,
    write_atomically,
)

__all__ = [
    "CACHE_VARIABLE",
    "DATA_VARIABLE",
    "atomic_path",
    "cache_directory",
    "data_directory",
    "sha256_of_bytes",
    "sha256_of_file",
    "write_atomically",
]
