"""Fits in every unpolarised basis: sum rules, flavours that vanish, and a closure test with charm asymmetry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML
from support.problems import SMALLX

from n3fit import api
from n3fit.ensembles.node_polynomials import moment_weights
from n3fit.errors import TheoryError
from n3fit.results import FitFolder
from n3fit.theory.bases import FITTING_BASES
from n3fit.theory.flavours import EXPORT_PIDS, FK_BASIS, FLAVOUR_TO_FK

ROOT = Path(__file__).parents[2]
PEER = ROOT.parent / "shared" / "peer"
UNPOLARISED = [name for name, basis in FITTING_BASES.items() if not basis.polarised]
PERTURBATIVE = "400pch"
"""Theory 400 as one with perturbative charm: the same tables, and IC: 0 in its card."""


@pytest.fixture(scope="module")
def theories(shared_theories: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with theory 400 with fitted and with perturbative charm."""
    folder = tmp_path_factory.mktemp("theories")
    source = shared_theories / "theory_400"
    (folder / "theory_400").symlink_to(source)
    other = folder / f"theory_{PERTURBATIVE}"
    other.mkdir()
    (other / "fastkernel").symlink_to(source / "fastkernel")
    (card,) = source.glob("*.yaml")
    text = card.read_text()
    assert text.count("IC: 1") == 1
    (other / "theory.yaml").write_text(text.replace("IC: 1", "IC: 0"))
    return folder


def write_card(source: Path, path: Path, fitbasis: str, **changes: Any) -> Path:
    """Write a card in another basis, with values of ``parameters`` replaced."""
    yaml = YAML()
    card = yaml.load(source.read_text(encoding="utf-8"))
    basis = FITTING_BASES[fitbasis]
    card["fitting"]["fitbasis"] = fitbasis
    card["fitting"]["basis"] = [
        {"fl": flavour, "trainable": False, "smallx": list(SMALLX[fitbasis][flavour]), "largex": [1.5, 3.5]}
        for flavour in basis.flavours
    ]
    card["parameters"]["nodes_per_layer"][-1] = len(basis.flavours)
    card["parameters"] |= changes
    if not basis.fitted_charm:
        card["theory"]["theoryid"] = PERTURBATIVE
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(card, file)
    return path


def integrals(fit: FitFolder) -> dict[str, np.ndarray]:
    """The integrals of the sum rules, (R,) each."""
    elements = dict(zip(FK_BASIS, np.moveaxis(fit.pdf @ FLAVOUR_TO_FK.T, -1, 0), strict=True))
    numbers, momenta = moment_weights(fit.xgrid, power=-1.0), moment_weights(fit.xgrid, power=0.0)
    found = {name: elements[name] @ numbers for name in ("V", "V3", "V8", "V15")}
    return found | {"momentum": (elements["Sigma"] + elements["g"]) @ momenta}


@pytest.mark.slow
@pytest.mark.parametrize("fitbasis", UNPOLARISED)
def test_hadronic_fits_satisfy_the_sum_rules(fitbasis: str, theories: Path, place: Path) -> None:
    source = PEER / "runcards" / "hadronic_400.yml"
    if not source.is_file():
        pytest.skip("the runcards of the comparisons are not beside the repository")
    card = write_card(source, place / f"{fitbasis}.yml", fitbasis, epochs=200)
    fit = api.fit(card, replicas=range(1, 3), output=place / fitbasis, theory_path=theories, pdf_path=PEER / "lhapdf")
    for name, values in integrals(fit).items():
        np.testing.assert_allclose(values, {"V3": 1, "momentum": 1}.get(name, 3), rtol=1e-5, err_msg=name)
    charm, anticharm = (fit.pdf[..., EXPORT_PIDS.index(pid)] for pid in (4, -4))
    size = np.abs(fit.pdf).max()
    assert (np.abs(charm).max() > 1e-5 * size) == FITTING_BASES[fitbasis].fitted_charm
    assert (np.abs(charm - anticharm).max() > 1e-5 * size) == FITTING_BASES[fitbasis].charm_asymmetric


@pytest.mark.slow
def test_a_closure_test_with_charm_asymmetry_is_learned(place: Path) -> None:
    """Level 0 of deep-inelastic data, below a chi2 of 0.05 per point within 6000 epochs."""
    source = ROOT / "runcards" / "closure_level0.yml"
    card = write_card(source, place / "closure.yml", "CCBAR_ASYMM", epochs=6000)
    fit = api.fit(card, replicas=range(1, 2), output=place / "closure")
    assert api.closure([fit.path]).fits[0].total.chi2 < 0.05


@pytest.mark.parametrize(
    ("fitbasis", "message"),
    [
        (
            "NN31PC",
            r"expected IC: 0 .* NN31PC does not fit charm, received IC: 1 .*one of the fitting bases EVOL, NN31IC",
        ),
        ("FLAVOURPC", "or one of the fitting bases EVOL, NN31IC, FLAVOUR, CCBAR_ASYMM, CCBAR_ASYMM_FLAVOUR"),
    ],
)
def test_the_theory_must_agree_on_charm(fitbasis: str, message: str, tmp_path: Path) -> None:
    card = write_card(ROOT / "runcards" / "dis.yml", tmp_path / "card.yml", fitbasis)
    card.write_text(card.read_text().replace(PERTURBATIVE, "dis_nnlo"))
    with pytest.raises(TheoryError, match=message):
        api.check(card)
