"""Estimates of memory and time, compared with the arrays of problems."""

from dataclasses import replace

import numpy as np
import pytest
from support import problems

from n3fit.compression.forms import LinearForms, SumsOfSquares
from n3fit.errors import ResourceError
from n3fit.fit import resources
from n3fit.fit.problem import make_architecture, make_problem, make_pseudodata
from n3fit.fit.resources import BASE_MEMORY_MB, COMPILATION_SECONDS, check_memory, estimate_resources
from n3fit.fit.settings import fit_settings


@pytest.fixture
def estimate(inputs, card, monkeypatch):
    monkeypatch.setattr(resources, "measure_matrix_rate", lambda double_precision: 1e11)

    def make(replicas=20, loaded=inputs, **changes):
        runcard = card(**changes)
        return estimate_resources(fit_settings(runcard), make_architecture(runcard, loaded), loaded, replicas)

    return make


def bytes_of_matrices(problem) -> float:
    """Return the bytes of the matrices that the losses are made with, in single precision."""
    everything = (*problem.observables, *problem.positivity.observables, *problem.integrability.observables)
    total = 0
    for rows in (rows for observable in everything for operand in observable.operands for rows in operand):
        if isinstance(rows, LinearForms):
            total += rows.matrix.size
        elif isinstance(rows, SumsOfSquares):
            total += rows.functionals.size
        else:
            total += rows.forms.size
    return 4.0 * total


def test_parameters_and_time(estimate):
    found = estimate()
    assert found.parameters == 3 * 6 + 7 * 8
    assert found.seconds == pytest.approx(COMPILATION_SECONDS + 1000 * found.seconds_per_epoch)
    assert 1e-5 < found.seconds_per_epoch < 1
    assert estimate(100).seconds_per_epoch > found.seconds_per_epoch


def test_memory_grows_with_replicas_and_precision(estimate):
    few, many, double = (estimate(10), estimate(30), estimate(10, double_precision=True))
    assert BASE_MEMORY_MB < few.memory_mb < many.memory_mb < double.memory_mb + many.memory_mb - few.memory_mb
    more = estimate(50)  # linear in the replicas
    assert more.memory_mb - many.memory_mb == pytest.approx(many.memory_mb - few.memory_mb)
    assert double.memory_mb > few.memory_mb


@pytest.mark.parametrize("compression", ["exact", "certified"])
def test_memory_of_the_matrices_is_that_of_a_few_copies(estimate, inputs, card, compression):
    """Hadronic rows add what the matrices of the problem have, two to eight times."""
    table = problems.make_table("jet", 30, hadronic=True)
    jets = problems.make_observable("JET", [table])
    hadronic = replace(inputs, positivity=(*inputs.positivity, jets))
    added = 1e6 * (
        estimate(1, hadronic, theory_compression=compression).memory_mb
        - estimate(1, theory_compression=compression).memory_mb
    )
    settings = fit_settings(card(theory_compression=compression))
    penalty = replace(
        settings.positivity, initial=(*settings.positivity.initial, 1.0), growth=(*settings.positivity.growth, 1.0)
    )
    pseudodata = make_pseudodata(settings, inputs, [1])
    matrices = [
        bytes_of_matrices(make_problem(chosen, loaded, [1], pseudodata))
        for chosen, loaded in ((replace(settings, positivity=penalty), hadronic), (settings, inputs))
    ]
    assert 2 < added / (matrices[0] - matrices[1]) < 8


def test_a_split_point_by_point_takes_longer(estimate):
    modes, points = estimate(100), estimate(100, diagonal_basis=False)
    assert modes.seconds_per_epoch < points.seconds_per_epoch < 4 * modes.seconds_per_epoch


def test_the_rate_of_products_is_measured():
    assert 1e8 < resources.measure_matrix_rate(double_precision=False) < 1e15
    assert np.isfinite(resources.measure_matrix_rate(double_precision=True))


def test_the_rate_is_that_of_the_fastest_product_on_every_core(monkeypatch):
    ticks = iter(
        [float(tick) for number in range(resources.RATE_SAMPLES) for tick in (number, number + 0.5 - 0.02 * number)]
    )
    monkeypatch.setattr(resources.time, "perf_counter", lambda: next(ticks))
    monkeypatch.setattr(resources, "usable_cores", lambda: 3)
    fastest = 0.5 - 0.02 * (resources.RATE_SAMPLES - 1)
    assert resources.measure_matrix_rate(double_precision=True) == pytest.approx(3 * 2 * 256**3 / fastest)


def test_fits_within_the_memory_pass_and_larger_ones_are_refused():
    check_memory(7999.0, 100, limit_mb=8000.0)
    with pytest.raises(ResourceError, match=r"100 replicas together need about 8.1 GB .* 8.0 GB") as many:
        check_memory(8100.0, 100, limit_mb=8000.0)
    assert "--replicas" in many.value.hint
    with pytest.raises(ResourceError, match="one replica needs") as one:
        check_memory(8100.0, 1, limit_mb=8000.0)
    assert "parallel_models" not in one.value.hint
