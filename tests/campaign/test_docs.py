"""The campaign files that come with n3fit, and the page about them."""

from pathlib import Path

import pytest

from n3fit.campaign.expansion import expand_campaign
from n3fit.campaign.reading import read_campaign
from n3fit.campaign.schema import CampaignFile
from n3fit.runcard import parse_runcard
from n3fit.runcard.reference import reference_rows

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "runcards" / "campaigns").glob("*.yml"))


def test_every_key_is_in_the_page_with_its_meaning() -> None:
    page = (ROOT / "docs" / "campaigns.md").read_text()
    for row in reference_rows(CampaignFile):
        assert f"| `{row.key}` | {row.type}" in page
        assert f"| {row.meaning} |\n" in page


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_files_are_valid(path: Path) -> None:
    campaign, _ = read_campaign(path)
    small = campaign if campaign.seeds is None else campaign.model_copy(
        update={"seeds": campaign.seeds.model_copy(update={"runs": 1})}
    )  # fmt: skip
    (first, *_) = expand_campaign(small, path.parent)
    card = parse_runcard(first.card)
    if campaign.analysis == "closure":
        assert (card.parameters.epochs, card.parameters.stopping_patience, card.closure_level) == (6000, 0.2833, 2)
    else:
        assert card.theory.t0theoryid == "dis_nnlo"
