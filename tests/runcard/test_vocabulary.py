"""Values that only runcards have."""

import pytest

from n3fit.runcard import vocabulary


def test_constants_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        vocabulary.SUM_RULE_CHOICES["new"] = ()  # type: ignore[index]
