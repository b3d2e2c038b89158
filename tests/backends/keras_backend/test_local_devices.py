"""Local devices, the size of a batch on several of them, and the CPU where no GPU can be used."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from n3fit import backends
from n3fit.backends.keras_backend.local_devices import padded_size

START = """
import logging, sys
from n3fit import backends
logging.basicConfig(format="%(levelname)s %(message)s", stream=sys.stdout)
backends.start_devices()
backends.start_devices()
print("devices", [device.platform for device in backends.local_devices()])
"""

NOT_LOADED = 'def initialize():\n    raise RuntimeError("the driver is too old\\nsecond line")\n'
NOT_STARTED = """
from jax._src import xla_bridge
def start():
    raise RuntimeError("INTERNAL: no driver\\\\nsecond line")
def initialize():
    xla_bridge.register_backend_factory("rocm", start, priority=500, fail_quietly=False)
"""
NOTHING_VISIBLE = "def initialize():\n    pass\n"


def start(folder, plugin: str = "", **environment: str) -> list[str]:
    """Return the lines of a process that sets up its devices, with a plugin of JAX for GPUs in a folder."""
    if plugin:
        home = folder / "jax_plugins" / ("xla_rocm7" if "rocm" in plugin else "xla_cuda12")
        home.mkdir(parents=True)
        (home / "__init__.py").write_text(plugin)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JAX_PLATFORM")}
    paths = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
    run = subprocess.run(
        [sys.executable, "-c", START],
        env=kept | {"PYTHONPATH": paths} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return [*run.stdout.splitlines(), *run.stderr.splitlines()]


@given(st.integers(1, 2000), st.integers(1, 16))
def test_a_padded_batch_divides_evenly_and_costs_no_device_more(replicas, devices):
    size = padded_size(replicas, devices)
    used = max(count for count in range(1, devices + 1) if size % count == 0)
    assert replicas <= size < replicas + devices
    # no device has more replicas than without padding the fullest of them
    assert size // used == -(-replicas // devices)


def test_one_device_has_no_padding():
    assert len(backends.local_devices()) <= 1  # one CPU with JAX; with the others they are not used
    assert [backends.padded_replicas(replicas) for replicas in (1, 7, 100)] == [1, 7, 100]


@pytest.mark.parametrize(
    ("platforms", "plugin", "reason"),
    [
        ("cuda", "", "JAX_PLATFORMS=cuda cannot be used, no plugin of JAX for GPUs is installed"),
        ("nonsense", "", "JAX_PLATFORMS=nonsense cannot be used, Backend 'nonsense' is not in the list"),
        ("cuda", NOT_LOADED, "JAX_PLATFORMS=cuda cannot be used, the driver is too old"),
        ("", NOT_LOADED, "the driver is too old"),
        ("", NOT_STARTED, "INTERNAL: no driver"),
        ("", NOTHING_VISIBLE, "no GPU is visible"),
    ],
)  # fmt: skip
def test_the_cpu_with_one_line(tmp_path, backend_name, platforms, plugin, reason):
    if backend_name != "jax":
        pytest.skip("the variable and the plugins are those of JAX")
    first, second = start(tmp_path, plugin, JAX_PLATFORMS=platforms)
    assert first.startswith(f"WARNING computing on the CPU: {reason}")
    assert second == "devices ['cpu']"


@pytest.mark.parametrize("platforms", ["", "cpu"])
def test_the_cpu_that_is_expected_is_not_reported(tmp_path, backend_name, platforms):
    if backend_name != "jax":
        pytest.skip("the variable is that of JAX")
    assert start(tmp_path, JAX_PLATFORMS=platforms) == ["devices ['cpu']"]
