"""The fits whose commands are measured: the embedded runcard, and one with theory 400 where that is available."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fits import theory_options
from records import log

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


@dataclass(frozen=True)
class Case:
    """A runcard with a number of replicas.

    Parameters
    ----------
    name : str
    runcard : Path
    replicas : int
    epochs : int
    options : tuple of str
        Folders of theories and PDF sets, as for ``n3fit fit``.
    """

    name: str
    runcard: Path
    replicas: int
    epochs: int
    options: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Name, replicas and epochs."""
        return f"{self.name}, {self.replicas} replica{'s' * (self.replicas > 1)}, {self.epochs} epochs"


def find_cases(arguments: argparse.Namespace) -> Iterator[Case]:
    """Return the cases that are wanted, those of theory 400 if it is available."""
    for name in arguments.cases:
        for replicas in arguments.replicas:
            if name == "dis":
                yield Case(name, ROOT / "runcards" / "dis.yml", replicas, arguments.epochs)
            elif None in (arguments.theories, arguments.pdfs, arguments.cards):
                log("theory 400 is not available (--theories, --pdfs, --cards): its commands are omitted")
                break
            else:
                options = tuple(theory_options(arguments.theories, arguments.pdfs))
                card = arguments.cards / f"{name}_400.yml"
                yield Case(name, card, replicas, arguments.epochs, options)


def add_theory_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where theory 400, its t0 set and its cards are."""
    defaults = (SHARED / "theories", SHARED / "peer" / "lhapdf", SHARED / "peer" / "runcards")
    helps = ("folder with theory 400", "folder of its t0 set", "folder of its cards")
    for option, default, text in zip(("--theories", "--pdfs", "--cards"), defaults, helps, strict=True):
        parser.add_argument(option, type=Path, default=default if default.is_dir() else None, help=text)
