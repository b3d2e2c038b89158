"""The replicas that reduced sets are made of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support import set_library

from n3fit.errors import DataError, FitError
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.progress import NullReporter
from n3fit.results import FitFolder
from n3fit.results.ensembles import find_source
from n3fit.results.reduction_sources import replica_source
from n3fit.theory.flavours import EXPORT_PIDS

X = np.array([1e-4, 0.02, 0.3])


@pytest.fixture
def library(tmp_path: Path) -> Path:
    set_library.write_replicas(tmp_path, np.random.default_rng(5).normal(scale=0.1, size=(5, 4)))
    return tmp_path


def test_members_of_a_set_are_read_one_after_the_other(library: Path) -> None:
    pdf = PDFSet(library / "replicas")
    source = replica_source(pdf)
    assert (source.name, list(source.numbers), source.x_min) == ("replicas", [1, 2, 3, 4, 5], 1e-9)
    ensemble = source.at_initial_scale(X, NullReporter())
    assert pdf._read == {}
    assert (ensemble.q, ensemble.kind) == (1.65, "replicas")
    np.testing.assert_array_equal(ensemble.x, X)
    np.testing.assert_array_equal(ensemble.central, pdf.xfx(EXPORT_PIDS, X, 1.65).T)
    for number, values in enumerate(ensemble.members, start=1):
        np.testing.assert_array_equal(values, pdf.xfx(EXPORT_PIDS, X, 1.65, number).T)


def test_replicas_of_a_fit_are_those_that_evolve_takes(make_fit: Callable[..., FitFolder]) -> None:
    fit = make_fit(positivity_passed=np.array([True, False, True, True]))
    source = replica_source(find_source(fit.path))
    assert (source.name, list(source.numbers)) == ("toy", [1, 3, 4])
    ensemble = source.at_initial_scale(fit.xgrid[5:9], NullReporter())
    np.testing.assert_allclose(ensemble.members, fit.pdf[[0, 2, 3], 5:9], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(ensemble.central, ensemble.members.mean(axis=0), rtol=1e-12, atol=1e-15)


def test_fit_without_a_replica_that_passes(make_fit: Callable[..., FitFolder]) -> None:
    fit = make_fit(positivity_passed=np.zeros(4, dtype=bool))
    with pytest.raises(FitError, match="none of the 4 replicas passes positivity"):
        replica_source(fit)


@pytest.mark.parametrize("kind", ["symmhessian", "replicas+as", "unknown"])
def test_only_replicas_can_be_reduced(library: Path, kind: str) -> None:
    info = library / "replicas" / "replicas.info"
    info.write_text(info.read_text().replace("ErrorType: replicas", f"ErrorType: {kind}"))
    with pytest.raises(DataError) as caught:
        replica_source(PDFSet(library / "replicas"))
    assert caught.value.message == (
        "replicas: expected a set of replicas and no other members, ErrorType replicas, "
        f"received {kind!r} and 6 members"
    )


def test_single_member_cannot_be_reduced(library: Path) -> None:
    with pytest.raises(DataError, match=r"replicas/2: expected a set of replicas .* and 1 members"):
        replica_source(find_source("replicas/2", [library]))
