"""Random PDFs like those that occur in fits, on which the accuracy of approximate predictions is measured.

Networks with random weights times x^(1-alpha) (1-x)^beta, in the evolution and in the flavour basis, with the sum rules
of fits and with physical momentum fractions; and smooth deformations of the Les Houches toy PDF.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from n3fit.theory.bases import FITTING_BASES
from n3fit.theory.flavours import (
    EVOLUTION_BASIS,
    EXPORT_PIDS,
    FK_BASIS,
    FLAVOUR_TO_FK,
    fitting_to_evolution,
)
from n3fit.theory.integration import integration_nodes
from n3fit.theory.sum_rules import VALENCE_TARGETS
from n3fit.theory.toy_pdf import les_houches_toy
from n3fit.typing import Floats

VERSION = 1
"""To be raised when the random PDFs change: compressed observables in the cache are keyed by it."""

CHOOSING, CERTIFYING = 512, 3072
"""Numbers of random PDFs that choose the functionals, and of others that certify them."""

BLOCK = 256
"""Number of PDFs that are computed at once, which limits the memory."""

_SEEDS = (2, 3)
# ranges of alpha in the evolution basis, wider than those of the fits of arXiv:2109.02653, and of beta
_SMALL_X = MappingProxyType(
    {"Sigma": (1.0, 1.2), "g": (0.7, 1.15), "V": (0.4, 0.8), "V3": (0.05, 0.55), "V8": (0.45, 0.85),
     "T3": (-0.5, 0.95), "T8": (0.5, 0.95), "T15": (1.0, 1.2)}
)  # fmt: skip
_SMALL_X_FLAVOUR = (0.7, 1.2)
_LARGE_X = (1.0, 6.0)
_WIDTHS = (2, 25, 20, 8)
_LARGEST_FACTOR = 20.0
_SINGLET = tuple(EVOLUTION_BASIS.index(name) for name in ("Sigma", "T3", "T8", "T15"))
_GLUON = EVOLUTION_BASIS.index("g")
_VALENCE = EVOLUTION_BASIS.index("V")
_LARGEST_ASYMMETRY = 1.0
_ASYMMETRY_SEED = 15


@dataclass(frozen=True)
class PDFSamples:
    """Random PDFs on the merged grid: ``choosing`` and ``certifying`` ones, ``(count, nx, F)`` each."""

    choosing: Floats
    certifying: Floats


def draw_samples(xgrid: Floats, basis: tuple[str, ...] = EVOLUTION_BASIS) -> PDFSamples:
    """Return the random PDFs for compression in the basis of a model, always the same ones for a grid."""
    choosing, certifying = random_pdfs(xgrid, CHOOSING, _SEEDS[0]), random_pdfs(xgrid, CERTIFYING, _SEEDS[1])
    if basis == EVOLUTION_BASIS:
        return PDFSamples(choosing, certifying)
    return PDFSamples(
        add_charm_asymmetry(choosing, xgrid, _SEEDS[0]), add_charm_asymmetry(certifying, xgrid, _SEEDS[1])
    )


def add_charm_asymmetry(pdfs: Floats, xgrid: Floats, seed: int) -> Floats:
    """Return PDFs (count, nx, 8) with a random V15 in addition, ``(count, nx, 9)`` in CHARM_ASYMMETRIC_BASIS.

    V15 - V = -4 (c - cbar) is a network times a valence-like power, at most ``_LARGEST_ASYMMETRY`` of V in size.
    """
    random = np.random.default_rng([seed, VERSION, _ASYMMETRY_SEED])
    valence = pdfs[..., _VALENCE]
    differences = []
    for start in range(0, len(pdfs), BLOCK):
        size = min(BLOCK, len(pdfs) - start)
        differences.append((_networks(xgrid, size, random) * _powers(xgrid, size, random))[..., _VALENCE])
    asymmetry = np.concatenate(differences)
    shares = random.uniform(0.0, _LARGEST_ASYMMETRY, len(pdfs))
    scale = shares * np.abs(valence).max(axis=1) / np.maximum(np.abs(asymmetry).max(axis=1), 1e-12)
    return np.concatenate([pdfs, (valence + scale[:, np.newaxis] * asymmetry)[..., np.newaxis]], axis=-1)


def random_pdfs(xgrid: Floats, count: int, seed: int) -> Floats:
    """Compute x f(x) of ``count`` random PDFs in EVOLUTION_BASIS on ``xgrid``: ``(count, nx, 8)``."""
    blocks: list[Floats] = []
    for number, start in enumerate(range(0, count, BLOCK)):
        random = np.random.default_rng([seed, VERSION, number])
        size = min(BLOCK, count - start)
        kinds = (_evolution_networks, _deformed_toys, _flavour_networks, _first_networks)
        counts = [len(range(offset, size, len(kinds))) for offset in range(len(kinds))]
        blocks.extend(draw(xgrid, number, random) for draw, number in zip(kinds, counts, strict=True) if number)
    return np.concatenate(blocks)


def _evolution_networks(xgrid: Floats, count: int, random: np.random.Generator) -> Floats:
    """Draw networks in the evolution basis with a physical momentum fraction of the quarks."""
    x, weights, nodes = _points(xgrid)
    pdfs = _networks(x, count, random) * _powers(x, count, random)
    sizes = np.einsum("mxf,x->mf", np.abs(pdfs[:, nodes]), weights)
    shares = random.uniform(0.05, 0.7, (count, len(EVOLUTION_BASIS)))
    for flavour in _SINGLET:
        pdfs[..., flavour] *= (shares[:, flavour] / sizes[:, flavour])[:, np.newaxis]
    return _normalised(pdfs, weights, nodes, random, share=True)


def _deformed_toys(xgrid: Floats, count: int, random: np.random.Generator) -> Floats:
    """Draw the toy PDF with some charm, each combination times a smooth function near one."""
    x, weights, nodes = _points(xgrid)
    flavours = les_houches_toy(EXPORT_PIDS, x)
    for pid in (4, -4):
        flavours[EXPORT_PIDS.index(pid)] = 0.1 * les_houches_toy([-2], x)[0]
    rows = [FK_BASIS.index(name) for name in EVOLUTION_BASIS]
    toy = (FLAVOUR_TO_FK[rows] @ flavours).T
    strengths = random.uniform(0.0, 0.6, (count, 1, 1))
    pdfs = toy * (1 + strengths * np.tanh(_networks(x, count, random)))
    return _normalised(pdfs, weights, nodes, random, share=False)


def _flavour_networks(xgrid: Floats, count: int, random: np.random.Generator) -> Floats:
    """Draw networks for u, ubar, d, ..., most of them positive."""
    x, weights, nodes = _points(xgrid)
    alpha = random.uniform(*_SMALL_X_FLAVOUR, (count, 1, 8))
    beta = random.uniform(*_LARGE_X, (count, 1, 8))
    network = _networks(x, count, random)
    shape = np.where(random.uniform(size=(count, 1, 8)) < 0.8, network**2, network)
    values = shape * x[:, np.newaxis] ** (1 - alpha) * (1 - x[:, np.newaxis]) ** beta
    pdfs = values @ fitting_to_evolution("FLAVOUR", FITTING_BASES["FLAVOUR"].flavours).T
    return _normalised(pdfs, weights, nodes, random, share=True)


def _first_networks(xgrid: Floats, count: int, random: np.random.Generator) -> Floats:
    """Draw randomly initialised networks in the evolution basis that satisfy the sum rules."""
    x, weights, nodes = _points(xgrid)
    pdfs = _networks(x, count, random) * _powers(x, count, random)
    return _normalised(pdfs, weights, nodes, random, share=False)


def _points(xgrid: Floats) -> tuple[Floats, Floats, slice]:
    """Return the grid followed by the nodes of the integrals, the weights of the nodes, and their positions."""
    nodes, weights = integration_nodes()
    return np.concatenate([xgrid, nodes]), weights, slice(len(xgrid), None)


def _networks(x: Floats, count: int, random: np.random.Generator) -> Floats:
    """Draw tanh networks of (x, log x) with the widths of initial to those of trained weights: ``(count, nx, 8)``."""
    features = np.stack([x, np.log(x)], axis=-1)
    values = np.broadcast_to(features, (count, *features.shape))
    scales = random.uniform(0.7, 2.5, (count, 1, 1))
    for index, (before, after) in enumerate(pairwise(_WIDTHS)):
        kernels = random.standard_normal((count, before, after)) * np.sqrt(2 / (before + after)) * scales
        values = values @ kernels + 0.3 * random.standard_normal((count, 1, after))
        if index < len(_WIDTHS) - 2:
            values = np.tanh(values)
    return np.asarray(values)


def _powers(x: Floats, count: int, random: np.random.Generator) -> Floats:
    """Draw x^(1-alpha) (1-x)^beta in the evolution basis, ``(count, nx, 8)``."""
    alpha = np.stack([random.uniform(*_SMALL_X[name], count) for name in EVOLUTION_BASIS], axis=-1)[:, np.newaxis]
    beta = random.uniform(*_LARGE_X, (count, 1, len(EVOLUTION_BASIS)))
    powers: Floats = x[:, np.newaxis] ** (1 - alpha) * (1 - x[:, np.newaxis]) ** beta
    return powers


def _normalised(pdfs: Floats, weights: Floats, nodes: slice, random: np.random.Generator, *, share: bool) -> Floats:
    """Return PDFs on the grid that satisfy the sum rules; with ``share``, the momentum fraction of quarks is random."""
    x_nodes = integration_nodes()[0]
    for name, target in VALENCE_TARGETS:
        flavour = EVOLUTION_BASIS.index(name)
        _rescale(pdfs, flavour, target, (pdfs[:, nodes, flavour] / x_nodes) @ weights)
    singlet = pdfs[:, nodes, _SINGLET[0]] @ weights
    if share:
        factors = _bounded(random.uniform(0.3, 0.7, len(pdfs)), singlet)
        for flavour in _SINGLET:
            pdfs[..., flavour] *= factors[:, np.newaxis]
        singlet = singlet * factors
    _rescale(pdfs, _GLUON, 1 - singlet, pdfs[:, nodes, _GLUON] @ weights)
    return pdfs[:, : nodes.start]


def _rescale(pdfs: Floats, flavour: int, target: Floats | float, integral: Floats) -> None:
    pdfs[..., flavour] *= _bounded(target, integral)[:, np.newaxis]


def _bounded(target: Floats | float, integral: Floats) -> Floats:
    """Return target / integral, at most _LARGEST_FACTOR in size: some integrals vanish by chance."""
    sign = np.where(integral < 0, -1.0, 1.0)
    factors: Floats = sign * target / np.maximum(np.abs(integral), 1e-12)
    return np.clip(factors, -_LARGEST_FACTOR, _LARGEST_FACTOR)
