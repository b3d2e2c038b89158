"""The package cli: which modules it imports."""

from support.import_graph import find_circle, imports_of

ALLOWED = (
    "n3fit.api",
    "n3fit.cli",
    "n3fit.defaults",
    "n3fit.durations",
    "n3fit.errors",
    "n3fit.html_tables",
    "n3fit.progress",
)


def test_no_circle() -> None:
    assert find_circle(imports_of("cli")) == []


def test_everything_goes_through_the_api() -> None:
    """Type checking included; ``n3fit`` itself has the version."""
    found = {(module, name) for module, names in imports_of("cli").items() for name in names if name != "n3fit"}
    assert {(module, name) for module, name in found if not name.startswith(ALLOWED)} == set()
    inner = {name for _, name in found if name.startswith("n3fit.api.")}
    assert inner == set()
