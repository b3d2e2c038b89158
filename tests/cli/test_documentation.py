"""docs/commands.md is the generated page, and has every command and option."""

from __future__ import annotations

from pathlib import Path

import click

from n3fit.cli.documentation import command_page, listed_commands, main

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_page_is_the_generated_one() -> None:
    page, expected = (
        text.replace(" [COMMAND] ", " COMMAND ")  # how usages name subcommands depends on the version of click
        for text in (PAGE.read_text(encoding="utf-8"), command_page())
    )
    assert page == expected, "run: make reference"


def test_every_listed_command_has_a_section_with_its_options() -> None:
    page = command_page()
    sections = {part.split("`")[1]: part for part in page.split("## ")[1:]}
    commands = dict(listed_commands())
    assert {"n3fit fit", "n3fit pdf list", "n3fit hyperopt report"} <= set(commands)
    assert set(sections) == set(commands)
    for path, command in commands.items():
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert all(name in sections[path] for name in (*option.opts, *option.secondary_opts))


def test_commands_of_nnpdf_are_not_listed() -> None:
    assert not [path for path, _ in listed_commands() if "vp-" in path or "fit-replicas" in path]


def test_it_is_written(tmp_path: Path) -> None:
    main([str(tmp_path / "page.md")])
    assert (tmp_path / "page.md").read_text() == command_page()


def test_the_overview_has_every_command() -> None:
    overview = (PAGE.parent / "command.md").read_text(encoding="utf-8")
    single = [path for path, command in listed_commands() if not isinstance(command, click.Group)]
    assert [path for path in single if f"\n| `{path}" not in overview] == []
