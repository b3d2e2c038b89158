"""The runcard of the next iteration."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Any

from n3fit.errors import OutputExistsError
from n3fit.paths import PathLike

if TYPE_CHECKING:
    from n3fit.results import FitFolder
    from n3fit.theory.exponents import ExponentRange

SEEDS = ("trvlseed", "nnseed", "mcseed")
"""The keys that get new seeds; the data of a closure test stay the same."""

_SHIPPED_T0 = re.compile(r"(?m)^(\s*t0pdfset:.*?)\s+# comes with n3fit$")
"""The t0 set with the comment of shipped runcards, which is not true of another set."""


@dataclass(frozen=True)
class NextRuncard:
    """The runcard of the next iteration.

    Parameters
    ----------
    path : Path
        The file written.
    t0 : str
        The t0 set: that of the fit.
    t0_folder : Path or None
        The folder that has it, for ``--pdf-path``; None when the set has not been made yet.
    t0_outdated : bool
        The set was made of other replicas than those that are chosen now.
    seeds : mapping
        The new seeds by key.
    before, ranges : tuple of ExponentRange
        The preprocessing ranges of the fit and those of the next iteration, in the same order.
    replicas : int
        Number of replicas that the ranges are taken from.
    changes : tuple of str
        Lines of the unified difference between the runcard of the fit and the new one.
    fitted : tuple of int
        All replicas of the fit.
    """

    path: Path
    t0: str
    t0_folder: Path | None
    t0_outdated: bool
    seeds: Mapping[str, int]
    before: tuple[ExponentRange, ...]
    ranges: tuple[ExponentRange, ...]
    replicas: int
    changes: tuple[str, ...] = ()
    fitted: tuple[int, ...] = ()


def next_runcard(
    folder: PathLike, *, output: PathLike | None = None, t0: str | None = None, force: bool = False
) -> NextRuncard:
    """Write the runcard of the next iteration of a fit: as the user wrote it, but for t0 set, ranges and seeds.

    Parameters
    ----------
    folder : path
        The fit folder; run ``postfit`` first, so that the ranges are those of good replicas.
    output : path, optional
        The runcard; ``<fit>_next.yml`` in the working directory by default.
    t0 : str, optional
        Name of the fit's PDF set, if it is not that of the fit.
    force : bool
        Replace an existing file.

    Returns
    -------
    NextRuncard

    Raises
    ------
    OutputExistsError
        The file exists and ``force`` is false.
    N3fitError
        The folder is no complete fit, has too few good replicas or a malformed set, or its runcard cannot be edited.
    """
    from n3fit.ensembles.effective_exponents import next_ranges
    from n3fit.lhapdf.set_folder import check_set_name
    from n3fit.results import read_fit_folder
    from n3fit.storage import write_atomically

    fit = read_fit_folder(Path(folder))
    path = Path(output) if output is not None else Path(f"{fit.name}_next.yml")
    if path.exists() and not force:
        raise OutputExistsError(
            f"{path}: exists already", hint="replace it with --force, or name another with --output", ways=[["--force"]]
        )
    name = t0 or fit.name
    check_set_name(name)
    before = fit.description.preprocessing
    chosen = fit.pdf[fit.chosen]
    ranges = next_ranges(chosen, fit.xgrid, fit.description.fitbasis, before, source=str(fit.path))
    text, seeds = _edit(fit, name, ranges)
    t0_folder, t0_outdated = _find_set(fit, name)
    write_atomically(path, text)
    return NextRuncard(
        path=path,
        t0=name,
        t0_folder=t0_folder,
        t0_outdated=t0_outdated,
        seeds=seeds,
        before=before,
        ranges=_ranges_in(text, path, fit),
        replicas=len(chosen),
        changes=_differences(fit, text, path),
        fitted=tuple(int(number) for number in fit.replicas),
    )


def _differences(fit: FitFolder, text: str, path: Path) -> tuple[str, ...]:
    """Return the lines of the unified difference between the runcard of a fit and another text."""
    from n3fit.results.layout import RUNCARD

    before = fit.runcard_text.splitlines()
    names = str(fit.path / RUNCARD), str(path)
    return tuple(unified_diff(before, text.splitlines(), *names, lineterm=""))


def _edit(fit: FitFolder, t0: str, ranges: Sequence[ExponentRange]) -> tuple[str, dict[str, int]]:
    """Return the text of the runcard with other t0 set, ranges and seeds, and the seeds by key.

    The PDF set of a theory covariance becomes that of the fit, too.
    """
    from n3fit.results.layout import RUNCARD
    from n3fit.runcard.editing import Value, edit_runcard
    from n3fit.runcard.yaml_reader import parse_yaml
    from n3fit.storage.key_path import KeyPath

    source = str(fit.path / RUNCARD)
    data = parse_yaml(fit.runcard_text, source).data
    blocks = _blocks_of_seeds(data)
    seeds = _new_seeds({key: data[key] if not block else data[block[0]][key] for key, block in blocks.items()})
    by_flavour = {entry.flavour: entry for entry in ranges}
    changes: dict[KeyPath, Value] = {("datacuts", "t0pdfset"): t0}
    changes |= {(*blocks[key], key): seed for key, seed in seeds.items()}
    covariance = data.get("theorycovmatconfig")
    if isinstance(covariance, dict) and covariance.get("pdf") is not None:
        changes["theorycovmatconfig", "pdf"] = t0
    for index, entry in enumerate(data["fitting"]["basis"]):
        for key in ("smallx", "largex"):
            limits = getattr(by_flavour[entry["fl"]], key)
            if limits is not None:
                changes |= {("fitting", "basis", index, key, side): limits[side] for side in (0, 1)}
    text = edit_runcard(fit.runcard_text, changes, name=source)
    if data.get("datacuts", {}).get("t0pdfset") != t0:
        text = _SHIPPED_T0.sub(r"\1", text)
    return text, seeds


def _blocks_of_seeds(data: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the blocks in which the seeds of a runcard are: the top level, or ``fitting`` in old cards of nnpdf."""
    fitting = data["fitting"]
    return {key: () if key in data else ("fitting",) for key in SEEDS if key in data or key in fitting}


def _ranges_in(text: str, path: Path, fit: FitFolder) -> tuple[ExponentRange, ...]:
    """Return the ranges in a runcard, which are rounded to the digits written."""
    from n3fit.results.nnpdf_card import preprocessing_ranges
    from n3fit.runcard import parse_runcard
    from n3fit.runcard.yaml_reader import parse_yaml
    from n3fit.theory.exponents import ExponentRange

    if fit.absent:  # its runcard may have keys that n3fit refuses
        return preprocessing_ranges(parse_yaml(text, str(path)).data, path)
    card = parse_runcard(text, name=str(path))
    return tuple(ExponentRange(entry.fl, entry.smallx, entry.largex, entry.trainable) for entry in card.fitting.basis)


def _new_seeds(data: Mapping[str, Any]) -> dict[str, int]:
    """Compute new seeds from those of the card, where it has them."""
    from n3fit.seeds import derive_seed

    return {key: derive_seed(data[key], "next iteration", name=key) for key in SEEDS if data.get(key) is not None}


def _find_set(fit: FitFolder, name: str) -> tuple[Path | None, bool]:
    """Return the folder that holds the PDF set ``name``, that of the fit first, and whether it is of other replicas.

    Raises
    ------
    DataError
        The set is there and malformed.
    """
    from n3fit.lhapdf.pdf_sets import PDFSet, search_folders
    from n3fit.lhapdf.set_folder import replicas_of_set
    from n3fit.results.layout import SETS_FOLDER

    for folder in search_folders([fit.path / SETS_FOLDER]):
        if (folder / name / f"{name}.info").is_file():
            PDFSet(folder / name)
            chosen = tuple(int(number) for number in fit.replicas[fit.chosen])
            return folder, replicas_of_set(folder / name) not in ((), chosen)
    return None, False
