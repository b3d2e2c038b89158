"""Values that only runcards have."""

import pytest

from n3fit.runcard import vocabulary
from n3fit.theory.bases import FITTING_BASES


def test_bases_are_supported_or_not_supported_yet() -> None:
    assert not set(FITTING_BASES) & set(vocabulary.FITTING_BASES_LATER)


def test_constants_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        vocabulary.SUM_RULE_CHOICES["new"] = ()  # type: ignore[index]
