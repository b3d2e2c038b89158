"""The inputs named by a runcard: real data and the embedded theory."""

from dataclasses import replace

import numpy as np
import pytest
from support import problems
from support.data import chi2_values

from n3fit.data import covariance_matrix
from n3fit.defaults import DEFAULT_T0_SET
from n3fit.errors import N3fitError
from n3fit.fit.inputs import load_inputs
from n3fit.fit.problem import make_pseudodata
from n3fit.fit.settings import fit_settings
from n3fit.lhapdf.pdf_sets import load_pdf_set
from n3fit.paths import SearchPaths
from n3fit.progress import NullReporter
from n3fit.runcard import Runcard
from n3fit.theory.flavours import EXPORT_PIDS, FLAVOUR_TO_FK
from n3fit.theory.predictions import predict
from n3fit.theory.theories import open_theory
from n3fit.theory.toy_pdf import les_houches_toy

pytestmark = pytest.mark.usefixtures("own_cache")

DATASET = "HERA_CC_318GEV_EM-SIGMARED"


@pytest.fixture(scope="module")
def content():
    return problems.make_runcard().model_dump() | {
        "dataset_inputs": [{"dataset": DATASET, "variant": "legacy"}],
        "datacuts": {"t0pdfset": "toy", "q2min": 3.49, "w2min": 12.5},
        "theory": {"theoryid": "dis_nnlo"},
        "positivity": {"posdatasets": [{"dataset": "NNPDF_POS_2P24GEV_XGL", "maxlambda": 1e6}]},
        "integrability": {"integdatasets": [{"dataset": "NNPDF_INTEG_3GEV_XT3", "maxlambda": 1e2}]},
        "added_filter_rules": [{"dataset": "NNPDF_POS_2P24GEV_XGL", "rule": "x > 0.1"}],
    }


@pytest.fixture(scope="module")
def loaded(content, toy_pdf_sets):
    return load_inputs(Runcard.model_validate(content), SearchPaths(pdf_sets=toy_pdf_sets), progress=NullReporter())


def test_sets_points_and_rules(loaded):
    assert [observable.name for observable in loaded.observables] == [DATASET]
    assert len(loaded.data) == loaded.observables[0].ndata == 42
    (gluon,), (t3,) = loaded.positivity, loaded.integrability
    assert 0 < gluon.ndata < 20
    assert t3.ndata == 1
    assert len(loaded.tables) == 3


def test_t0_covariance_takes_the_predictions_of_the_set(loaded, toy_pdf_sets):
    toy = load_pdf_set("toy", [toy_pdf_sets])
    predictions = predict(loaded.observables[0], toy, loaded.theory.q0)[0]
    exact = loaded.observables[0].predict(lambda x: les_houches_toy(EXPORT_PIDS, x).T @ FLAVOUR_TO_FK.T)
    np.testing.assert_allclose(predictions, exact, rtol=2e-3)
    dataset = loaded.data.datasets[0]
    expected = np.diag(dataset.statistical**2)
    for column, kind in enumerate(dataset.systematic_kinds):
        shift = dataset.systematics[:, column]
        if kind == "MULT":
            shift = shift * predictions / dataset.central
        alone = dataset.systematic_correlations[column] in ("UNCORR", "THEORYUNCORR")
        expected += np.diag(shift**2) if alone else np.outer(shift, shift)
    np.testing.assert_allclose(loaded.data.t0_covariance, expected, rtol=1e-10)


def test_everything_that_goes_in_has_a_checksum(loaded):
    kinds = sorted(name.split()[0] for name in loaded.hashes)
    assert kinds == ["PDF", "data", "runcard", "theory", "theory", "theory"]
    assert all(len(digest) == 64 for digest in loaded.hashes.values())


def test_the_default_t0_set_comes_with_the_package(content):
    card = Runcard.model_validate(content | {"datacuts": {"q2min": 3.49, "w2min": 12.5}})
    assert load_inputs(card, SearchPaths(), progress=NullReporter()).t0_set == DEFAULT_T0_SET


def test_t0_set_that_ends_within_the_tables_is_continued(content, tmp_path, caplog):
    """The x-grid of the table begins at 1.3e-3; a set from 2e-3 on gives nearly the predictions of the longer one."""
    sets = {}
    for name, lowest in (("long", 1e-9), ("short", 2e-3)):
        x = np.concatenate([np.geomspace(lowest, 0.1, 80), np.linspace(0.12, 1, 40)])
        values = np.repeat(les_houches_toy(EXPORT_PIDS, x).T, 2, axis=0)
        lines = ["---", *(" ".join(map(repr, knots.tolist())) for knots in (x, np.array([1.65, 100.0])))]
        lines += [" ".join(map(str, EXPORT_PIDS)), *(" ".join(map(repr, row.tolist())) for row in values), "---"]
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}_0000.dat").write_text("\n".join(lines))
        (tmp_path / name / f"{name}.info").write_text("NumMembers: 1\nFormat: lhagrid1\n")
        card = Runcard.model_validate(content | {"datacuts": {"t0pdfset": f"{name}/0"}})
        sets[name] = load_inputs(card, SearchPaths(pdf_sets=tmp_path), progress=NullReporter())
    (record,) = caplog.records
    assert "the PDF set short/0 ends at x = 0.002: at smaller x, down to" in record.getMessage()
    np.testing.assert_allclose(sets["short"].data.t0_covariance, sets["long"].data.t0_covariance, rtol=1e-3, atol=0.0)
    assert "PDF set short/0: member 0" in sets["short"].hashes


@pytest.fixture(scope="module")
def load_closure(content, toy_pdf_sets):
    def load(genrep: bool = False, **closuretest):
        changes = {"closuretest": {"fakepdf": "toy", **closuretest}, "genrep": genrep}
        card = Runcard.model_validate(content | changes)
        return card, load_inputs(card, SearchPaths(pdf_sets=toy_pdf_sets), progress=NullReporter())

    return load


@pytest.fixture(scope="module")
def truth(loaded, toy_pdf_sets):
    return predict(loaded.observables[0], load_pdf_set("toy", [toy_pdf_sets]), loaded.theory.q0)[0]


def test_closure_data_of_level_0_are_exactly_the_predictions(load_closure, truth, loaded):
    _, inputs = load_closure(level=0)
    np.testing.assert_array_equal(inputs.data.central, truth)
    assert chi2_values(truth, inputs.data.central, inputs.data.t0_covariance) == 0
    # the truth is the t0 set here: the experimental covariance is that of t0, and that of the measured data
    np.testing.assert_allclose(inputs.data.experimental_covariance, inputs.data.t0_covariance, rtol=1e-12)
    np.testing.assert_allclose(inputs.data.t0_covariance, loaded.data.t0_covariance, rtol=1e-12)
    np.testing.assert_array_equal(inputs.closure.predictions, truth)
    assert (inputs.closure.level, inputs.closure.filterseed) == (0, None)
    assert inputs.closure.sha256 == inputs.hashes["PDF set toy: member 0"]


def test_closure_data_of_level_1_are_shifted_once_for_all_replicas(load_closure, truth):
    card, inputs = load_closure(level=1, filterseed=5)
    data = inputs.data
    assert not np.allclose(data.central, truth, rtol=1e-3)
    np.testing.assert_array_equal(make_pseudodata(fit_settings(card), inputs, [1, 4]), [data.central, data.central])
    np.testing.assert_array_equal(
        load_closure(fakedata=True, fakenoise=True, filterseed=5)[1].data.central, data.central
    )
    assert not np.allclose(load_closure(level=1, filterseed=6)[1].data.central, data.central)
    # the shift is of the size of the uncertainties at the truth: chi2 of 42 points is 42 +- 9
    chi2 = chi2_values(truth, data.central, inputs.closure.covariance)
    assert abs(chi2 - 42) < 5 * np.sqrt(84)


def test_closure_data_of_level_2_add_the_fluctuations_of_replicas(load_closure, truth):
    card, inputs = load_closure(level=2, filterseed=5, genrep=True)
    data, count = inputs.data, 2000
    np.testing.assert_array_equal(data.central, load_closure(level=1, filterseed=5)[1].data.central)
    drawn = make_pseudodata(fit_settings(card), inputs, list(range(1, count + 1)))
    np.testing.assert_array_equal(make_pseudodata(fit_settings(card), inputs, [7, 3]), drawn[[6, 2]])
    sigma = np.sqrt(np.diag(data.t0_covariance))
    gaussian = data.central > 4 * sigma  # negative cross-sections are drawn again, which cuts the tail of the others
    assert gaussian.sum() > 30
    expected = (data.t0_covariance / np.outer(sigma, sigma))[np.ix_(gaussian, gaussian)]
    received = (np.cov(drawn.T) / np.outer(sigma, sigma))[np.ix_(gaussian, gaussian)]
    assert np.all(np.abs(received - expected) < 5 * np.sqrt((1 + expected**2) / count))
    assert np.all(np.abs(drawn.mean(axis=0) - data.central)[gaussian] < 5 * sigma[gaussian] / np.sqrt(count))


@pytest.fixture(scope="module")
def two_theories(tmp_path_factory):
    """Theories 1 and 2: the embedded tables with K-factors UP of 1 and of 2."""
    folder = tmp_path_factory.mktemp("theories")
    embedded = open_theory("dis_nnlo")
    table = "HERA_CC_318GEV_EM_SIGMARED"
    for number in (1, 2):
        place = folder / f"theory_{number}"
        (place / "cfactor").mkdir(parents=True)
        (place / "fastkernel").symlink_to(embedded.folder / "fastkernel")
        card = (embedded.folder / "theory.yaml").read_text()
        (place / "theory.yaml").write_text(card.replace("ID: dis_nnlo", f"ID: {number}"))
        rows = f"{number}.0 0.0\n" * embedded.load_table(table).ndata
        (place / "cfactor" / f"CF_UP_{table}.dat").write_text(f"***\ntext\n***\n{rows}")
    return folder


@pytest.fixture(scope="module")
def load_with_theories(content, toy_pdf_sets, two_theories):
    def load(**changes):
        dataset = {"dataset": DATASET, "variant": "legacy", "cfac": ["UP"]}
        card = Runcard.model_validate(content | {"dataset_inputs": [dataset], "theory": {"theoryid": 1}} | changes)
        paths = SearchPaths(theories=two_theories, pdf_sets=toy_pdf_sets)
        return load_inputs(card, paths, progress=NullReporter())

    return load


def multiplicative_part(data) -> np.ndarray:
    return data.t0_covariance - covariance_matrix(data.datasets, additive_only=True)


def test_t0theoryid_is_the_theory_of_the_t0_predictions_alone(load_with_theories, loaded):
    first, other = load_with_theories(), load_with_theories(theory={"theoryid": 1, "t0theoryid": 2})
    np.testing.assert_array_equal(first.data.t0_covariance, loaded.data.t0_covariance)
    np.testing.assert_allclose(multiplicative_part(other.data), 4 * multiplicative_part(first.data), rtol=1e-9)
    np.testing.assert_array_equal(other.data.experimental_covariance, first.data.experimental_covariance)
    assert other.theory.identifier == "1"
    assert set(other.hashes) - set(first.hashes) == {"theory 2: HERA_CC_318GEV_EM_SIGMARED"}
    for one, two in zip(first.tables, other.tables, strict=True):
        np.testing.assert_array_equal(one.values, two.values)


def test_other_theories_that_are_missing_are_named_together(load_with_theories):
    test = {"level": 0, "fakepdf": "toy", "faketheoryid": 8}
    with pytest.raises(N3fitError) as caught:
        load_with_theories(theory={"theoryid": 1, "t0theoryid": 9}, closuretest=test, genrep=False)
    assert [line.partition(" was")[0] for line in caught.value.message.splitlines()] == [
        "theory.t0theoryid: theory 9",
        "closuretest.faketheoryid: theory 8",
    ]
    assert caught.value.exit_code == 3


def test_faketheoryid_is_the_theory_of_the_replaced_data_alone(load_with_theories, truth):
    test = {"level": 0, "fakepdf": "toy", "faketheoryid": 2}
    fake = load_with_theories(closuretest=test, genrep=False)
    np.testing.assert_allclose(fake.data.central, 2 * truth, rtol=1e-12)
    np.testing.assert_allclose(fake.closure.predictions, 2 * truth, rtol=1e-12)
    assert "theory 2: HERA_CC_318GEV_EM_SIGMARED" in fake.hashes
    plain = load_with_theories(closuretest={"level": 0, "fakepdf": "toy"}, genrep=False)
    np.testing.assert_allclose(plain.data.central, truth, rtol=1e-12)
    np.testing.assert_array_equal(fake.tables[0].values, plain.tables[0].values)


def test_inconsistent_data_have_other_uncertainties_and_the_same_shift(load_closure):
    settings = {
        "inconsistent_datasets": [DATASET],
        "treatment_names": ["MULT", "ADD"],
        "names_uncertainties": ["SPECIAL", "UNCORR"],
        "sys_rescaling_factor": 0.1,
    }
    options = {"level": 1, "filterseed": 5, "inconsistent_data_settings": settings}
    right = load_closure(**options)[1].data
    wrong = load_closure(**options, inconsistent_fakedata=True)[1].data
    np.testing.assert_array_equal(wrong.central, right.central)
    (dataset,), (other,) = right.datasets, wrong.datasets
    np.testing.assert_allclose(other.systematics, 0.1 * dataset.systematics, rtol=1e-14)
    np.testing.assert_array_equal(other.statistical, dataset.statistical)


def test_weights_switched_off_and_regularised_covariance(content, toy_pdf_sets):
    def load(**changes):
        dataset = {"dataset": DATASET, "variant": "legacy", "weight": 4}
        card = Runcard.model_validate(content | {"dataset_inputs": [dataset]} | changes)
        return load_inputs(card, SearchPaths(pdf_sets=toy_pdf_sets), progress=NullReporter()).data

    weighted, plain = load(), load(use_weights_in_covmat=False)
    np.testing.assert_allclose(4 * weighted.loss_covariance, plain.loss_covariance, rtol=1e-14)
    raised = load(norm_threshold=1.01, use_weights_in_covmat=False)
    sigma = np.sqrt(np.diagonal(plain.t0_covariance))
    eigenvalues = np.linalg.eigvalsh(raised.loss_covariance / np.outer(sigma, sigma))
    np.testing.assert_allclose(eigenvalues[0], 1 / 1.01**2, rtol=1e-9)


def test_groups_are_those_of_the_runcard(content, toy_pdf_sets):
    names = [DATASET, "HERA_CC_318GEV_EP-SIGMARED"]
    entries = [{"dataset": name, "variant": "legacy", "custom_group": name[-11:-9]} for name in names]

    def load(**changes):
        card = Runcard.model_validate(content | {"dataset_inputs": entries} | changes)
        return load_inputs(card, SearchPaths(pdf_sets=toy_pdf_sets), progress=NullReporter()).data

    together = [load(), load(diagonal_basis=False), load(diagonal_basis=False, metadata_group="experiment")]
    divided = load(diagonal_basis=False, metadata_group="custom_group")
    for data in together:
        assert np.any(data.t0_covariance[:42, 42:])
        np.testing.assert_array_equal(data.t0_covariance, together[0].t0_covariance)
    assert not np.any(divided.t0_covariance[:42, 42:])
    np.testing.assert_array_equal(divided.t0_covariance[:42, :42], together[0].t0_covariance[:42, :42])


def test_pseudodata_are_drawn_again_only_on_request(content, toy_pdf_sets):
    def draw(**changes):
        card = Runcard.model_validate(content | {"genrep": True, "mcseed": 3} | changes)
        inputs = load_inputs(card, SearchPaths(pdf_sets=toy_pdf_sets), progress=NullReporter())
        wide = replace(inputs, data=replace(inputs.data, t0_covariance=9 * inputs.data.t0_covariance))
        return make_pseudodata(fit_settings(card), wide, list(range(1, 101)))

    every, positive = draw(), draw(resample_negative_pseudodata=True, max_tries=10_000)
    negative = (every < 0).any(axis=1)
    assert 0 < negative.sum() < 100
    assert (positive >= 0).all()
    np.testing.assert_array_equal(every[~negative], positive[~negative])
