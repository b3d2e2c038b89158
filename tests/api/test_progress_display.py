"""What a notebook shows of the progress, as HTML and as text."""

import math
import re

from n3fit.api.progress_display import MESSAGES_IN_VIEW, Epochs, ProgressState, render

EPOCHS = Epochs(300, 1500, {"training": 2.34567, "validation": math.nan}, 7, 8, 75.0)


def words(html: str) -> str:
    return re.sub(r"<[^>]*>", " ", html)


def test_a_training_shows_epochs_losses_replicas_and_the_time_left() -> None:
    shown = render(ProgressState("fit", "running", 12.3, {"reading": 2.0, "training": 10.0}, EPOCHS))
    assert "<progress value='300' max='1500' aria-label='epochs'" in shown["text/html"]
    for text in (words(shown["text/html"]), shown["text/plain"]):
        for part in ("fit", "training, 12 s", "epochs 300/1500", "training loss 2.346", "validation loss -",
                     "7 of 8 replicas train", "1 min 15 s left"):  # fmt: skip
            assert part in text


def test_the_end_is_one_line_without_bars() -> None:
    shown = render(ProgressState("fit", "done", 12.3, {"reading": 2.0, "set-up": 0.3, "training": 10.0}, EPOCHS))
    assert "<progress" not in shown["text/html"]
    assert shown["text/plain"].splitlines() == [
        "fit done in 12 s: reading 2 s, training 10 s",
        "  300 of 1500 epochs  training loss 2.346  validation loss -  8 replicas",
    ]
    stopped = render(ProgressState("fit", "stopped", 3.0, {"training": 3.0}))["text/plain"]
    assert stopped == "fit stopped after 3 s, while training"


def test_after_a_training_its_result_remains_without_a_bar() -> None:
    for ended in (Epochs(1500, 1500, {"training": 2.0}, 3, 8), Epochs(700, 1500, {"training": 2.0}, 0, 8)):
        shown = render(ProgressState("fit", "running", 1.0, {"writing": 1.0}, ended, {"replicas": (1, 8)}))
        assert shown["text/html"].count("<progress") == 1
        assert f"{ended.done} of 1500 epochs  training loss 2  8 replicas" in shown["text/plain"]
        assert "train " not in shown["text/plain"]


def test_every_series_of_steps_has_a_bar_of_its_own() -> None:
    shown = render(ProgressState("chi2", "running", 1.0, {"reading": 1.0}, None, {"tables": (1, 4), "empty": (0, 0)}))
    assert re.findall(r"<progress value='(\d+)' max='(\d+)'", shown["text/html"]) == [("1", "4"), ("0", "1")]
    assert "tables 1/4" in words(shown["text/html"])


def test_many_messages_are_folded_and_none_is_lost() -> None:
    messages = [f"message {number}" for number in range(MESSAGES_IN_VIEW + 3)]
    shown = render(ProgressState("hyperopt", "done", 1.0, messages=messages))
    folded, rest = shown["text/html"].split("</details>")
    assert re.findall(r"message \d+", folded) == messages[:3]
    assert "3 earlier messages" in folded
    assert re.findall(r"message \d+", rest) == messages[3:]
    assert re.findall(r"message \d+", shown["text/plain"]) == messages
    assert "<details>" not in render(ProgressState("fit", "done", 1.0, messages=messages[3:]))["text/html"]


def test_text_is_escaped_and_no_colour_is_fixed() -> None:
    state = ProgressState("<a>", "running", 1.0, {"<b>": 1.0}, None, {"<c>'": (1, 2)}, ["<script>"])
    html = render(state)["text/html"]
    assert not re.search(r"<(a|b|c|script)>", html.replace("<b>&lt;a&gt;</b>", ""))
    assert "aria-label='&lt;c&gt;&#x27;'" in html
    assert "color" not in html
