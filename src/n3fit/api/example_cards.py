"""The runcards that come with n3fit, as files of the user."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import n3fit
from n3fit.errors import OutputExistsError
from n3fit.paths import PathLike

FOLDER = "runcards"
"""Name of the folder, in the repository and where it is written."""


@dataclass(frozen=True)
class ExampleCard:
    """A runcard or campaign file that was written.

    Parameters
    ----------
    path : Path
        The file.
    description : str
        The value of its key ``description``.
    """

    path: Path
    description: str


def examples(*, output: PathLike | None = None, force: bool = False) -> tuple[ExampleCard, ...]:
    """Write the runcards and campaign files that come with n3fit into a folder, and return them, sorted by path.

    Parameters
    ----------
    output : path, optional
        The folder; by default ``runcards`` in the working directory.
    force : bool
        Replace files that have another content.

    Raises
    ------
    OutputExistsError
        A file is there with another content; nothing is written.
    ResourceError
        A file cannot be written.
    """
    from n3fit.runcard.yaml_reader import parse_yaml
    from n3fit.storage.files import write_atomically

    source = shipped_folder()
    folder = Path(FOLDER if output is None else output)
    texts = {path.relative_to(source): path.read_text(encoding="utf-8") for path in sorted(source.rglob("*.yml"))}
    changed = [folder / name for name, text in texts.items() if _has_other_content(folder / name, text)]
    if changed and not force:
        raise OutputExistsError(
            f"{changed[0]}: exists already, and is not as n3fit has it",
            hint="name another folder with --output, or --force to replace it",
            ways=[["--force"]],
        )
    for name, text in texts.items():
        write_atomically(folder / name, text)
    return tuple(
        ExampleCard(folder / name, str(parse_yaml(text, str(name)).data["description"]))
        for name, text in sorted(texts.items(), key=lambda entry: (len(entry[0].parts), entry[0]))
    )


def shipped_folder() -> Path:
    """Return the folder with the runcards: in the installed package, or in the repository beside its sources."""
    package = Path(n3fit.__file__).parent
    installed = package / "resources" / FOLDER
    return installed if installed.is_dir() else package.parents[1] / FOLDER


def _has_other_content(path: Path, text: str) -> bool:
    return path.exists() and (not path.is_file() or path.read_bytes() != text.encode())
