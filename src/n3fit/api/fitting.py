"""Fitting replicas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from n3fit.api.stages import Stages, read_inputs
from n3fit.progress import ProgressReporter, Silence

if TYPE_CHECKING:
    import numpy as np

    from n3fit.results import FitFolder, FitOutcome
    from n3fit.runcard import Runcard
    from n3fit.training.inputs import FitInputs


def fit(
    runcard_path: Path | str,
    *,
    replicas: tuple[int, int] = (1, 20),
    output: Path | str | None = None,
    theory_path: Path | None = None,
    pdf_path: Path | None = None,
    force: bool = False,
    add: bool = False,
    progress: ProgressReporter | None = None,
) -> FitFolder:
    """Fit replicas and write the fit folder.

    Parameters
    ----------
    runcard_path : path
    replicas : tuple of int
        First and last replica.
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
    FitFolder

    Raises
    ------
    N3fitError
        Anything that the user can mend; see ``n3fit.errors``.
    KeyboardInterrupt
        The fit was interrupted; replicas that had finished are in the folder.
    """
    from n3fit.api.adding import add_replicas, addition_folder, check_inputs, open_to_add
    from n3fit.results import fit_name, lock_folder, prepare_folder, write_fit_folder
    from n3fit.runcard import read_runcard

    reporter = progress if progress is not None else Silence()
    source = Path(runcard_path)
    reporter.stage("reading the runcard")
    runcard = read_runcard(source)
    folder = Path(output) if output is not None else Path(source.stem)
    name = fit_name(folder)
    numbers = list(range(replicas[0], replicas[1] + 1))
    with lock_folder(folder):
        there = open_to_add(folder, runcard.source_text, numbers) if add else None
        place = folder if there is None else addition_folder(folder, numbers)
        prepare_folder(place, force=force)
        timing = Stages(reporter)
        inputs = read_inputs(runcard, theory_path, pdf_path, timing)
        if there is not None:
            check_inputs(there, inputs.hashes)
        outcome, interruption = _train(name, runcard, inputs, numbers, folder, timing)
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
            environment=_environment(runcard),
            force=force,
        )
        if there is not None:
            written = add_replicas(there, written)
        if interruption is not None:
            reporter.message(f"{len(outcome.replicas)} of {len(numbers)} replicas had finished: see {written.path}")
            raise interruption
    return written


def _train(
    name: str, runcard: Runcard, inputs: FitInputs, replicas: Sequence[int], folder: Path, timing: Stages
) -> tuple[FitOutcome, KeyboardInterrupt | None]:
    """Train the replicas, together or one after the other; give those that finished."""
    timing.begin("preparing the fit")
    from n3fit.backends import set_compilation_cache, set_initial_state
    from n3fit.training.outcome import join_outcomes, make_outcome, select_replicas
    from n3fit.training.problem import make_architecture, make_problem, make_pseudodata
    from n3fit.training.trainer import train_replicas

    set_initial_state(debug=runcard.debug, max_cores=runcard.maxcores, double_precision=runcard.double_precision)
    set_compilation_cache()
    architecture = make_architecture(runcard, inputs)
    load = _weights_to_load(runcard)
    tensorboard = folder.with_name(f"{folder.name}-tensorboard") if runcard.tensorboard is not None else None
    groups = [list(replicas)] if runcard.parallel_models else [[replica] for replica in replicas]
    outcomes = []
    interruption = None
    for group in groups:
        try:
            pseudodata = make_pseudodata(runcard, inputs, group)
            problem = make_problem(runcard, inputs, group, pseudodata)
            timing.begin("training")
            trained = train_replicas(
                runcard, architecture, problem, group, progress=timing.reporter, load=load, tensorboard=tensorboard
            )
            timing.begin("evaluating the replicas")
            outcome = make_outcome(name, runcard, inputs, group, trained, pseudodata)
            outcomes.append(select_replicas(outcome, trained.finished))
            interruption = trained.interruption
        except KeyboardInterrupt as error:
            if not outcomes:
                raise
            interruption = error  # outside a training; the groups before are whole
        if interruption is not None:
            break
        timing.end()
    return join_outcomes(outcomes), interruption


def _weights_to_load(runcard: Runcard) -> dict[str, list[np.ndarray[Any, Any]]] | None:
    """Read the weights that ``load`` names."""
    if runcard.load is None:
        return None
    from n3fit.results.weights import read_weights

    return read_weights(Path(runcard.load))


def _environment(runcard: Runcard) -> dict[str, Any]:
    from n3fit.backends import describe_device

    return {
        "precision": "float64" if runcard.double_precision else "float32",
        "debug": runcard.debug,
        **describe_device(),
    }
