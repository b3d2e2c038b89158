"""The JSON schema of runcards as text and as a file."""

import json
from pathlib import Path

import pytest

from n3fit import api
from n3fit.errors import OutputExistsError
from n3fit.runcard.json_schema import SHIPPED


def test_the_schema_is_that_of_the_package(tmp_path: Path) -> None:
    assert api.schema() == SHIPPED.read_text(encoding="utf-8")
    path = tmp_path / "schema.json"
    assert api.schema(output=path) == path.read_text()
    assert json.loads(path.read_text())["title"] == "Runcard of n3fit"
    with pytest.raises(OutputExistsError, match="schema.json: exists already"):
        api.schema(output=str(path))
    path.write_text("old")
    api.schema(output=path, force=True)
    assert path.read_text() == api.schema()
