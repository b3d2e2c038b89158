"""Colours on terminals alone."""

import io
import os
import subprocess
import sys

import pytest

from n3fit.cli.colours import colour_difference, has_colours

LINES = ["--- a", "+++ b", "@@ -1 +1 @@", " same", "-old", "+new", ""]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "expected"),
    [
        (Terminal(), {"TERM": "xterm"}, True),
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {"TERM": "xterm"}, False),
    ],
)
def test_only_terminals_that_show_them(stream: io.StringIO, environment: dict[str, str], expected: bool) -> None:
    assert has_colours(stream, environment) is expected


def test_lines_of_a_difference() -> None:
    assert colour_difference(LINES, colours=False) == LINES
    assert colour_difference(LINES, colours=True) == [
        "\x1b[1m--- a\x1b[0m",
        "\x1b[1m+++ b\x1b[0m",
        "\x1b[36m@@ -1 +1 @@\x1b[0m",
        " same",
        "\x1b[31m-old\x1b[0m",
        "\x1b[32m+new\x1b[0m",
        "",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_real_terminal(variables: dict[str, str], coloured: bool) -> None:
    import pty

    main, other = pty.openpty()
    program = "from n3fit.cli.colours import *; print(*colour_difference(['+new'], colours=has_colours()))"
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | {"TERM": "xterm"}
    subprocess.run([sys.executable, "-c", program], env=environment | variables, stdout=other, check=True)
    os.close(other)
    shown = os.read(main, 1000).decode().strip()
    os.close(main)
    assert shown == ("\x1b[32m+new\x1b[0m" if coloured else "+new")
