"""Numbers of operations, counted by hand for small problems."""

from support import problems

from n3fit.model.operation_count import PASSES, count_parameters, operations_of_problem
from n3fit.model.reduction import reduce_chi2
from n3fit.theory.integration import integration_nodes


def test_parameters():
    assert count_parameters(problems.make_architecture()) == 3 * 6 + 7 * 8
    trainable = problems.make_architecture(trainable=True)
    assert count_parameters(trainable) == 3 * 6 + 7 * 8 + 2 * sum(entry.trainable for entry in trainable.ranges)


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


def test_operations_of_a_reduced_problem():
    """The combinations of the PDF and two triangular matrices in place of the 20 linear rows of the data."""
    architecture = problems.make_architecture()
    problem = problems.divide_problem(problems.make_problem(2, eigenbasis=False), [([0, 1], [0, 1])])
    reduced = reduce_chi2(problem, precision=1e-16)
    combinations = reduced.chi2.basis.shape[1]
    difference = (combinations - 20) * len(problem.xgrid) * 8 + combinations**2
    expected = operations_of_problem(architecture, problem) + PASSES * 2 * difference
    assert operations_of_problem(architecture, reduced) == expected
