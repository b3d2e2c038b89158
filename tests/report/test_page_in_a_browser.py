"""What the page does in a browser; without Chromium these tests are skipped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import outcomes
from support.browser import AVAILABLE, Browser, open_browser

from n3fit.report.page import make_report
from n3fit.results import FitFolder

from .conftest import limit_partons

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not AVAILABLE, reason="there is no Chromium")]

GLUON = "document.getElementById('figure-pdf_flavour_g_1.65GeV')"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with open_browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def two_fits(fit: FitFolder, smaller_fit: FitFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        limit_partons(patch, 1)
        return make_report([fit, smaller_fit], output=tmp_path_factory.mktemp("two"))


def place(browser: Browser, across: float, down: float) -> tuple[float, float]:
    """Return a place of the window, given as fractions of the image of the gluon, which is moved into view."""
    browser.run(f"{GLUON}.scrollIntoView({{behavior: 'instant'}})")
    browser.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")
    box = json.loads(browser.run(f"JSON.stringify({GLUON}.querySelector('img').getBoundingClientRect())"))
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def colours(browser: Browser) -> dict[str, int]:
    """Return how many pixels of the image of the gluon are blue and vermilion, the colours of the first two fits."""
    return json.loads(
        browser.run(
            f"""(async () => {{
                const image = new Image();
                image.src = {GLUON}.querySelector('img').src;
                await image.decode();
                const canvas = document.createElement('canvas');
                [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
                const drawing = canvas.getContext('2d');
                drawing.drawImage(image, 0, 0);
                const pixels = drawing.getImageData(0, 0, canvas.width, canvas.height).data;
                const found = {{ blue: 0, vermilion: 0 }};
                for (let at = 0; at < pixels.length; at += 4) {{
                    const [red, , blue] = pixels.subarray(at, at + 3);
                    if (blue > red + 20) found.blue++;
                    if (red > blue + 20) found.vermilion++;
                }}
                return JSON.stringify(found);
            }})()"""
        )
    )


def test_nothing_is_requested_or_reported(browser: Browser, two_fits: Path) -> None:
    for width in (1280, 390):
        browser.open(two_fits, width=width)
        assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.problems == []
    assert set(browser.requests) == {two_fits.as_uri()}


def test_a_click_hides_a_set_and_another_shows_it(browser: Browser, two_fits: Path) -> None:
    browser.open(two_fits)
    source = browser.run(f"{GLUON}.querySelector('img').src")
    both = colours(browser)
    assert min(both.values()) > 500
    browser.run(f"{GLUON}.querySelectorAll('.toggle')[1].click()")
    first = colours(browser)
    assert first["blue"] > 500
    assert first["vermilion"] < 0.1 * both["vermilion"]  # the legend has its colour
    place(browser, 0, 0)
    box = json.loads(browser.run(f"JSON.stringify({GLUON}.querySelectorAll('.entry')[0].getBoundingClientRect())"))
    browser.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, click=True)  # the first one in the legend
    neither = colours(browser)
    assert neither["blue"] < 0.1 * both["blue"]
    pressed = browser.run(f"[...{GLUON}.querySelectorAll('.toggle')].map((b) => b.ariaPressed).join()")
    assert pressed == "false,false,false"  # the replicas are not drawn at first
    browser.run(f"{GLUON}.querySelectorAll('.toggle:has(.swatch)').forEach((button) => button.click())")
    assert browser.run(f"{GLUON}.querySelector('img').src") == source


def test_replicas_of_the_sets_that_are_shown_are_drawn_on_demand(browser: Browser, two_fits: Path) -> None:
    browser.open(two_fits)
    count = f"{GLUON}.querySelectorAll('.lines path').length"
    button = f"{GLUON}.querySelectorAll('.toggle')"
    assert browser.run(f"{button}[2].textContent + {button}[2].ariaPressed") == "replicasfalse"
    counts = []
    for place_of_button in (2, 0, 0, 2):
        browser.run(f"{button}[{place_of_button}].click()")
        counts.append(browser.run(count))
    assert counts == [5 + 4, 4, 5 + 4, 0]  # the chosen replicas of both fits
    browser.run("[...document.querySelectorAll('.everywhere .toggle')].at(-1).click()")
    assert browser.run(
        "[...document.querySelectorAll('#pdfs figure:has(.toggle) .plot')].every((p) => p.querySelector('.lines'))"
    )


def test_values_at_the_pointer_are_those_of_the_csv(browser: Browser, two_fits: Path) -> None:
    with (two_fits.parent / "report_figures" / "pdf_flavour_g_1.65GeV.csv").open() as stream:
        header = stream.readline().strip().split(",")
        rows = [dict(zip(header, line.strip().split(","), strict=True)) for line in stream]
    browser.open(two_fits)
    for across, down, columns in ((0.4, 0.3, ""), (0.7, 0.3, ""), (0.5, 0.75, "ratio ")):
        browser.move(*place(browser, across, down))
        text = browser.run("document.querySelector('.tip').innerText").replace("\N{MINUS SIGN}", "-")
        numbers = [float(number) for number in re.findall(r"(?<![\w.])-?\d+\.\d+(?:e[+-]\d+)?", text)]
        x, values = numbers[0], np.reshape(numbers[1:], (2, 3))
        for label, found in zip(("toy", "smaller"), values, strict=True):
            mine = [row for row in rows if row["ensemble"] == label]
            row = min(mine, key=lambda row: abs(float(row["x"]) - x))
            assert float(row["x"]) == pytest.approx(x, rel=1e-3)
            expected = [float(row[f"{columns}{name}"]) for name in ("central", "low", "high")]
            assert found == pytest.approx(expected, rel=6e-4)


def test_points_of_replicas_are_named(browser: Browser, two_fits: Path, fit: FitFolder) -> None:
    browser.open(two_fits)
    figure = "document.getElementById('figure-training_validation')"
    browser.run(f"{figure}.querySelector('.plot').focus({{preventScroll: true}})")
    shown = []
    for _ in range(6):  # the first press marks the middle one of all points, of six and four replicas
        browser.press("ArrowRight")
        shown.append(browser.run("document.querySelector('.tip').innerText").splitlines())
    assert [lines[0] for lines in shown] == [f"replica {number}" for number in (6, 1, 2, 3, 4, 4)]
    assert [lines[1] for lines in shown] == ["toy", *["smaller"] * 5]
    training = fit.results.training.training_chi2[5]
    assert shown[0][2].startswith(f"training {training:.3f}, validation ")


def test_keys_move_the_pointer(browser: Browser, two_fits: Path) -> None:
    browser.open(two_fits)
    browser.run(f"{GLUON}.querySelector('.plot').focus({{preventScroll: true}})")
    shown = []
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Escape"):
        browser.press(key)
        shown.append(
            browser.run("document.querySelector('.tip').hidden ? '' : document.querySelector('.tip').innerText")
        )
    assert len(set(shown)) == 4
    assert shown[3] == ""
    assert shown[1].splitlines()[0] == shown[2].splitlines()[0]  # the same x in the lower panel


def test_tables_are_sorted_with_the_keyboard(browser: Browser, two_fits: Path) -> None:
    browser.open(two_fits)
    column = "[...document.querySelectorAll('#chi2 tbody tr')].map((row) => row.cells[2].innerText).join()"
    names = "[...document.querySelectorAll('#chi2 tbody tr')].map((row) => row.cells[0].innerText).join()"
    before = browser.run(names)
    browser.run("document.querySelectorAll('#chi2 .sort')[2].focus()")
    order = []
    for _ in range(3):
        browser.press("Enter")
        order.append(browser.run("document.querySelectorAll('#chi2 thead tr:last-child th')[2].ariaSort"))
        if order[-1] != "none":
            shown = browser.run(column).split(",")
            values = [float(value) for value in shown if re.fullmatch(r"\d+\.\d+", value)][:-1]  # the total is last
            assert len(values) >= 4
            assert values == sorted(values, reverse=order[-1] == "descending")
            assert browser.run(names).split(",")[-3:] == before.split(",")[-3:]
    assert order == ["ascending", "descending", "none"]
    assert browser.run(names) == before


def test_the_address_of_a_figure_opens_what_it_is_in(browser: Browser, two_fits: Path) -> None:
    browser.open(two_fits, "#figure-pdf_evolution_sigma_1.65GeV")
    figure = "document.querySelector('#pdfs details:nth-of-type(2) figure')"
    identity = browser.run(f"{figure}.id")
    assert not browser.run(f"{figure}.closest('details').open")
    browser.open(two_fits, f"#{identity}")
    assert browser.run(f"{figure}.closest('details').open")
    assert browser.run(f"getComputedStyle({figure}).outlineStyle") == "solid"
    browser.run("new Promise((done) => setTimeout(done, 1000))")
    assert 0 <= browser.run(f"{figure}.getBoundingClientRect().top") < 500


def test_without_scripts_all_is_shown(browser: Browser, two_fits: Path) -> None:
    browser.open(two_fits, scripts=False)
    assert browser.run("document.querySelectorAll('.toggle, .sort, .tip, .entry').length") == 0
    assert browser.run("[...document.images].every((image) => image.getAttribute('src').startsWith('data:image/'))")
    assert browser.run("getComputedStyle(document.querySelector('.everywhere')).display") == "none"


def test_names_of_the_user_stay_text(browser: Browser, tmp_path: Path) -> None:
    name = "<script>alert(2)<img src=x onerror=alert(1)>\"'&amp; $x$"
    outcome = replace(outcomes.make_outcome(3, sets=outcomes.SMALL_SETS), name=name)
    fits = [
        outcomes.write_outcome(replace(outcome, name=name + end), tmp_path / f"fit{end}", theory={"id": "dis_nnlo"})
        for end in "ab"
    ]
    with pytest.MonkeyPatch.context() as patch:
        limit_partons(patch, 1)
        page = make_report(fits, output=tmp_path / "page")
    browser.problems.clear()
    browser.requests.clear()
    browser.open(page)
    buttons = browser.run(f"[...{GLUON}.querySelectorAll('.toggle')].map((each) => each.textContent)")
    assert buttons == [name + "a", name + "b", "replicas"]
    browser.move(*place(browser, 0.5, 0.3))
    shown = browser.run("[...document.querySelectorAll('.tip .name')].map((each) => each.textContent)")
    assert shown == [name + "a", name + "b"]
    assert browser.run("document.querySelectorAll('.tip img, script:not([type]) ~ script, [onerror]').length") == 0
    assert browser.problems == []
    assert browser.requests == [page.as_uri()]
