"""Files that appear whole or not at all: writing, locks, arrays and caches."""

from n3fit.storage.files import (
    CACHE_VARIABLE,
    atomic_path,
    cache_directory,
    sha256_of_bytes,
    sha256_of_file,
    write_atomically,
)

__all__ = [
    "CACHE_VARIABLE",
    "atomic_path",
    "cache_directory",
    "sha256_of_bytes",
    "sha256_of_file",
    "write_atomically",
]
