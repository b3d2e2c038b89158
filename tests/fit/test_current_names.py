"""Old names of data sets in runcards."""

import warnings

import pytest
from support import problems

from n3fit.errors import DataError
from n3fit.fit.current_names import with_current_names
from n3fit.runcard import Runcard, RuncardWarning

TODAY = "NMC_NC_NOTFIXED_P_EM-SIGMARED"


def make_card(*entries: dict[str, object], **changes: object) -> Runcard:
    return Runcard.model_validate(problems.make_runcard().model_dump() | {"dataset_inputs": list(entries)} | changes)


def names(card: Runcard) -> list[tuple[str, str | None]]:
    return [(entry.dataset, entry.variant) for entry in card.dataset_inputs]


def test_names_of_today_stay_without_a_warning() -> None:
    card = make_card({"dataset": TODAY, "variant": ["legacy", "legacy_dw"], "weight": 3})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert with_current_names(card).model_dump() == card.model_dump()
    assert card.dataset_inputs[0].variant == "legacy+legacy_dw"


def test_old_names_are_one_warning_however_many() -> None:
    old = ("NMC", "NMCPD_dw_ite", "SLACP_dwsh", "CMSZDIFF12", "BCDMSP_dwsh")
    entries = [{"dataset": name, "frac": 0.5, "cfac": ["QCD"]} for name in old]
    entries[3]["sys"] = 10
    with pytest.warns(RuncardWarning) as caught:
        card = with_current_names(make_card(*entries))
    assert [str(warning.message) for warning in caught] == [
        f"dataset_inputs: old names of data sets: NMC is {TODAY}, variant legacy; "
        "NMCPD_dw_ite is NMC_NC_NOTFIXED_EM-F2, variant legacy_dw; "
        "SLACP_dwsh is SLAC_NC_NOTFIXED_P_EM-F2, variant legacy_dw; and 2 more, see `n3fit check`"
    ]
    assert names(card)[3:] == [("CMS_Z0J_8TEV_PT-Y", "legacy_10"), ("BCDMS_NC_NOTFIXED_P_EM-F2", "legacy_dw")]
    assert {(entry.frac, entry.cfac, entry.sys) for entry in card.dataset_inputs} == {(0.5, ("QCD",), None)}


def test_sys_beside_todays_names_has_no_effect() -> None:
    with pytest.warns(RuncardWarning, match=rf"sys: without effect beside today's names \({TODAY}\)") as caught:
        card = with_current_names(make_card({"dataset": TODAY, "sys": 10}))
    assert (len(caught), names(card)) == (1, [(TODAY, None)])


def test_positivity_and_integrability_sets() -> None:
    positivity = {"posdatasets": [{"dataset": "POSF2U", "maxlambda": 1}]}
    integrability = {"integdatasets": [{"dataset": "INTEGXT3", "maxlambda": 1}]}
    card = with_current_names(make_card({"dataset": TODAY}, positivity=positivity, integrability=integrability))
    assert card.positivity.posdatasets[0].dataset == "NNPDF_POS_2P24GEV_F2U"
    assert card.integrability.integdatasets[0].dataset == "NNPDF_INTEG_3GEV_XT3"


def test_systematics_that_an_old_name_never_had() -> None:
    with pytest.raises(DataError, match="POSF2U: there are no systematics 10"):
        with_current_names(make_card({"dataset": "POSF2U", "sys": 10}))
