"""FK tables of the data sets of the library."""

from n3fit.data.library import library_folder, read_metadata
from n3fit.data.library_tables import table_uses


def test_tables_are_those_of_the_metadata() -> None:
    uses = {(use.dataset, use.variant): use for use in table_uses()}
    for dataset, variant in (
        ("NMC_NC_NOTFIXED_EM-F2", "legacy_dw"),
        ("CMS_1JET_8TEV_PTY", "legacy"),
        ("ATLAS_Z0J_8TEV_PT-M", "legacy_10"),
        ("DYE906_Z0_120GEV_DW_PDXSECRATIO", None),
        ("NNPDF_POS_2P24GEV_DYU", None),
    ):
        use = uses[dataset, variant]
        metadata = read_metadata(dataset, variant, library_folder())
        assert use.operands == tuple(map(tuple, metadata.theory.FK_tables))
        assert (use.points, use.process) == (metadata.ndata, str(metadata.process_type))
        assert use.operation == str(metadata.theory.operation).upper()
        assert use.shifts == dict(metadata.theory.shifts or {})


def test_sets_that_need_a_variant_are_not_there_without_one() -> None:
    names = [(use.dataset, use.variant) for use in table_uses()]
    assert ("NMC_NC_NOTFIXED_P_EM-SIGMARED", "legacy") in names
    assert ("NMC_NC_NOTFIXED_P_EM-SIGMARED", None) not in names
    assert len(names) == len(set(names)) > 400


def test_tables_once() -> None:
    (use,) = [use for use in table_uses() if use.dataset == "DYE906_Z0_120GEV_DW_PDXSECRATIO" and not use.variant]
    assert len(use.tables) == 20
    assert not use.without_data
