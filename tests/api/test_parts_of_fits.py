"""Scripts and templates through the api."""

from __future__ import annotations

from pathlib import Path

import pytest

from n3fit import api
from n3fit.errors import CommandLineError, OutputExistsError


def test_a_script_has_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    script = api.job_array("cards/dis.yml", jobs=2, replicas=range(1, 9))
    assert f"{tmp_path}/cards/dis.yml -o {tmp_path}/dis -r 1-8" in script
    with pytest.raises(CommandLineError, match=r"system: expected one of slurm, htcondor, received 'condor'"):
        api.job_array("dis.yml", jobs=2, system="condor")


def test_a_template_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "slurm.yml"
    assert path.exists() is False
    text = api.template_cluster("slurm", output=path)
    assert path.read_text() == text
    with pytest.raises(OutputExistsError, match="exists already"):
        api.template_cluster("slurm", output=path)
    api.template_cluster("htcondor", output=path, force=True)
    assert "HTCondorCluster" in path.read_text()
    with pytest.raises(CommandLineError, match="system: expected one of slurm, htcondor, received 'pbs'"):
        api.template_cluster("pbs")
