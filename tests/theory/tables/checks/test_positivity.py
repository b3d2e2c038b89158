"""Sign of positivity observables."""

import numpy as np

from n3fit.data.library_tables import table_uses
from n3fit.theory.tables.checks.contents import TableContents
from n3fit.theory.tables.checks.positivity import check_signs


def checked(name: str, predictions: np.ndarray) -> TableContents:
    return check_signs([TableContents(name, predictions)], table_uses())[0]


def test_negative_rows_are_named() -> None:
    values = np.ones(20)
    values[[3, 5]] = -0.25, 0.0
    (problem,) = checked("NNPDF_POS_F2U_40", values).problems
    assert problem == "expected a positive observable, received -2.5e-01 in row 3, 0.0e+00 in row 5"


def test_charm_may_be_negative_at_large_x() -> None:
    values = np.ones(20)
    values[-5:] = -1e-3
    assert checked("NNPDF_POS_F2C_40", values).problems == ()
    values[0] = -1e-3
    assert "in row 0" in checked("NNPDF_POS_F2C_40", values).problems[0]


def test_tables_of_data_have_no_sign() -> None:
    assert checked("NMC_NC_EM_P_F2", -np.ones(260)).problems == ()
