"""The JSON schema of runcards as text and as a file."""

import json
from pathlib import Path

import pytest

from n3fit import api
from n3fit.errors import OutputExistsError
from n3fit.runcard.json_schema import SHIPPED


def test_the_schema_is_that_of_the_package(tmp_path: Path) -> None:
    assert api.runcard_schema() == SHIPPED.read_text(encoding="utf-8")
    path = tmp_path / "schema.json"
    assert api.write_runcard_schema(path) == path
    assert json.loads(path.read_text())["title"] == "Runcard of n3fit"
    with pytest.raises(OutputExistsError, match="schema.json: exists already"):
        api.write_runcard_schema(str(path))
    path.write_text("old")
    api.write_runcard_schema(path, force=True)
    assert path.read_text() == api.runcard_schema()
