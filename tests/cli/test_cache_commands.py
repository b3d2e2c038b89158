"""The commands ``cache show`` and ``cache clear``."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from n3fit.storage.cache_contents import CacheContents, CacheKind

Run = Callable[..., Any]
CONTENTS = CacheContents(Path("c"), (CacheKind("fk_tables", 2, 1500, 9.6, 0.2), CacheKind("operators", 1, 7, 1, 1)))
TABLE = [
    "kind       files    size  last used [days ago]  first",
    "fk_tables      2  1.5 kB                     0     10",
    "operators      1     7 B                     1      1",
    "all            3  1.5 kB",
]
ALL = {"kinds": (), "older": 0.0}


@pytest.fixture(autouse=True)
def contents(api: Any) -> None:
    api.results |= {"show_cache": CONTENTS, "clear_cache": CONTENTS}


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: text)


def test_show(api: Any, command: Run) -> None:
    assert command("cache", "show", "--kind", "fk_tables", "--older", "2").out.splitlines() == [*TABLE, "folder: c"]
    assert api.calls == [("show_cache", (), {"kinds": ("fk_tables",), "older": 2.0})]
    result = json.loads(command("cache", "show", "--json").out)
    assert (result["size"], result["cache"]["kinds"][0]["name"]) == (1507, "fk_tables")
    api.results["show_cache"] = CacheContents(Path("c"), ())
    assert command("cache", "show").out.splitlines() == ["no cached files", "folder: c"]


def test_clear_with_a_question(api: Any, command: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "y")
    outcome = command("cache", "clear")
    assert outcome.out.splitlines()[:4] == TABLE
    assert outcome.out.endswith("removed: 3 files, 1.5 kB, from c\n")
    assert [name for name, _, _ in api.calls] == ["show_cache", "clear_cache"]


def test_another_answer_removes_nothing(api: Any, command: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "")
    outcome = command("cache", "clear")
    assert outcome.code == 0
    assert outcome.out.endswith("nothing was removed\n")
    assert [name for name, _, _ in api.calls] == ["show_cache"]


def test_without_a_terminal_it_is_an_error(api: Any, command: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def end_of_input(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("click.termui.visible_prompt_func", end_of_input)
    outcome = command("cache", "clear")
    assert outcome.code == 2
    assert outcome.err.splitlines()[-2:] == [
        "n3fit: error: expected an answer, the input has ended (add --yes)",
        "n3fit: try: n3fit cache clear --yes",
    ]
    assert [name for name, _, _ in api.calls] == ["show_cache"]


def test_ctrl_c_at_the_question_is_an_interruption(command: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("click.termui.visible_prompt_func", interrupt)
    assert command("cache", "clear").code == 130


def test_yes(api: Any, command: Run) -> None:
    outcome = command("cache", "clear", "--yes", "--kind", "operators")
    assert outcome.out == "removed: 3 files, 1.5 kB, from c\n"
    assert api.calls == [("clear_cache", (), {**ALL, "kinds": ("operators",)})]


def test_json_needs_yes(api: Any, command: Run) -> None:
    assert command("cache", "clear", "--json").code == 2
    result = json.loads(command("cache", "clear", "--json", "--yes").out)
    assert (result["files"], result["removed"]["folder"]) == (3, "c")


def test_nothing_to_remove_is_no_question(api: Any, command: Run) -> None:
    api.results |= {name: CacheContents(Path("c"), ()) for name in ("show_cache", "clear_cache")}
    assert command("cache", "clear").out == "removed: 0 files, 0 B, from c\n"
