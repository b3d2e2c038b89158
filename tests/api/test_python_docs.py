"""The code of docs/python.md runs as it stands there."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import outcomes

from n3fit import api
from n3fit.errors import DataError
from n3fit.storage import CACHE_VARIABLE

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working directory with the fit ``my_fit`` of ten imaginary replicas, and a cache of operators."""
    few = np.concatenate([np.geomspace(1e-7, 0.1, 30)[:-1], np.linspace(0.1, 1.0, 20)])
    random = np.random.default_rng(1)
    path = tmp_path_factory.mktemp("python")
    outcome = outcomes.make_outcome(
        10,
        sets=outcomes.SMALL_SETS,
        xgrid=few,
        pdf=np.stack([outcomes.toy_pdf(few, random) for _ in range(10)]),
        positivity_passed=np.ones(10, dtype=bool),
    )
    outcomes.write_outcome(outcome, path / "my_fit")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(path / "cache"))
        patch.chdir(path)
        yield path


def test_all_blocks_run_one_after_another(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signature = inspect.signature(api.fit)
    calls: list[dict[str, Any]] = []

    def instead_of_training(*arguments: Any, **options: Any) -> Any:
        calls.append(signature.bind(*arguments, **options).arguments)
        return api.open_fit("my_fit")

    monkeypatch.setattr(api, "fit", instead_of_training)
    names: dict[str, Any] = {}
    for number, block in enumerate(BLOCKS):
        exec(compile(block, f"{PAGE.name}, block {number}", "exec"), names)
    assert calls == [{"runcard": "runcards/dis.yml", "replicas": range(1, 21), "output": "my_fit"}]
    assert (Path(__file__).parents[2] / "runcards" / "dis.yml").is_file()
    assert (folder / "u_valence.pdf").read_bytes().startswith(b"%PDF")
    assert names["band"].central.shape == names["between_halves"].shape == (4,)
    assert (names["relative"] > 0).all()
    assert np.isfinite(names["ratio"]).all()


def test_sets_are_found_in_a_folder_of_their_own(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=re.escape(str(tmp_path))):
        api.open_ensemble("no_such_set", pdf_path=tmp_path)
