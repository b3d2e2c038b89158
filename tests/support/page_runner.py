"""Running of the blocks of a page, one after the other, in a folder with what the page takes for granted."""

from __future__ import annotations

import os
import re
import shutil
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import chdir, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from n3fit import api
from n3fit.cli.main import run
from n3fit.cli.session import Session
from support import set_library
from support.pages import REPOSITORY, Block, Command

SHORT = (
    (r"epochs: 17000", "epochs: 400"),
    (r"epochs: 6000", "epochs: 400"),
    (r"\{min_epochs: 2e3, max_epochs: 8e3,", "{min_epochs: 20, max_epochs: 80,"),
    (r"threshold: 20\b", "threshold: 1e9"),
    (r"threshold_chi2: 3.5", "threshold_chi2: 1e6"),
    (r"positivity: \{initial: 184.8\}", "positivity: {initial: 184.8, threshold: 1e9}"),
)
"""What makes a runcard short: few epochs, and thresholds that replicas pass which have hardly been trained."""

CUT_CARD = """dataset_inputs:
- {dataset: HERA_NC_318GEV_EAVG_CHARM-SIGMARED, variant: legacy}
- {dataset: LHCB_Z0_7TEV_MUON_Y}
theory: {theoryid: 40000000}
"""


LARGE_SETS = re.compile(r"^ *- \{dataset: (?:BCDMS|HERA_NC)_.*\n", flags=re.MULTILINE)


def shorten(text: str) -> str:
    """Return a runcard with few epochs, and without the largest data sets unless its folds name them."""
    for long, short in SHORT:
        text = re.sub(long, short, text)
    return text if "kfold" in text else LARGE_SETS.sub("", text)


class Place:
    """A folder as that of a user: short runcards, PDF sets and fits with the names that pages use.

    Parameters
    ----------
    folder : Path
        It is made when the place is prepared.
    library : Path
        Folder with PDF sets that stand for those of others.

    Attributes
    ----------
    cards : dict
        Text of runcards that the page has besides, by their names.
    """

    def __init__(self, folder: Path, library: Path) -> None:
        self.folder, self._library = folder, library
        self._finished = folder.parent / "finished"
        self.cards: dict[str, str] = {}

    def prepare(self, names: Iterable[str]) -> None:
        """Make the folder anew, with the fits and scans of these names."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(REPOSITORY / "runcards", self.folder / "runcards")
        for path in (self.folder / "runcards").rglob("*.yml"):
            path.write_text(shorten(path.read_text()))
        for name in ("dis.yml", "my_fit.yml", "card.yml"):
            shutil.copy(self.folder / "runcards" / "dis.yml", self.folder / name)
        for name, text in self.cards.items():
            (self.folder / name).write_text(text)
        (self.folder / "theories").mkdir()
        shutil.copytree(self._library, self.folder / "lhapdf")
        for name in names:
            shutil.copytree(self._finish(name), self.folder / name, symlinks=True)

    def _finish(self, name: str) -> Path:
        """Return the fit or the scan of this name, which is made when it is needed first."""
        made = self._finished / name
        if not made.is_dir():
            card = self.folder / "runcards" / ("dis_scan.yml" if name == "STUDY" else "dis.yml")
            if name == "STUDY":
                api.hyperopt(card, trials=2, replicas=range(1, 3), output=made)
            else:
                api.fit(card, replicas=FITS[name], output=made)
        return made


FITS: Mapping[str, Sequence[int]] = {
    "my_fit": range(1, 11),
    "my_fit_2": range(11, 21),
    "their_fit": range(1, 121),
    "dis120": range(1, 121),
    "FIT": range(1, 11),
    "OTHER": range(11, 21),
    "fit_1-60": range(1, 61),
    "fit_61-120": range(61, 121),
}
"""The replicas of the fits that pages take for granted."""

GIVEN = (*FITS, "STUDY")

STAND_INS = ("NNPDF40_nnlo_as_01180", "CT18NNLO", "NNPDF40")
"""Names of PDF sets of others, for which toys stand."""


def write_library(folder: Path) -> Path:
    """Write the PDF sets of others, toys with their names."""
    for number, name in enumerate(STAND_INS):
        set_library.write_set(folder, name, replicas=5, shift=1e-3 * number)
    return folder


def names_in(blocks: Sequence[Block]) -> list[str]:
    """Return the fits and scans that the blocks use and do not make."""
    text = "\n".join(block.text for block in blocks if block.is_run)
    made = set(re.findall(r"(?:-o |--output |output=\")([\w.-]+)", text))
    made |= set(re.findall(r"n3fit fit (\w+)\.yml(?!.* (?:-o|--output) )", text))
    return [name for name in GIVEN if re.search(rf"(?<![\w/.-]){name}(?![\w-])", text) and name not in made]


class PageRunner:
    """The blocks of a page, run in their order.

    Parameters
    ----------
    place : Place
    names : mapping
        What is defined in Python before the first block.
    """

    def __init__(self, place: Place, names: Mapping[str, Any]) -> None:
        self._place, self._names = place, dict(names)

    def run(self, blocks: Sequence[Block]) -> int:
        """Run the blocks and return the number of blocks and commands that were run."""
        given = names_in(blocks)
        count = 0
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            self._place.prepare(given)
            with chdir(self._place.folder):
                for block in blocks:
                    if block.anew:
                        os.chdir(self._place.folder.parent)
                        self._place.prepare(given)
                        os.chdir(self._place.folder)
                    if block.is_run:
                        count += _RUN[block.language](self, block)
        return count

    def _run_python(self, block: Block) -> int:
        exec(compile(block.text, str(block), "exec"), self._names)
        return 1

    def _run_shell(self, block: Block) -> int:
        commands = [command for command in block.commands() if command.is_run]
        for command in commands:
            call(command, place=str(block))
        return len(commands)

    def _write_card(self, block: Block) -> int:
        """Write a runcard for the chi2 of PDF sets, which the commands after it read."""
        if block.text.startswith("dataset_inputs:"):
            Path("data.yml").write_text(block.text)
        return 0

    def _skip(self, block: Block) -> int:
        return 0


_RUN: Mapping[str, Callable[[PageRunner, Block], int]] = {
    "python": PageRunner._run_python,
    "bash": PageRunner._run_shell,
    "yaml": PageRunner._write_card,
    "text": PageRunner._skip,
    "toml": PageRunner._skip,
}


def call(command: Command, *, place: str) -> None:
    """Run a command of n3fit in this process; its output goes to the file that it names."""
    assert command.arguments is not None, f"{place}: {command.line!r} is a command of another program: mark the block"
    output = StringIO()
    with redirect_stdout(output):
        code = run(command.arguments, Session())
    assert code == 0, f"{place}: {command.line!r} ended with {code}"
    if command.output is not None:
        command.output.write_text(output.getvalue())
