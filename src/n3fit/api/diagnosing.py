"""Examination of the installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from n3fit.diagnosis import Diagnosis


def doctor() -> Diagnosis:
    """Return the state of the installation: versions, devices, folders, what is missing, and conflicts.

    Nothing that is broken raises an error: it is among the findings of the result. The backend is started in another
    process.
    """
    from n3fit.diagnosis import diagnose

    return diagnose()
