"""Commented files of a data set, to be filled with the numbers of a measurement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from n3fit.data.categories import find_category
from n3fit.data.checks.values import TREATMENTS
from n3fit.data.example_kinematics import Limits, energy_of, example_kinematics
from n3fit.data.library import current_name
from n3fit.data.own_data import METADATA, is_dataset
from n3fit.data.process_variables import COVERAGE, VARIABLES
from n3fit.data.skeleton_text import METADATA_TEXT, NUMBERS_TEXT, fill
from n3fit.defaults import NEW_DATA_POINTS, NEW_DATA_PROCESS
from n3fit.errors import CommandLineError, OutputExistsError, did_you_mean
from n3fit.paths import is_plain_name
from n3fit.storage.staging import move_into_place, stage


@dataclass(frozen=True)
class Systematic:
    """A systematic uncertainty of a skeleton: its name, treatment and type, as in the file."""

    name: str
    treatment: str = "ADD"
    kind: str = "CORR"

    @classmethod
    def parse(cls, text: str) -> Systematic:
        """Return the systematic of ``NAME``, ``NAME:TREATMENT`` or ``NAME:TREATMENT:TYPE``.

        Raises
        ------
        CommandLineError
        """
        words = text.split(":")
        name, treatment, kind, *more = (*words, *("", "ADD", "CORR")[len(words) :])
        plain = is_plain_name(name) and is_plain_name(kind)
        if more or not plain or treatment not in TREATMENTS or name.lower() == "stat":
            raise CommandLineError(
                f"systematics: expected NAME, NAME:ADD or NAME:MULT, and perhaps :TYPE after it, received {text!r}",
                hint="such as lumi:MULT:MYEXPLUMI23; stat is there anyway",
            )
        return cls(name, treatment, kind)


def _default_systematics(set_name: str) -> list[str]:
    """Return one systematic of each kind; the last one is a nuisance parameter that data sets may share."""
    return ["sys_uncorr:ADD:UNCORR", "sys_corr:ADD:CORR", f"lumi:MULT:{set_name.split('_')[0]}LUMI"]


def write_skeleton(
    name: str,
    folder: Path,
    *,
    points: int = NEW_DATA_POINTS,
    process: str = NEW_DATA_PROCESS,
    systematics: Sequence[str] | None = None,
) -> Path:
    """Write the files of a data set with imaginary numbers, and return the folder of its set.

    Parameters
    ----------
    name : str
        ``<set>_<observable>``, the name in runcards: ``MYEXP_NC_318GEV_EM-SIGMARED``.
    folder : Path
        Folder of the data of the user; created if necessary.
    points : int
    process : str
        Process type.
    systematics : sequence of str, optional
        See :meth:`Systematic.parse`.

    Raises
    ------
    CommandLineError
        The name or another argument is not valid, or the name is that of a data set of the data library.
    OutputExistsError
        The folder of the set exists.
    """
    set_name, _, observable = name.rpartition("_")
    _check_name(name)
    process = process.upper()
    if process not in COVERAGE:
        raise CommandLineError(
            f"process: expected one of {', '.join(COVERAGE)}, received {process}", hint=did_you_mean(process, COVERAGE)
        )
    if points < 1:
        raise CommandLineError(f"points: expected 1 or more, received {points}")
    target = folder / set_name
    if target.exists():
        raise OutputExistsError(f"{target}: exists already", hint="choose another name, or remove it")
    given = _default_systematics(set_name) if systematics is None else systematics
    chosen = [Systematic.parse(entry) for entry in given]
    names = [entry.name for entry in chosen]
    if len(set(names)) < len(names):
        raise CommandLineError(f"systematics: expected different names, received {', '.join(names)}")
    kinematics, central = example_kinematics(process, points, energy_of(set_name)), _centrals(points)
    files = {
        METADATA: _metadata(name, process, kinematics),
        f"data_{observable}.yaml": fill(NUMBERS_TEXT["data"], values="\n".join(f"- {value}" for value in central)),
        f"kinematics_{observable}.yaml": fill(NUMBERS_TEXT["kinematics"], bins="\n".join(_bins(kinematics))),
        f"uncertainties_{observable}.yaml": fill(
            NUMBERS_TEXT["uncertainties"],
            definitions="\n".join(_definitions(chosen)),
            bins="\n".join(_values(chosen, central)),
        ),
    }
    with stage(target) as staging:
        for file, text in files.items():
            (staging / file).write_text(text, encoding="utf-8")
        move_into_place(staging, target)
    return target


def _check_name(name: str) -> None:
    words = name.split("_")
    if not is_plain_name(name) or len(words) < 4 or not all(words):
        raise CommandLineError(
            f"expected the name EXPERIMENT_PROCESS_ENERGY_OBSERVABLE, received {name!r}",
            hint="such as MYEXP_NC_318GEV_EM-SIGMARED: letters, digits and . + - between underscores",
        )
    if words[0].upper() in ("POS", "INTEG") or name.upper().startswith(("NNPDF_POS", "NNPDF_INTEG")):
        raise CommandLineError(f"expected another name than {name}: it is one of positivity or integrability sets")
    if is_dataset(name) or current_name(name, None)[0] != name:
        raise CommandLineError(f"{name}: is there already, in nnpdf-data or your data", hint="choose another name")


def _centrals(points: int) -> list[float]:
    return [round(1.0 + 0.01 * row, 6) for row in range(points)]


def _metadata(name: str, process: str, kinematics: Mapping[str, list[Limits]]) -> str:
    set_name, _, observable = name.rpartition("_")
    variables = []
    for variable in kinematics:
        known = VARIABLES[variable]
        description = "Inelasticity" if process.startswith("DIS") and variable == "y" else known.description
        variables += [f"      {variable}:", f"        description: {description}", f"        label: '{known.label}'"]
        units = f"${known.units}$" if "^" in known.units else known.units
        variables += [f"        units: '{units}'"]
    points = len(next(iter(kinematics.values())))
    return fill(
        METADATA_TEXT,
        set=set_name,
        observable=observable,
        experiment=set_name.split("_")[0],
        category=find_category(set_name, process) or "TOP",
        process=process,
        points=str(points),
        coverage=", ".join(kinematics),
        first=next(iter(kinematics)),
        variables="\n".join(variables),
        table=name.replace("-", "_"),
        scale="log" if process.startswith("DIS") else "linear",
    )


def _bins(kinematics: Mapping[str, list[Limits]]) -> Iterator[str]:
    for row in range(len(next(iter(kinematics.values())))):
        for index, (name, limits) in enumerate(kinematics.items()):
            low, mid, high = ("null" if value is None else repr(float(value)) for value in limits[row])
            yield f"{'  ' if index else '- '}{name}: {{min: {low}, mid: {mid}, max: {high}}}"


def _definitions(systematics: Sequence[Systematic]) -> Iterator[str]:
    for entry in systematics:
        yield f"  {entry.name}:"
        yield "    description: what it is, and where it is from"
        yield f"    treatment: {entry.treatment}"
        yield f"    type: {entry.kind}"


def _values(systematics: Sequence[Systematic], centrals: Sequence[float]) -> Iterator[str]:
    for central in centrals:
        yield f"- stat: {0.02 * central:.6g}"
        for entry in systematics:
            yield f"  {entry.name}: {0.01 * central:.6g}"
