"""How much memory there is, and fits that need more."""

import psutil
import pytest

from n3fit.errors import ResourceError
from n3fit.fit.memory import check_memory, memory_limit_mb


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("memory.max", "2000000000\n", 2000.0),
        ("memory.max", "max\n", None),
        ("memory/memory.limit_in_bytes", "3000000000\n", 3000.0),
        ("memory/memory.limit_in_bytes", "9223372036854771712\n", None),
    ],
)
def test_limit_of_the_control_group(tmp_path, name, text, expected):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    machine = psutil.virtual_memory().total / 1e6
    assert memory_limit_mb(tmp_path) == pytest.approx(machine if expected is None else min(expected, machine))


def test_limit_without_a_control_group(tmp_path):
    assert memory_limit_mb(tmp_path) == psutil.virtual_memory().total / 1e6


def test_what_fits_is_let_through_and_the_rest_refused():
    check_memory(7999.0, 100, limit_mb=8000.0)
    with pytest.raises(ResourceError, match=r"100 replicas together need about 8.1 GB .* 8.0 GB") as many:
        check_memory(8100.0, 100, limit_mb=8000.0)
    assert "--replicas" in many.value.hint
    with pytest.raises(ResourceError, match="one replica needs") as one:
        check_memory(8100.0, 1, limit_mb=8000.0)
    assert "parallel_models" not in one.value.hint
