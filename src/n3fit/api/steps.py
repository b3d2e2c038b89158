"""Checks, before a fit, of the steps that follow it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.errors import CommandLineError
from n3fit.paths import PathLike, as_path

if TYPE_CHECKING:
    from n3fit.fit.evolution_ahead import EvolutionAhead as EvolutionAhead


def check_steps(output: PathLike, *, replicas: Sequence[int], postfit: int | None = None, evolve: bool = False) -> None:
    """Check, before hours of training, that the steps after a fit are possible.

    Parameters
    ----------
    output : path
        The fit folder to be.
    replicas : range or sequence of int
        Numbers of the replicas.
    postfit : int, optional
        How many replicas are to be chosen afterwards.
    evolve : bool
        Whether the fit is to be evolved.

    Raises
    ------
    CommandLineError
        More replicas are to be chosen than are fitted, or a PDF set cannot have the name of the fit.
    """
    fitted = len(replicas)
    if postfit is not None and postfit > fitted:
        enough = f"1-{postfit + (postfit + 4) // 5}"
        raise CommandLineError(
            f"{postfit} replicas are to be chosen, but only {fitted} are fitted",
            hint=f"fit more with --replicas, such as {enough}: some usually fail",
            ways=[["--replicas", enough]],
        )
    if evolve:
        from n3fit.lhapdf.set_folder import check_set_name
        from n3fit.results import fit_name

        check_set_name(fit_name(Path(output)))


@contextmanager
def evolution_ahead(runcard: PathLike, *, theory_path: PathLike | None = None) -> Iterator[EvolutionAhead]:
    """Compute what the evolution of a fit needs besides the fit, in a second process that ends with the block.

    Parameters
    ----------
    runcard : path
        The file of the runcard.
    theory_path : path, optional
        Folder with theories.
    """
    from n3fit.fit.evolution_ahead import evolution_ahead as start

    with start(Path(runcard), theory_path=as_path(theory_path)) as ahead:
        yield ahead
