"""Checks of the metadata of a set: its name, its origin, and the keys of each observable."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from n3fit.data.checks.findings import Place
from n3fit.data.checks.process import check_process
from n3fit.data.process_variables import word_of_units
from n3fit.paths import is_plain_name

SET_KEYS = ("setname", "version", "version_comment", "nnpdf_metadata", "implemented_observables")
REFERENCES = ("arXiv", "iNSPIRE", "hepdata")
OBSERVABLE_KEYS = (
    "observable_name", "observable", "ndata", "process_type", "plotting", "kinematic_coverage", "kinematics",
    "data_uncertainties",
)  # fmt: skip
OPTIONAL_KEYS = ("data_central", "theory", "tables", "npoints", "variants", "ported_from")
PLOTTING_KEYS = ("dataset_label", "plot_x")
OPTIONAL_PLOTTING = (
    "y_label", "x_label", "x_scale", "y_scale", "figure_by", "line_by", "normalize", "extra_labels",
    "result_transform", "data_reference", "theory_reference", "func_labels", "kinematics_override", "nnpdf31_process",
    "experiment", "process_description", "all_labels",
)  # fmt: skip
VARIANT_KEYS = ("data_uncertainties", "data_central", "theory", "experiment")
THEORY_KEYS = ("operation", "conversion_factor", "shifts", "normalization", "comment")
UNITLESS = ("", "GeV", "GeV2")


def check_set_keys(place: Place, folder: Path) -> None:
    """Check the keys of the metadata that all observables of a set share."""
    place.check_keys(SET_KEYS, REFERENCES)
    name = place.text("setname", "the name of the folder")
    if name is not None and name != folder.name:
        place.at("setname").expect(f"the name of the folder, {folder.name!r}", "rename one of the two")
    if name is not None:
        check_set_name(place.at("setname"), name)
    own = place.mapping("nnpdf_metadata")
    if own is not None:
        if not isinstance(own.at("experiment").value, str):
            own.at("experiment").note("expected text, the group of the data set in tables of chi2, received none")
        own.text("nnpdf31_process", "a process category such as DIS NC")


def check_set_name(place: Place, name: str) -> None:
    """Check that the name of a set can be one, and stands for a measurement: words between underscores."""
    if not is_plain_name(name):
        place.expect("letters, digits and . _ + -", "choose a name such as MYEXP_NC_318GEV")
    elif len(name.split("_")) < 3:
        hint = "such as MYEXP_NC_318GEV; NOTFIXED where the energy is not the same for all points"
        place.expect("EXPERIMENT_PROCESS_ENERGY, three words or more between underscores", hint)
    elif name.upper().startswith(("NNPDF_POS", "POS", "NNPDF_INTEG", "INTEG")):
        place.note("names that begin with POS and INTEG are those of positivity and integrability sets")


def check_observable(place: Place, *, set_name: str, category: str) -> None:
    """Check the keys of an observable that are not about the content of other files.

    Parameters
    ----------
    place : Place
        An entry of ``implemented_observables``, a mapping.
    set_name : str
    category : str
        ``nnpdf31_process`` of the set.
    """
    place.check_keys(OBSERVABLE_KEYS, OPTIONAL_KEYS)
    name = place.text("observable_name")
    if name is not None and (not is_plain_name(name) or "_" in name):
        place.at("observable_name").expect("letters, digits and . + - without underscores")
    described = place.mapping("observable")
    if described is not None:
        described.text("description")
        described.text("label")
        described.text("units", "write '' for a number without units", empty=True)
    plotting = place.mapping("plotting")
    if plotting is not None:
        plotting.check_keys(PLOTTING_KEYS, OPTIONAL_PLOTTING)
    count = place.at("ndata")
    if isinstance(count.value, bool) or not isinstance(count.value, int) or count.value < 1:
        count.expect("the number of points, 1 or more")
    check_process(place, set_name=set_name, category=category)
    _check_variables(place)
    _check_theory(place)


def _check_variables(place: Place) -> None:
    """Check the kinematic variables: each of the coverage has a label and units."""
    coverage = place.at("kinematic_coverage")
    names = coverage.value if isinstance(coverage.value, list) else []
    if not names or not all(isinstance(name, str) for name in names):
        coverage.expect("a list of kinematic variables")
        return
    kinematics = place.mapping("kinematics")
    variables = None if kinematics is None else kinematics.mapping("variables")
    if variables is None:
        return
    for name in names:
        if name.startswith("extra_"):
            continue
        variable = variables.mapping(name, "describe the variable: description, label and units")
        if variable is None:
            continue
        variable.text("label")
        units = variable.text("units", "write '' for a number without units", empty=True)
        if units is not None:
            _check_units(variable.at("units"), name, units)
    plot_x = place.at("plotting").at("plot_x")
    if isinstance(plot_x.value, str) and plot_x.value not in (*names, "idat"):
        plot_x.note(f"expected one of {', '.join(names)}: figures show the numbers of the points instead")


def _check_units(place: Place, name: str, units: str) -> None:
    """Check the units of a variable: cuts and scales are in powers of GeV."""
    expected = word_of_units(name)
    received = units.translate(str.maketrans("", "", "$^{} "))
    if expected is None or received.upper() == expected.upper():
        return
    if received == "":
        place.note(f"no units: n3fit takes {name} in {expected or 'no units'}")
    elif received.upper() in (word.upper() for word in UNITLESS):
        place.note(f"n3fit takes {name} in {expected or 'no units'}, the file says {units}")
    else:
        place.expect(f"{expected or 'no units'} for {name}", "cuts and scales are in GeV: convert the numbers")


def _check_theory(place: Place) -> None:
    """Check the FK tables of an observable and of its variants."""
    if "theory" in place.value:
        check_tables(place.at("theory"))
    else:
        place.note("there is no `theory`: the data set cannot be fitted", "name its FK tables")
    variants = place.at("variants")
    if isinstance(variants.value, dict):
        for name in variants.value:
            variant = variants.at(name)
            if not isinstance(variant.value, dict):
                variant.expect("a mapping with the keys that the variant changes")
                continue
            variant.check_keys((), VARIANT_KEYS)
            if "theory" in variant.value:
                check_tables(variant.at("theory"))
    elif variants.value is not None:
        variants.expect("a mapping of variants")


def check_tables(place: Place) -> None:
    """Check the form of a ``theory``: lists of names of FK tables, and a conversion factor."""
    if not isinstance(place.value, dict):
        place.expect("a mapping with FK_tables")
        return
    place.check_keys(("FK_tables",), THEORY_KEYS)
    tables = place.at("FK_tables")
    operands = tables.value if isinstance(tables.value, list) else []
    if not operands or not all(_are_names(operand) for operand in operands):
        tables.expect("a list with a list of names of tables for each operand, such as [[MYEXP_TABLE]]")
    factor = place.at("conversion_factor")
    if factor.value is not None and (isinstance(factor.value, bool) or not isinstance(factor.value, int | float)):
        factor.expect("a number")


def _are_names(operand: object) -> bool:
    return isinstance(operand, list) and bool(operand) and all(_is_name(name) for name in operand)


def _is_name(name: object) -> bool:
    return isinstance(name, str) and name.strip() == name != "" and not name.startswith(".") and not {*name} & {*"/\\"}


def files_of(place: Place, names: Iterable[str] = ("data_central", "data_uncertainties")) -> list[Place]:
    """Return the places of the names of files in an observable or a variant."""
    found = []
    for name in names:
        entry = place.at(name)
        found += entry.entries() if isinstance(entry.value, list) else [entry] if entry.value is not None else []
    return found
