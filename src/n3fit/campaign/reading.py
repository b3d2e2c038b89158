"""Reading of campaign files: known keys, values of the right kind, and keys that go together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from n3fit.campaign.schema import CampaignFile
from n3fit.errors import CommandLineError, n3fit_command
from n3fit.runcard.schema_violations import schema_violations
from n3fit.runcard.violations import Violation, violations_error
from n3fit.runcard.yaml_reader import RULES
from n3fit.storage.json_files import read_text
from n3fit.storage.yaml_files import parse_yaml

_EXAMPLES = "`n3fit examples` writes some, such as runcards/campaigns/closure.yml"
_KEYS_OF_FITS = frozenset(("dataset_inputs", "experiments", "fitting"))


def read_campaign(path: Path) -> tuple[CampaignFile, str]:
    """Read a campaign file, and return it with its text.

    Raises
    ------
    CommandLineError
        The file is missing or is not YAML.
    RuncardError
        It violates the rules: one line per violation, with file, line, key, what was expected and what was received.
    """
    if not path.is_file():
        raise CommandLineError(f"{path}: expected a campaign file, is not there", hint=_EXAMPLES)
    text = read_text(path, limit=RULES.size, error=CommandLineError)
    document = parse_yaml(text, str(path), rules=RULES, error=CommandLineError)
    if not isinstance(document.data, dict):
        raise CommandLineError(f"{path}: expected lines such as 'runcard: dis.yml'", hint=_EXAMPLES)
    if "runcard" not in document.data and not document.data.keys().isdisjoint(_KEYS_OF_FITS):
        raise CommandLineError(
            f"{path}: expected a campaign file, received the runcard of a fit",
            hint=f"did you mean `{n3fit_command('fit', path)}`?",
        )
    try:
        campaign = CampaignFile.model_validate(document.data)
        violations = list(_inconsistencies(campaign))
    except ValidationError as error:
        violations = list(schema_violations(error, document.data, CampaignFile))
    if violations:
        violations.sort(key=lambda violation: document.line_of(violation.key))
        raise violations_error(violations, document.where, str(path))
    return campaign, text


def _inconsistencies(campaign: CampaignFile) -> Iterator[Violation]:
    if campaign.runcard is None:
        if not campaign.runs:
            yield Violation.expected(("runcard",), "a runcard or a list of runs", "neither")
        for key in ("seeds", "theories", "variations"):
            if getattr(campaign, key):
                yield Violation.expected((key,), "runcard beside it", "none", "these are variations of runcard")
    if campaign.analysis == "alphas" and campaign.seeds is not None:
        yield Violation.expected(
            ("seeds",), "no seeds with `analysis: alphas`", "some", "replicas must have the same pseudodata in all runs"
        )
    if campaign.batches > 1 and campaign.analysis != "alphas":
        yield Violation.expected(("batches",), "1 unless `analysis: alphas`", str(campaign.batches))
    if campaign.fewest_points is not None and campaign.analysis != "alphas":
        yield Violation.expected(("fewest_points",), "no such key unless `analysis: alphas`", "one")
    count = campaign.replicas[1] - campaign.replicas[0] + 1
    if campaign.steps.postfit is not None and campaign.steps.postfit > count:
        yield Violation.expected(("steps", "postfit"), f"at most {count}, the number of replicas", "more")
    for key in ("variations", "runs"):
        names = [entry.name for entry in getattr(campaign, key)]
        for index, name in enumerate(names):
            if name in names[:index]:
                yield Violation.expected((key, index, "name"), "a name of its own", f"{name!r} again")
    identifiers = [entry.theoryid for entry in campaign.theories]
    for index, identifier in enumerate(identifiers):
        if identifier in identifiers[:index]:
            yield Violation.expected(("theories", index), "another theory", f"{identifier!r} again")
