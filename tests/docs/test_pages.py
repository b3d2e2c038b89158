"""What the pages say of the program: exit codes, numbers, names of pages, and blocks of code that are not run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.pages import DOCS, REPOSITORY, blocks_of, name_of, pages, parse_blocks

import n3fit.errors
from n3fit import api
from n3fit.errors import N3fitError

LANGUAGES = {"bash", "python", "text", "toml", "yaml"}
NOT_RUN: dict[str, list[str]] = {
    "README.md": ["sets up an environment", "the network, many processes or hours", "installs packages"],
    "CONTRIBUTING.md": ["sets up a clone"],
    "docs/backends.md": ["installs a package", "the devices are chosen before Python starts"],
    "docs/campaigns.md": ["25 fits"],
    "docs/closure.md": ["dozens of fits"],
    "docs/cluster.md": ["four processes", "submits jobs", "needs the parts of jobs"],
    "docs/evolution.md": [
        "operators of four theories, half a minute each",
        "needs fits with three values of alpha_s",
        "needs fits with three values of alpha_s",
    ],
    "docs/fetching.md": ["needs the network"],
    "docs/first_closure_test.md": ["25 fits"],
    "docs/first_fit.md": ["installs packages"],
    "docs/first_scan.md": ["installs packages"],
    "docs/fit_folder.md": ["folders of an installation of nnpdf"],
    "docs/installing.md": ["downloads packages; `make test-wheel` does the same with the built wheel"],
    "docs/own_data.md": [
        "needs grids",
        "needs grids",
        "needs grids",
        "needs grids",
        "needs grids",
        "of files with defects",
    ],
    "docs/own_theory.md": ["theory 4711 is an example", "needs the network", "takes minutes", "needs grids"],
    "docs/pdf_models.md": ["the model of the example package"],
    "docs/performance.md": ["measures for minutes to hours", "needs the network"],
    "docs/scans.md": ["hours"],
    "docs/tested.md": ["takes minutes to hours"],
    "docs/theory.md": ["takes minutes", "needs grids"],
    "docs/theory_covariance.md": ["takes minutes"],
}
"""Reasons of the blocks that are not run, by page."""


def classes_below(kind: type[N3fitError]) -> set[type[N3fitError]]:
    return {kind}.union(*(classes_below(below) for below in kind.__subclasses__()))


def table_rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]


def test_exit_codes_are_those_of_the_errors() -> None:
    rows = table_rows((DOCS / "exit_codes.md").read_text())
    listed = {row[2].strip("`"): int(row[0]) for row in rows if row[2].startswith("`")}
    inside = {kind for kind in classes_below(N3fitError) if kind.__module__ == n3fit.errors.__name__}
    assert listed == {kind.__name__: kind.exit_code for kind in inside - {N3fitError}}


def test_numbers_of_the_first_page_are_those_of_the_measurement() -> None:
    measured = {row[0]: row for row in table_rows((DOCS / "performance.md").read_text())}
    shown = [row for row in table_rows((DOCS / "index.md").read_text()) if row[0].startswith("`")]
    assert len(shown) == 3
    for row in shown:
        _, peer, ours, _, peer_start, _, _, start, _, peer_memory, memory, _ = measured[row[0].split("`")[1]]
        pairs = ((peer, ours), (peer_start, start), (peer_memory, memory))
        assert row[1:] == [f"{theirs} → **{mine}**" for theirs, mine in pairs]


def test_pages_that_the_program_names_are_there() -> None:
    places = ("src", "runcards", "tools", "benchmarks")
    files = [path for place in places for path in (REPOSITORY / place).rglob("*") if path.suffix in (".py", ".yml")]
    named = {found for path in files for found in re.findall(r"docs/[\w/]+\.md", path.read_text(encoding="utf-8"))}
    assert "docs/campaigns.md" in named
    assert [name for name in sorted(named) if not (REPOSITORY / name).is_file()] == []


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_blocks_have_a_language_that_is_tested(page: Path) -> None:
    assert {block.language for block in blocks_of(page)} <= LANGUAGES
    text = page.read_text(encoding="utf-8")
    assert len(re.findall(r"^ *```", text, flags=re.MULTILINE)) == 2 * len(blocks_of(page)), "a fence is not closed"
    assert "~~~" not in text
    assert not re.search(r"\n\n    (n3fit|pip|make|\$) ", text), "code that is indented and has no fences"


def test_blocks_that_are_not_run_are_these() -> None:
    found = {name_of(page): [block.reason for block in blocks_of(page) if block.reason] for page in pages()}
    assert {page: reasons for page, reasons in found.items() if reasons} == NOT_RUN


def test_blocks_and_their_reasons_are_found() -> None:
    text = (
        "# Page\n\n```bash\nn3fit check a.yml  # comment\n```\n\n"
        "<!-- not run (pdf get, --workers): needs the network -->\n\n"
        "```bash\nA=1 n3fit pdf get X\nn3fit pdf list > out\n```\n"
        "<!-- not run: an example -->\n```python\nx = 1\n```\n"
    )
    first, second, third = parse_blocks(text)
    assert [(block.line, block.language, block.is_run) for block in (first, second, third)] == [
        (3, "bash", True), (9, "bash", True), (14, "python", False)
    ]  # fmt: skip
    assert [command.arguments for command in first.commands()] == [["check", "a.yml"]]
    get, listing = second.commands()
    assert (get.arguments, get.is_run, listing.is_run) == (["pdf", "get", "X"], False, True)
    assert (listing.arguments, listing.output) == (["pdf", "list"], Path("out"))
    assert (second.reason, third.reason, third.unrun) == ("needs the network", "an example", ())


def test_every_name_of_the_api_has_its_place() -> None:
    page = (DOCS / "api" / "functions.md").read_text()
    listed = re.findall(r"^::: n3fit\.api\.(?:\w+\.)?(\w+)$", page, flags=re.MULTILINE)
    assert sorted(listed) == sorted(api.__all__)


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_links_to_files_of_the_repository_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / target).exists(), target
