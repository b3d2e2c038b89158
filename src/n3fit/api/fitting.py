"""Fitting replicas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from n3fit.defaults import REPLICAS
from n3fit.fit.groups import train_groups
from n3fit.fit.interruptions import Interruptions
from n3fit.fit.phases import Stages, read_inputs
from n3fit.progress import NullReporter, ProgressReporter

if TYPE_CHECKING:
    from n3fit.api.fit_object import Fit
    from n3fit.runcard import Runcard


def fit(
    runcard_path: Path | str,
    *,
    replicas: Sequence[int] = REPLICAS,
    output: Path | str | None = None,
    theory_path: Path | None = None,
    pdf_path: Path | None = None,
    force: bool = False,
    add: bool = False,
    progress: ProgressReporter | None = None,
) -> Fit:
    """Fit replicas and write the fit folder.

    Parameters
    ----------
    runcard_path : path
    replicas : sequence of int
        Numbers of the replicas, such as ``range(1, 21)``.
    output : path, optional
        The fit folder; by default named like the runcard, in the working directory.
    theory_path, pdf_path : Path, optional
        Folders with theories and with PDF sets, besides those that are always searched.
    force : bool
        Replace a fit that is there.
    add : bool
        Add the replicas to the fit that is there, which must be of the same runcard and inputs. Its choice of
        replicas for the PDF set has to be made again; PDF sets inside the folder stay as they are.
    progress : ProgressReporter, optional
        Who is told how the fit goes.

    Returns
    -------
    Fit

    Raises
    ------
    N3fitError
        Anything that the user can mend; see ``n3fit.errors``.
    KeyboardInterrupt
        The fit was interrupted; replicas that had finished are in the folder. An interruption while they are
        evaluated and written waits until they are safe; a second one does not.
    """
    from n3fit.api.adding import add_replicas, addition_folder, check_inputs, open_to_add
    from n3fit.api.fit_object import Fit
    from n3fit.results import fit_name, lock_folder, prepare_folder, write_fit_folder
    from n3fit.runcard import read_runcard

    reporter = progress if progress is not None else NullReporter()
    source = Path(runcard_path)
    reporter.phase("reading the runcard")
    runcard = read_runcard(source)
    folder = Path(output) if output is not None else Path(source.stem)
    name = fit_name(folder)
    numbers = list(replicas)
    with lock_folder(folder), Interruptions() as interruptions:
        there = open_to_add(folder, runcard.source_text, numbers) if add else None
        place = folder if there is None else addition_folder(folder, numbers)
        prepare_folder(place, force=force)
        timing = Stages(reporter)
        inputs = read_inputs(runcard, theory_path, pdf_path, timing)
        if there is not None:
            check_inputs(there, inputs.hashes)
        trained = train_groups(name, runcard, inputs, numbers, folder, timing=timing, interruptions=interruptions)
        outcome, interruption = trained.outcome, trained.interruption
        if interruption is not None and len(outcome.replicas) == 0:
            raise interruption
        timing.begin("writing the fit folder")
        written = write_fit_folder(
            timing.stamp(outcome),
            place,
            runcard_text=runcard.source_text,
            source=source,
            parameters=[entry.model_dump() for entry in runcard.fitting.basis],
            theory={"id": inputs.theory.identifier, "card": dict(inputs.theory.card)},
            status="complete" if interruption is None else "interrupted",
            environment=_environment(runcard) | {"theory_compression": dict(trained.compression)},
            force=force,
        )
        if there is not None:
            written = add_replicas(there, written)
        interruption = interruption or interruptions.pending
        if interruption is not None:
            reporter.message(f"{len(outcome.replicas)} of {len(numbers)} replicas had finished: see {written.path}")
            raise interruption
    return Fit.of(written)


def _environment(runcard: Runcard) -> dict[str, Any]:
    from n3fit.backends import describe_device

    return {
        "precision": "float64" if runcard.double_precision else "float32",
        "debug": runcard.debug,
        **describe_device(),
    }
