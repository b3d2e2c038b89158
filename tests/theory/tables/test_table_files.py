"""Tables are written completely or not at all."""

import os
import resource
import signal
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pineappl")

from n3fit.errors import ResourceError
from n3fit.theory.tables.fk_writer import write_fk_table
from n3fit.theory.tables.table_files import system_error


def test_a_full_disk_leaves_no_partial_table(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
        with pytest.raises(ResourceError, match="T.pineappl.lz4: cannot be written") as caught:
            write_fk_table(
                tmp_path / "T.pineappl.lz4", np.ones((2, 1, 3)), pids=(21,), xgrid=np.array([0.1, 0.5, 1.0]), q0=1.65,
                metadata={},
            )  # fmt: skip
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert caught.value.exit_code == 4
    assert list(tmp_path.iterdir()) == []


def test_system_errors_in_panics() -> None:
    found = system_error(RuntimeError("called `unwrap()`: Other(io error: No space left on device (os error 28))\nat"))
    assert (found.errno, found.strerror) == (28, os.strerror(28))
    assert str(system_error(RuntimeError("something\nelse"))) == "something"
