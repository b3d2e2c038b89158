"""Names of PDF models: those of n3fit, those of installed packages, and broken packages."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support.plug_ins import TOY as MODEL

from n3fit.model.grid_model import GridModel
from n3fit.model.les_houches import LesHouches
from n3fit.pdf_models.registry import PDFModelError, check_model, find_model, known_names

Package = Callable[..., Path]


def test_models_of_n3fit() -> None:
    assert find_model("les_houches").kind is LesHouches
    found = find_model("grid")
    assert found.kind is GridModel
    assert (found.package, found.version, found.source) == ("", "", None)


def test_model_of_a_package(package: Package) -> None:
    folder = package()
    assert known_names() == ("network", "les_houches", "grid", "toy")
    found = find_model("toy")
    assert (found.package, found.version, found.source) == ("toy-pdf", "1.0", folder / "toy_pdf.py")
    assert found.kind(size=2).initial_values


def test_the_name_of_a_model_of_n3fit_is_taken(package: Package) -> None:
    package(model="grid")
    assert find_model("grid").kind is GridModel
    assert known_names() == ("network", "les_houches", "grid")


def test_unknown_name(package: Package) -> None:
    package()
    with pytest.raises(PDFModelError) as error:
        find_model("toys")
    assert error.value.expected == "a PDF model: network, les_houches, grid, toy"
    assert error.value.received == "'toys'"
    assert error.value.hint == "did you mean 'toy'?; see docs/pdf_models.md"


def test_nothing_is_imported_for_other_names(package: Package) -> None:
    package("raise RuntimeError('imported')")
    assert find_model("les_houches").kind is LesHouches
    assert "toy" in known_names()


def test_two_packages_with_one_name(package: Package) -> None:
    package()
    package(name="other-pdf")
    with pytest.raises(PDFModelError) as error:
        find_model("toy")
    assert "'toy' in " in error.value.received
    assert {"toy-pdf", "other-pdf"} <= set(error.value.received.replace(",", "").split())


@pytest.mark.parametrize(
    ("source", "value", "expected", "received"),
    [
        ("import no_such_library", "toy_pdf:Toy", "the class of the PDF model 'toy'",
         "ModuleNotFoundError: No module named 'no_such_library' in toy_pdf.py, line 1 while importing toy_pdf:Toy of "
         "toy-pdf 1.0"),
        (MODEL, "toy_pdf:Other", "the class of the PDF model 'toy'", "AttributeError"),
        ("def Toy(): pass", "toy_pdf:Toy", "a subclass of n3fit.pdf_models.PDFModel for 'toy'",
         "toy_pdf:Toy of toy-pdf 1.0, which is none"),
        ("from n3fit.pdf_models import PDFModel\nclass Toy(PDFModel): pass", "toy_pdf:Toy",
         "a class with the methods evaluate, initial_values for 'toy'", "toy_pdf:Toy of toy-pdf 1.0 without"),
        ("raise SystemExit('stopped')", "toy_pdf:Toy", "the class of the PDF model 'toy'",
         "SystemExit: stopped in toy_pdf.py, line 1"),
        (MODEL + "\n    positivity = 'no'", "toy_pdf:Toy",
         "positivity = True or positivity = False in the class of 'toy', without an annotation",
         "toy_pdf:Toy of toy-pdf 1.0 with 'no'"),
    ],
)  # fmt: skip
def test_broken_packages(package: Package, source: str, value: str, expected: str, received: str) -> None:
    package(source, value)
    with pytest.raises(PDFModelError) as error:
        find_model("toy")
    assert error.value.expected == expected
    assert received in error.value.received


def test_models_that_cannot_be_used(package: Package) -> None:
    class Picky(LesHouches):
        def check(self, fitbasis: str, flavours: object) -> str:
            return "" if fitbasis == "EVOL" else fitbasis

    check_model("picky", Picky(), "EVOL", ("g",))
    with pytest.raises(PDFModelError, match="expected a fitting basis and flavours for picky, received FLAVOUR"):
        check_model("picky", Picky(), "FLAVOUR", ("g",))

    class Broken(LesHouches):
        def initial_values(self, flavours: object, random: object) -> dict[str, float]:
            return {"a": 1 / 0}

    with pytest.raises(PDFModelError, match=r"received ZeroDivisionError: .* in test_registry.py, line \d+"):
        check_model("broken", Broken(), "EVOL", ("g",))


@pytest.mark.filterwarnings("ignore:Field name")
def test_a_switch_with_an_annotation(package: Package) -> None:
    package(MODEL + "\n    preprocessing: bool = False")
    with pytest.raises(PDFModelError, match=r"received toy_pdf:Toy of toy-pdf 1.0 with a field"):
        find_model("toy")


def test_an_answer_that_is_no_text() -> None:
    class Silent(LesHouches):
        def check(self, fitbasis: str, flavours: object) -> object:
            return None

    with pytest.raises(PDFModelError, match="expected a text from check of silent, .*, received None"):
        check_model("silent", Silent(), "EVOL", ("g",))


@pytest.mark.parametrize("breaks", [0.1, [[0.1]], [float("nan")]])
def test_breaks_that_are_no_list_of_numbers(breaks: object) -> None:
    class Broken(LesHouches):
        def breaks(self) -> object:
            return breaks

    with pytest.raises(PDFModelError, match="expected a list of values of x from breaks of broken, received array"):
        check_model("broken", Broken(), "EVOL", ("g",))
