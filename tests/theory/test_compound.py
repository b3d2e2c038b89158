import numpy as np
import pytest

from n3fit.errors import TheoryError
from n3fit.theory.compound import LINEAR_OPERATIONS, OPERATIONS, RATIOS, apply_operation

TABLES = np.random.default_rng(3).uniform(1, 2, size=(20, 3, 5))


@pytest.mark.parametrize(
    ("operation", "count", "expected"),
    [
        ("NULL", 1, TABLES[0]),
        ("ADD", 2, TABLES[0] + TABLES[1]),
        ("RATIO", 2, TABLES[0] / TABLES[1]),
        ("ASY", 2, (TABLES[0] - TABLES[1]) / (TABLES[0] + TABLES[1])),
        ("SMN", 4, (TABLES[0] + TABLES[1]) / (TABLES[2] + TABLES[3])),
        ("COM", 20, TABLES[:10].sum(axis=0) / TABLES[10:].sum(axis=0)),
        ("SMT", 10, TABLES[:10].sum(axis=0)),
        ("SUBTRACT_ABS", 2, TABLES[0] - TABLES[1]),
        ("SUBTRACT_ABSPAIR", 4, TABLES[0] + TABLES[1] - TABLES[2] - TABLES[3]),
    ],
)
def test_values(operation: str, count: int, expected: np.ndarray) -> None:
    np.testing.assert_allclose(apply_operation(operation, list(TABLES[:count])), expected, rtol=1e-14)


def test_absolute_values_of_negative_predictions() -> None:
    assert apply_operation("SUBTRACT_ABS", [2.0, -3.0]) == -1.0
    assert apply_operation("SUBTRACT_ABS", [-2.0, 3.0]) == -5.0
    assert apply_operation("SUBTRACT_ABSPAIR", [2.0, 1.0, -5.0, 1.0]) == -1.0


@pytest.mark.parametrize("operation", OPERATIONS)
def test_linear_operations_are_exactly_the_linear_ones(operation: str) -> None:
    """Linear: f(x - 2 y) = f(x) - 2 f(y)."""
    (count,) = OPERATIONS[operation][1]
    first, second = list(TABLES[:count]), list(TABLES[::-1][:count])
    combined = apply_operation(operation, [one - 2 * other for one, other in zip(first, second, strict=True)])
    expected = apply_operation(operation, first) - 2 * apply_operation(operation, second)
    assert np.allclose(combined, expected) == (operation in LINEAR_OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_ratios_are_exactly_the_operations_that_keep_their_value_when_all_tables_are_scaled(operation: str) -> None:
    (count,) = OPERATIONS[operation][1]
    value = apply_operation(operation, list(TABLES[:count]))
    scaled = apply_operation(operation, [3 * table for table in TABLES[:count]])
    assert np.allclose(value, scaled) == (operation in RATIOS)


def test_a_single_row_serves_every_point() -> None:
    np.testing.assert_allclose(apply_operation("RATIO", [TABLES[0], TABLES[1][:, :1]]), TABLES[0] / TABLES[1][:, :1])


def test_mistakes_are_named() -> None:
    with pytest.raises(TheoryError, match="did you mean 'RATIO'"):
        apply_operation("RATIOS", [1.0, 2.0])
    with pytest.raises(TheoryError, match="RATIO: expected 2 tables, received 3"):
        apply_operation("RATIO", [1.0, 2.0, 3.0])
