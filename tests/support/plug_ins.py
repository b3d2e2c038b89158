"""Installed packages with PDF models, as a folder of the search path."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "pdf_models.md"

TOY = """
from n3fit.pdf_models import PDFModel

class Toy(PDFModel):
    size: float = 1.0

    def initial_values(self, flavours, random):
        return {"values": random.normal(self.size, 0.1, len(flavours))}

    def evaluate(self, x, variables, flavours):
        from n3fit.backends import operations as op

        values = op.expand_dims(op.expand_dims(variables["values"], axis=1), axis=0)
        return values * op.expand_dims(op.tensor_ones_like(x), axis=1)
"""
"""A package with one model, whose values are constant."""


def install(folder: Path, files: dict[str, str], entry_points: dict[str, str], *, name: str = "toy-pdf") -> Path:
    """Write the files of a package and what an installer would write, and return the folder."""
    metadata = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir(parents=True)
    for file, text in files.items():
        (folder / file).write_text(text)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [f"{key} = {value}" for key, value in entry_points.items()]
    (metadata / "entry_points.txt").write_text("\n".join(["[n3fit.pdf_models]", *lines]) + "\n")
    return folder


def install_example(folder: Path) -> Path:
    """Install the package of the documentation."""
    blocks = dict(re.findall(r"^`([\w.]+)`\n\n```\w+\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL))
    project = tomllib.loads(blocks.pop("pyproject.toml"))["project"]
    return install(folder, blocks, project["entry-points"]["n3fit.pdf_models"], name=project["name"])
