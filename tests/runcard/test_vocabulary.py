import pytest

from n3fit.runcard import vocabulary


def test_every_basis_has_eight_different_flavours() -> None:
    for name, flavours in vocabulary.FITTING_BASES.items():
        assert len(flavours) == len(set(flavours)) == 8, name
    assert not set(vocabulary.FITTING_BASES) & set(vocabulary.FITTING_BASES_LATER)


def test_constants_cannot_be_changed() -> None:
    for mapping in (vocabulary.FITTING_BASES, vocabulary.SUM_RULES):
        with pytest.raises(TypeError):
            mapping["new"] = ()  # type: ignore[index]
