"""Imports between the packages."""

from support.import_graph import find_circle, imports_at_import_time


def test_every_module_can_be_imported_first() -> None:
    assert find_circle(imports_at_import_time()) == []
