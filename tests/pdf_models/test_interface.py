"""The interface of PDF models."""

import pytest
from pydantic import ValidationError

from n3fit.model.grid_model import GridModel
from n3fit.model.les_houches import LesHouches
from n3fit.pdf_models import PDFModel


def test_a_model_needs_both_methods() -> None:
    with pytest.raises(TypeError, match="abstract"):
        PDFModel()


@pytest.mark.parametrize("kind", [LesHouches, GridModel])
def test_n3fit_adds_everything_to_its_own_models(kind: type[PDFModel]) -> None:
    assert (kind.sum_rules, kind.preprocessing, kind.positivity) == (True, True, True)
    assert kind().check("EVOL", ("g",)) == ""


def test_settings_are_read_only_and_checked() -> None:
    model = LesHouches.model_validate({"powers": [1, 2]})
    with pytest.raises(ValidationError, match="frozen"):
        model.spread = 2.0
    for settings in ({"power": [1]}, {"powers": [1, 1]}, {"powers": [0]}, {"powers": [1, 2, 3, 4, 5]}, {"spread": -1}):
        with pytest.raises(ValidationError):
            LesHouches.model_validate(settings)
