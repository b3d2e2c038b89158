"""Estimates of memory and time."""

from dataclasses import replace

import pytest
from support import problems

from n3fit.fit import resources
from n3fit.fit.problem import make_architecture
from n3fit.fit.resources import (
    ACTIVATIONS,
    BASE_MEMORY_MB,
    COMPILATION_SECONDS,
    EFFICIENCY,
    FUNCTIONAL_COPIES,
    PASSES,
    TYPICAL_FUNCTIONALS,
    estimate_resources,
    operations_of_problem,
)
from n3fit.theory.integration import integration_nodes


@pytest.fixture
def estimate(inputs, card):
    def make(replicas=20, nx=51, **changes):
        runcard = card(**changes)
        return estimate_resources(runcard, make_architecture(runcard, inputs), inputs, nx, replicas)

    return make


def test_parameters_and_time(estimate):
    found = estimate()
    assert found.parameters == 3 * 6 + 7 * 8
    assert found.seconds == pytest.approx(COMPILATION_SECONDS + 1000 * found.seconds_per_epoch)
    assert 1e-5 < found.seconds_per_epoch < 1


def test_memory_grows_with_replicas_and_precision(estimate):
    few, many, double = (estimate(10), estimate(30), estimate(10, double_precision=True))
    assert BASE_MEMORY_MB < few.memory_mb < many.memory_mb
    # linear in the replicas
    more = estimate(50)
    assert more.memory_mb - many.memory_mb == pytest.approx(many.memory_mb - few.memory_mb)
    assert double.memory_mb > few.memory_mb


def test_memory_of_the_matrices(estimate, inputs):
    """One more node costs its columns of the stacked matrix twice, in float32, and its activations."""
    rows = len(inputs.data) + sum(observable.ndata for observable in (*inputs.positivity, *inputs.integrability))
    step = 1e6 * (estimate(1, nx=52).memory_mb - estimate(1, nx=51).memory_mb)
    assert step == pytest.approx(4 * 2 * rows * 8 + 4 * ACTIVATIONS * (6 + 8))


def test_hadronic_rows_cost_less_when_compressed(inputs, card):
    table = problems.make_table("jet", 30, hadronic=True)
    hadronic = replace(inputs, observables=(*inputs.observables, problems.make_observable("JET", [table])))

    def memory(loaded, compression):
        runcard = card(theory_compression=compression)
        return 1e6 * estimate_resources(runcard, make_architecture(runcard, loaded), loaded, 51, 1).memory_mb

    exact = memory(hadronic, "exact") - memory(inputs, "exact")
    shorter = memory(hadronic, "certified") - memory(inputs, "certified")
    # float32: the forms or the functionals twice, and four numbers a functional for the replica; float64: its copies
    assert exact == pytest.approx(4 * 2 * 30 * (len(table.xgrid) * 8) ** 2)
    assert shorter == pytest.approx(30 * TYPICAL_FUNCTIONALS * (4 * (2 * 51 * 8 + 4) + 8 * FUNCTIONAL_COPIES * 51 * 8))


def test_a_split_point_by_point_multiplies_with_three_views(estimate, inputs, monkeypatch):
    monkeypatch.setattr(resources, "_matrix_rate", lambda runcard: 1e11)
    modes, points = estimate(100), estimate(100, diagonal_basis=False)
    more = 2 * len(inputs.data) * 51 * 8  # two products more
    expected = 100 * PASSES * 2 * more / (EFFICIENCY * 1e11)
    assert points.seconds_per_epoch - modes.seconds_per_epoch == pytest.approx(expected)


def test_operations_of_a_folded_problem():
    """Counted by hand for small matrices: products with the network, the linear rows and the quadratic forms."""
    architecture = problems.make_architecture()
    nodes = {}
    for nonlinear in (False, True):
        problem = problems.make_problem(3, nonlinear=nonlinear)
        nodes[nonlinear] = len(problem.xgrid)
        rows = 12 + 5 + 3 + 4 + 2 + 1
        forms = 0
        if nonlinear:
            rows += 4 + 4
            forms = 3 * (8 * len(problems.XGRID)) ** 2
        network = 3 * 6 + 7 * 8
        points = nodes[nonlinear] + len(integration_nodes()[0])
        products = network * points + rows * nodes[nonlinear] * 8 + forms
        expected = PASSES * (2 * products + 40 * points * (6 + 8))
        assert operations_of_problem(architecture, problem) == expected
        assert operations_of_problem(architecture, problem.select([1])) == expected
    assert nodes[False] == nodes[True]
