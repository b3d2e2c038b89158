"""What can go wrong with the steps after a fit and can be seen before it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from n3fit.errors import CommandLineError, MissingExtraError


def check_steps(
    output: Path | str, *, replicas: Sequence[int], postfit: int | None = None, evolve: bool = False
) -> None:
    """Refuse, before hours of training, steps that cannot follow a fit.

    Parameters
    ----------
    output : path
        The fit folder to be.
    replicas : sequence of int
        Numbers of the replicas to fit.
    postfit : int, optional
        How many replicas are to be chosen afterwards.
    evolve : bool
        Whether the fit is to be evolved.

    Raises
    ------
    CommandLineError
        More replicas are to be chosen than are fitted, or a PDF set cannot have the name of the fit.
    MissingExtraError
        The evolution needs a library that is not installed.
    """
    fitted = len(replicas)
    if postfit is not None and postfit > fitted:
        raise CommandLineError(
            f"{postfit} replicas are to be chosen, but only {fitted} are fitted",
            hint=f"fit more with --replicas, such as 1-{postfit + (postfit + 4) // 5}: some usually fail",
        )
    if evolve:
        from n3fit.lhapdf.set_folder import check_set_name
        from n3fit.results import fit_name

        check_set_name(fit_name(Path(output)))
        if find_spec("eko") is None:
            raise MissingExtraError("eko", "theory")
