"""Faults 18 to 27, 37, 38 and 39 to 45: broken data, PDF sets and covariances end in one clear message.

Each test takes a real data set of the library, breaks it in one way and checks the message.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import PathDistribution
from pathlib import Path

import numpy as np
import pytest
from support.data import NNLO, draw_pseudodata

from n3fit.data import (
    DEFAULT_LIMITS,
    CommonData,
    Cuts,
    EigenbasisSplit,
    FilterRule,
    apply_cuts,
    assemble,
    cholesky_or_explain,
    covariance_matrix,
    default_rules,
    load_commondata,
    point_masks,
)
from n3fit.data.library import check_installed, library_folder
from n3fit.errors import DataError
from n3fit.lhapdf.pdf_sets import load_pdf_set

NAME, VARIANT, POINTS = "HERA_CC_318GEV_EP-SIGMARED", "legacy", 39
DATA = "data_EP-SIGMARED.yaml"
KINEMATICS = "kinematics_EP-SIGMARED.yaml"
UNCERTAINTIES = "uncertainties_EP-SIGMARED.yaml"
EXIT_DATA = 3


class Library:
    """A copy of one folder of the data library, to be broken."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(library_folder() / "HERA_CC_318GEV", root / "HERA_CC_318GEV")

    def edit(self, name: str, change: Callable[[str], str]) -> Path:
        path = self.root / "HERA_CC_318GEV" / name
        before = path.read_text()
        after = change(before)
        assert after != before
        path.write_text(after)
        return path

    def message(self, variant: str | None = VARIANT, name: str = NAME) -> str:
        """Load the data set, which must fail and leave nothing behind, and give the message."""
        with pytest.raises(DataError) as caught:
            load_commondata(name, variant, root=self.root)
        assert caught.value.exit_code == EXIT_DATA
        assert not list(self.root.parent.glob("cache/**/*.arrays"))
        return str(caught.value)


@pytest.fixture
def library(tmp_path, monkeypatch) -> Library:
    monkeypatch.setenv("N3FIT_CACHE_DIR", str(tmp_path / "cache"))
    return Library(tmp_path / "library")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> CommonData:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("N3FIT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        return load_commondata(NAME, VARIANT)


def with_systematics(dataset: CommonData, statistical: float, columns: np.ndarray, name: str = "SET_X") -> CommonData:
    count = columns.shape[1]
    return replace(
        dataset,
        name=name,
        statistical=np.full(len(dataset), statistical),
        systematics=columns,
        systematic_names=tuple(f"sys_{number}" for number in range(count)),
        systematic_kinds=("ADD",) * count,
        systematic_correlations=("CORR",) * count,
    )


# ------------------------------------------------------------------------------------------------- files of the data


@pytest.mark.parametrize("name", [DATA, KINEMATICS, UNCERTAINTIES])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.97])
def test_fault_18_truncated_commondata(library, name, share) -> None:
    path = library.edit(name, lambda text: text[: int(share * len(text))])
    assert str(path) in library.message()


@pytest.mark.parametrize("name", [DATA, KINEMATICS, UNCERTAINTIES])
def test_fault_18_missing_file(library, name) -> None:
    path = library.root / "HERA_CC_318GEV" / name
    path.unlink()
    message = library.message()
    assert f"{path}: missing" in message


def test_fault_18_installed_file_that_is_not_what_was_installed(tmp_path) -> None:
    # A file cut inside its last number is still good YAML: only the installer's checksums show the fault.
    text = (library_folder() / "HERA_CC_318GEV" / DATA).read_bytes()
    digest = base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()
    info = tmp_path / "sample-1.0.dist-info"
    info.mkdir()
    (info / "RECORD").write_text(f"sample/{DATA},sha256={digest},{len(text)}\nsample/free.yaml,,\n")
    (tmp_path / "sample").mkdir()
    path = tmp_path / "sample" / DATA
    free = tmp_path / "sample" / "free.yaml"
    path.write_bytes(text)
    installed = PathDistribution(info)
    check_installed([path, free], installed)
    path.write_bytes(text.rstrip()[:-1])
    with pytest.raises(DataError, match="is not the file that was installed") as caught:
        check_installed([path, free], installed)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", ["", "[]", "setname: 3\n", "\x00\x01", "implemented_observables: 4\n"])
def test_fault_18_broken_metadata(library, content) -> None:
    library.edit("metadata.yaml", lambda _: content)
    assert "HERA_CC_318GEV" in library.message()


@pytest.mark.parametrize("value", [".nan", ".inf", "-.inf", "three", "null", "[1.0]", "'1.0'", "true"])
@pytest.mark.parametrize("name", [DATA, KINEMATICS, UNCERTAINTIES])
def test_fault_19_value_that_is_not_a_number(library, name, value) -> None:
    def spoil(text: str) -> str:
        if name == DATA:
            lines = text.splitlines(keepends=True)
            return "".join([*lines[:5], f"- {value}\n", *lines[6:]])
        if name == KINEMATICS:
            return text.replace("mid: ", f"mid: {value}\n    old: ", 1)
        head, bins = text.split("bins:\n")
        return head + "bins:\n" + bins.replace("stat: ", f"stat: {value} #", 1)

    path = library.edit(name, spoil)
    message = library.message()
    assert str(path) in message
    assert "expected a finite number for" in message


def test_fault_19_negative_uncertainty(library) -> None:
    def negate(text: str) -> str:
        head, bins = text.split("bins:\n")
        return head + "bins:\n" + bins.replace("stat: ", "stat: -", 1)

    library.edit(UNCERTAINTIES, negate)
    assert "statistical uncertainty of point 0 is -" in library.message()


@pytest.mark.parametrize("name", [DATA, KINEMATICS, UNCERTAINTIES])
def test_fault_20_numbers_of_points_disagree(library, name) -> None:
    def drop_last(text: str) -> str:
        start = text.rindex("\n- ")
        return text[: start + 1]

    path = library.edit(name, drop_last)
    message = library.message()
    assert str(path) in message
    assert f"expected {POINTS}" in message
    assert str(POINTS - 1) in message


def test_fault_20_metadata_announce_other_points(library) -> None:
    library.edit("metadata.yaml", lambda text: text.replace(f"ndata: {POINTS}", "ndata: 40"))
    assert "expected 40" in library.message()


def test_fault_21_missing_variant(library) -> None:
    message = library.message(variant="legasy")
    assert "there is no variant 'legasy'" in message
    assert "did you mean 'legacy'?" in message


def test_fault_21_variant_not_given(library) -> None:
    line = f"  data_uncertainties: [{UNCERTAINTIES}]"
    library.edit("metadata.yaml", lambda text: text.replace(line, "  data_uncertainties: []"))
    message = library.message(variant=None)
    assert "expected a variant" in message
    assert "`variant:` with one of legacy" in message


def test_fault_22_duplicate_systematic_names(library) -> None:
    library.edit(UNCERTAINTIES, lambda text: text.replace("type: HC_sys2\n", "type: HC_sys1\n"))
    assert f"{NAME}: two systematics are both called 'HC_sys1'" in library.message()


def test_fault_22_definition_given_twice(library) -> None:
    path = library.edit(UNCERTAINTIES, lambda text: text.replace("  sys_corr_2:", "  sys_corr_1:", 1))
    message = library.message()
    assert f"{path}:" in message
    assert "definitions.sys_corr_1: expected every key once, received it on lines" in message


def test_fault_22_uncertainty_in_unknown_units(library) -> None:
    library.edit(UNCERTAINTIES, lambda text: text.replace("treatment: MULT", "treatment: PERCENT", 1))
    assert "expected ADD or MULT as treatment of" in library.message()


def test_fault_22_multiplicative_uncertainties_are_in_the_units_of_the_data(dataset) -> None:
    # The files hold them absolute; a tenth of the prediction moves them by a tenth, whatever the units of the data.
    predictions = {dataset.name: 0.1 * dataset.central}
    additive = covariance_matrix([dataset], additive_only=True)
    full, scaled = covariance_matrix([dataset]), covariance_matrix([dataset], predictions)
    np.testing.assert_allclose(scaled - additive, 0.01 * (full - additive), rtol=1e-9, atol=1e-16)
    relative = np.sqrt(np.diagonal(full)) / dataset.central
    assert ((relative > 0.01) & (relative < 1.0)).all()


# -------------------------------------------------------------------------------------------- cuts and small data sets


def test_fault_23_data_set_emptied_by_cuts(dataset) -> None:
    high = Cuts(default_rules(), {**DEFAULT_LIMITS, "q2min": 1e9}, NNLO)
    with pytest.raises(
        DataError, match=rf"{NAME}: none of its {POINTS} points passes the cuts: .*q2min = 1e\+09"
    ) as error:
        apply_cuts(dataset, high)
    assert error.value.exit_code == EXIT_DATA
    rule = FilterRule(NAME, None, "x > 2", origin="added_filter_rules[0]")
    with pytest.raises(DataError, match=r"passes the cuts: x > 2 \(added_filter_rules\[0\]\)"):
        apply_cuts(dataset, Cuts([rule], DEFAULT_LIMITS, NNLO))


def test_fault_24_single_point_data_set(dataset) -> None:
    single, rest = replace(dataset.select([3]), name="ONE_X"), dataset.select(range(10))
    data = assemble([rest, single], None)
    assert data.slices["ONE_X"] == slice(10, 11)
    masks = point_masks(data.datasets, {NAME: 0.75, "ONE_X": 0.75}, replicas=range(40), seed=1)
    assert masks[:, :10].sum(axis=1).tolist() == [7] * 40
    assert 0 < masks[:, 10].sum() < 40
    first = draw_pseudodata(data.datasets, data.t0_covariance, seed=1, replica=1)
    np.testing.assert_array_equal(draw_pseudodata(data.datasets, data.t0_covariance, seed=1, replica=1), first)
    alone = assemble([single], None)
    assert EigenbasisSplit(alone.t0_covariance).whitening[0, 0] == pytest.approx(alone.t0_covariance[0, 0] ** -0.5)


def test_fault_25_all_uncertainties_zero(library) -> None:
    def clear(text: str) -> str:
        head, bins = text.split("bins:\n")
        lines = [f"{line.split(':')[0]}: 0.0" if ":" in line else line for line in bins.splitlines()]
        return head + "bins:\n" + "\n".join(lines) + "\n"

    library.edit(UNCERTAINTIES, clear)
    assert f"{NAME}: all uncertainties of {POINTS} points are zero" in library.message()


def test_fault_25_zero_variance_in_the_covariance(dataset) -> None:
    exact = with_systematics(dataset, 0.0, np.zeros((len(dataset), 0)))
    with pytest.raises(DataError, match=r"SET_X \(point 0\) has a variance that is not positive"):
        assemble([exact], None)


def test_fault_26_pseudodata_always_negative(dataset) -> None:
    wild = with_systematics(dataset, 1e6, np.zeros((len(dataset), 0)))
    with pytest.raises(DataError, match=r"each of 50 draws .* negative cross-section; .*SET_X point \d+"):
        draw_pseudodata([wild], covariance_matrix([wild]), seed=1, replica=1, max_tries=50)


def test_fault_27_no_data_left() -> None:
    with pytest.raises(DataError, match="there are no data to fit") as caught:
        assemble([], {})
    assert caught.value.exit_code == EXIT_DATA


# ---------------------------------------------------------------------------------------------------------- PDF sets


@pytest.fixture
def pdf_folder(tmp_path) -> Path:
    home = tmp_path / "pdfs" / "SMALL_set"
    home.mkdir(parents=True)
    (home / "SMALL_set.info").write_text("Format: lhagrid1\nNumMembers: 3\n")
    grid = "PdfType: central\nFormat: lhagrid1\n---\n0.1 0.5 1.0\n1.65 10.0\n21\n" + "1.0\n" * 6 + "---\n"
    for member in range(2):
        (home / f"SMALL_set_{member:04d}.dat").write_text(grid)
    return tmp_path / "pdfs"


def test_fault_37_pdf_set_missing(pdf_folder) -> None:
    with pytest.raises(DataError, match=r"PDF set 'SMAL_set' is not in any of .*did you mean 'SMALL_set'") as caught:
        load_pdf_set("SMAL_set", [pdf_folder])
    assert str(pdf_folder) in str(caught.value)
    for name in ("", ".", "../SMALL_set", "SMALL_set/SMALL_set"):
        with pytest.raises(DataError, match="is not in any of"):
            load_pdf_set(name, [pdf_folder])


def test_fault_37_fewer_members_than_replicas(pdf_folder) -> None:
    pdf = load_pdf_set("SMALL_set", [pdf_folder])
    assert pdf.xfx([21], [0.3], 2.0, member=1)[0, 0] == 1.0
    with pytest.raises(DataError, match="member 3 requested, the set has 3 members"):
        pdf.xfx([21], [0.3], 2.0, member=3)
    with pytest.raises(DataError, match=r"SMALL_set_0002.dat: missing"):
        pdf.xfx([21], [0.3], 2.0, member=2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "expected a mapping"),
        ("NumMembers: many\n", "expected a positive integer for NumMembers, received 'many'"),
        ("NumMembers: 0\n", "received 0"),
        ("NumMembers: 1.5\n", "received 1.5"),
        ("Format: lhagrid1\n", "received None"),
        ("NumMembers: 3\nNumMembers: 4\n", "expected every key once"),
        ("NumMembers: 3\nFormat: other\n", "expected the format lhagrid1, received 'other'"),
        ("NumMembers: [3\n", "not valid YAML"),
        ("NumMembers: !!python/object:os.system 3\n", "a tag"),
    ],
)
def test_fault_38_malformed_info(pdf_folder, content, message) -> None:
    info = pdf_folder / "SMALL_set" / "SMALL_set.info"
    info.write_text(content)
    with pytest.raises(DataError, match=message) as caught:
        load_pdf_set("SMALL_set", [pdf_folder])
    assert str(info) in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1.0\n---\n", "", "the file is truncated"),
        ("1.0\n1.0\n---\n", "1.0\n---\n", "5 values, expected 6"),
        ("0.1 0.5 1.0", "0.1 1.0 0.5", "x knots must be positive and increasing"),
        ("1.65 10.0", "10.0", "Q knots"),
        ("\n21\n", "\ngluon\n", "flavours must be PDG numbers"),
        ("\n1.0\n", "\nnan\n", "not finite"),
        ("\n1.0\n", "\none\n", "expected numbers"),
        ("lhagrid1", "lhagrid9", "expected an LHAPDF grid"),
        ("0.1 0.5 1.0\n1.65 10.0\n21\n" + "1.0\n" * 6, "0.1\n", "received 1 lines"),
    ],
)
def test_fault_38_malformed_grid(pdf_folder, old, new, message) -> None:
    path = pdf_folder / "SMALL_set" / "SMALL_set_0000.dat"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataError, match=message) as caught:
        load_pdf_set("SMALL_set", [pdf_folder]).xfx([21], [0.3], 2.0)
    assert str(path) in str(caught.value)


# -------------------------------------------------------------------------------------------------------- covariances


def test_fault_39_singular_covariance(dataset) -> None:
    fine = dataset.select(range(5))
    twice = with_systematics(dataset.select(range(3)), 0.0, np.array([[1.0], [1.0], [1.0]]))
    for use in (
        lambda: assemble([fine, twice], None),
        lambda: EigenbasisSplit(covariance_matrix([fine, twice]), [fine, twice]),
    ):
        with pytest.raises(DataError) as caught:
            use()
        message = str(caught.value)
        assert "the covariance of SET_X is singular" in message
        assert "smallest eigenvalue" in message
        assert "condition number" in message
        assert NAME not in message


def test_fault_40_tiny_negative_eigenvalue(dataset) -> None:
    fine = dataset.select(range(4))
    for negative, word in ((-1e-17, "singular"), (-1e-8, "not positive definite")):
        # Correlations of three points with the eigenvalues `negative`, 1.5 and 1.5.
        correlation = np.eye(3) * (1.5) - (0.5 - negative / 3.0) * np.ones((3, 3))
        matrix = np.array(covariance_matrix([fine]))
        sigma = np.sqrt(np.diagonal(matrix)[1:])
        matrix[1:, 1:] = correlation * np.outer(sigma, sigma)
        matrix[0, 1:] = matrix[1:, 0] = 0.0
        with pytest.raises(DataError, match=f"{NAME} is {word}: the smallest eigenvalue"):
            cholesky_or_explain(matrix, [fine])


def test_fault_41_asymmetric_covariance(dataset) -> None:
    fine = dataset.select(range(4))
    other = replace(dataset.select(range(4, 6)), name="OTHER_X")
    matrix = np.array(covariance_matrix([fine, other]))
    matrix[1, 2] *= 1.01
    for check in (cholesky_or_explain, EigenbasisSplit):
        with pytest.raises(DataError, match=rf"{NAME} \(point 1\) is not symmetric") as caught:
            check(matrix, [fine, other])
        assert "OTHER_X" not in str(caught.value)


def test_fault_42_ill_conditioned_covariance_in_single_precision(dataset) -> None:
    # One common uncertainty a thousand times the others: condition number 4e7, beyond single precision (6e-8).
    stiff = with_systematics(dataset, 1e-3, np.ones((len(dataset), 1)))
    covariance = covariance_matrix([stiff])
    assert np.linalg.cond(covariance) > 3e7
    residuals = 1e-3 * np.sin(np.arange(len(dataset)))
    exact = residuals @ np.linalg.solve(covariance, residuals)
    whitening = EigenbasisSplit(covariance, [stiff]).whitening
    assert np.sum((whitening @ residuals) ** 2) == pytest.approx(exact, rel=1e-7)
    # Whitened in double precision, then evaluated in single precision: no digits are lost to the condition number.
    single = np.sum((whitening.astype(np.float32) @ residuals.astype(np.float32)) ** 2)
    assert single == pytest.approx(exact, rel=1e-5)
    inverse = np.linalg.inv(covariance.astype(np.float32))
    naive = residuals.astype(np.float32) @ inverse @ residuals.astype(np.float32)
    assert abs(naive - exact) > 1e-4 * exact


def test_fault_44_covariances_of_two_calls_are_the_same(dataset) -> None:
    predictions = {dataset.name: 1.1 * dataset.central}
    runs = [assemble([dataset], predictions) for _ in range(2)]
    np.testing.assert_array_equal(runs[0].t0_covariance, runs[1].t0_covariance)
    np.testing.assert_array_equal(runs[0].t0_covariance, covariance_matrix([dataset], predictions))
    np.testing.assert_array_equal(runs[0].experimental_covariance, covariance_matrix([dataset]))
    with pytest.raises(ValueError, match="read-only"):
        runs[0].t0_covariance += 1.0  # type: ignore[misc]
