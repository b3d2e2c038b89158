"""The data of the runcards that other programs are compared with, deep-inelastic and hadronic."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.data import NNLO

from n3fit.data import Cuts, FilterRule, apply_cuts, default_cuts, load_commondata
from n3fit.data.covariance import point_slices
from n3fit.storage.yaml_files import read_yaml

CARDS = Path(__file__).parents[3] / "shared" / "peer" / "runcards"


@pytest.mark.slow
@pytest.mark.parametrize(("card", "sets", "deep_inelastic"), [("dis_400", 19, 3089), ("hadronic_400", 40, 3089)])
def test_points_of_the_comparison_cards(card, sets, deep_inelastic) -> None:
    path = CARDS / f"{card}.yml"
    if not path.is_file():
        pytest.skip("the shared folder with the runcards of the comparisons is not there")
    content = read_yaml(path)
    added = [FilterRule(entry.get("dataset"), None, entry["rule"]) for entry in content["added_filter_rules"]]
    default = default_cuts(NNLO)
    cuts = Cuts((*default.rules, *added), default.limits, NNLO)
    datasets = [
        apply_cuts(load_commondata(entry["dataset"], entry.get("variant")), cuts) for entry in content["dataset_inputs"]
    ]
    assert len(point_slices(datasets)) == sets
    assert sum(len(dataset) for dataset in datasets if dataset.is_dis) == deep_inelastic
    extra = content["positivity"]["posdatasets"] + content["integrability"]["integdatasets"]
    for entry in extra:
        assert 1 <= len(apply_cuts(load_commondata(entry["dataset"]), cuts)) <= 20
