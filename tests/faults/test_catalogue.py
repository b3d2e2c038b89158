"""Every fault has a number, a description and a test here."""

from support.faults import FAULTS, FOLDER, find_tests, numbers_in


def test_every_fault_has_a_test() -> None:
    found = find_tests(FOLDER.glob("test_*.py"))
    assert sorted(FAULTS) == list(range(1, 93))
    assert sorted(found) == sorted(FAULTS)


def test_numbers_in_names() -> None:
    assert numbers_in("test_fault_07_bounds[1 2]") == (7,)
    assert numbers_in("test_fault_60_61_62_a_second_process") == (60, 61, 62)
    assert numbers_in("test_fault_64") == ()
    assert numbers_in("test_a_fault_64_x") == ()
