from pathlib import Path

import pytest

from n3fit.runcard import REFERENCE

PAGE = Path(__file__).parents[2] / "docs" / "runcard.md"


@pytest.mark.parametrize("key", REFERENCE)
def test_the_page_tells_every_key_as_the_schema_does(key: str) -> None:
    assert f"| `{key}` | {REFERENCE[key]} |" in PAGE.read_text(encoding="utf-8")


def test_the_page_tells_no_other_key() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert len(rows) == len(REFERENCE)
