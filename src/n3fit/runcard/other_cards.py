"""Cards that have no fit, of other programs or of campaigns: they are named as such."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from n3fit.errors import RuncardError, n3fit_command

ACTIONS = "actions_"
CAMPAIGN = "runcard"
"""The key of campaign files that names the runcard of their fits."""
_FIT_BLOCKS = frozenset(("fitting", "parameters", "dataset_inputs", "experiments", "trvlseed", "nnseed"))


class NotAFitError(RuncardError):
    """The card is for actions of validphys, and has no fit.

    Parameters
    ----------
    actions : tuple of str
        The actions.
    pdf_sets : tuple of str
        The PDF sets that it names.
    """

    def __init__(self, name: str, actions: tuple[str, ...], pdf_sets: tuple[str, ...]) -> None:
        super().__init__(
            f"{name}: expected a card of a fit, received one with the actions {', '.join(actions) or 'of validphys'}",
            hint="run it with validphys",
        )
        self.actions = actions
        self.pdf_sets = pdf_sets


def check_is_fit(content: Mapping[str, Any], name: str) -> None:
    """Check that a card describes a fit.

    Raises
    ------
    NotAFitError
        It has actions of validphys, and no key of a fit.
    RuncardError
        It is a campaign file.
    """
    if CAMPAIGN in content and not _FIT_BLOCKS & content.keys():
        raise RuncardError(
            f"{name}: expected a card of a fit, received a campaign file",
            hint=f"did you mean `{n3fit_command('campaign', name)}`?",
        )
    if ACTIONS not in content or _FIT_BLOCKS & content.keys():
        return
    actions = content[ACTIONS] if isinstance(content[ACTIONS], list) else ()
    sets = content["pdfs"] if isinstance(content.get("pdfs"), list) else ()
    named = [entry for entry in (content.get("pdf"), *sets) if isinstance(entry, str)]
    raise NotAFitError(name, tuple(map(str, actions)), tuple(dict.fromkeys(named)))
