"""The YAML in the documentation: campaign files and runcards, or parts of them, obey the schemas."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from support.pages import REPOSITORY, Block, all_blocks

from n3fit.campaign.reading import read_campaign
from n3fit.errors import RuncardError
from n3fit.runcard import Runcard, build_runcard
from n3fit.storage.yaml_files import parse_yaml

YAML = [block for block in all_blocks("yaml") if block.is_run]
CARD = parse_yaml((REPOSITORY / "runcards" / "dis.yml").read_text(), "dis.yml").data
CAMPAIGN_KEYS = {"analysis", "runs", "seeds"}


def content_of(block: Block) -> Any:
    return parse_yaml(block.text, str(block)).data or {}


def complete(part: Mapping[str, Any], card: Mapping[str, Any] = CARD) -> dict[str, Any]:
    """Return a card with the keys of a part of one in place of its own; mappings are merged."""
    result = {key: value for key, value in card.items() if not ("trial_specs" in part and key == "parameters")}
    for key, value in part.items():
        own = result.get(key)
        result[key] = complete(value, own) if isinstance(own, dict) and isinstance(value, dict) else value
    return result


@pytest.mark.parametrize("block", [block for block in YAML if not CAMPAIGN_KEYS & set(content_of(block))], ids=str)
def test_runcards(block: Block) -> None:
    assert isinstance(build_runcard(complete(content_of(block)), name=str(block)), Runcard)


@pytest.mark.parametrize("block", [block for block in YAML if CAMPAIGN_KEYS & set(content_of(block))], ids=str)
def test_campaigns(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "campaign.yml"
    path.write_text(block.text)
    campaign, text = read_campaign(path)
    assert text == block.text
    assert campaign.runcard or campaign.runs


def test_a_wrong_key_is_noticed() -> None:
    with pytest.raises(RuncardError, match="expected a known key, received 'epoch'"):
        build_runcard(complete({"parameters": {"epoch": 3}}))


def test_there_are_blocks() -> None:
    assert len(YAML) > 10
