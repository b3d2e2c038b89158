"""Weights from which replicas start: read and checked before any data, from files of n3fit and of nnpdf."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.errors import DataError, ResourceError
from n3fit.pdf_models.initial_values import variable_shapes
from n3fit.runcard.pdf_model import make_model
from n3fit.storage import sha256_of_file
from n3fit.storage.nnpdf_weights import is_of_nnpdf, network_arrays, preprocessing_arrays
from n3fit.storage.stored_weights import StoredWeight, read_stored_weights
from n3fit.storage.weights import MAX_SHOWN, read_weights
from n3fit.typing import Array, Weights
from n3fit.vocabulary import NETWORK_LAYER, PARAMETRISATION_LAYER, PREPROCESSING_LAYER

if TYPE_CHECKING:
    from n3fit.fit.replica_cards import ReplicaCards
    from n3fit.runcard import Runcard

Shapes = Mapping[str, Mapping[str, tuple[int, ...]]]
"""By layer the shape of each weight of one replica, by its name and in its order."""


@dataclass(frozen=True)
class InitialWeights:
    """The weights from which replicas start.

    Parameters
    ----------
    replicas : tuple of R mappings
        Name of a layer -> its arrays, in the order of ``layer.weights``.
    hashes : mapping
        SHA-256 of the file, or of the runcard of the fit, that they come from, by its name.
    """

    replicas: tuple[Weights, ...]
    hashes: Mapping[str, str]


def read_initial_weights(
    card: Runcard,
    replicas: Sequence[int],
    *,
    source: Path,
    output: Path | None = None,
    cards: ReplicaCards | None = None,
) -> InitialWeights | None:
    """Read the weights from which replicas start; None if the runcard names no file or fit to start from.

    Parameters
    ----------
    card : Runcard
    replicas : sequence of int
        Their numbers, R of them.
    source : Path
        The runcard: files that are not in the working directory are looked for beside it.
    output : Path, optional
        The fit folder to be written: other fits are looked for beside it.
    cards : ReplicaCards, optional
        The complete card of each replica, of whose network its weights are; by default ``card`` for all.

    Raises
    ------
    DataError
        A file or fit is missing, is not a file of weights, or has weights of another architecture.
    """
    complete = [card if cards is None else cards.of(replica) for replica in replicas]
    if card.load is not None:
        path = _find(Path(card.load), "load", [source.parent])
        return InitialWeights(tuple(_read_file(path, complete)), {f"weights {path.name}": sha256_of_file(path)})
    if card.load_weights_from_fit is not None:
        places = [source.parent, *([output.parent] if output is not None else [])]
        folder = _find(Path(card.load_weights_from_fit), "load_weights_from_fit", places)
        files = [_file_of(folder, replica) for replica in replicas]
        weights = tuple(next(_read_file(path, [own])) for path, own in zip(files, complete, strict=True))
        runcard = folder / "filter.yml"
        hashes = {f"weights of the fit {folder.name}: runcard": sha256_of_file(runcard)} if runcard.is_file() else {}
        return InitialWeights(weights, hashes)
    return None


def _find(path: Path, key: str, folders: Sequence[Path]) -> Path:
    candidates = [path, *(folder / path for folder in folders)]
    for candidate in candidates:
        if candidate.exists():
            return candidate
    where = ", ".join(dict.fromkeys(str(candidate) for candidate in candidates))
    raise DataError(f"{key}: {path.name} is not there, expected one of {where}", hint="copy it to one of these places")


def _file_of(folder: Path, replica: int) -> Path:
    """Return the file of weights of a replica in a fit folder."""
    place = folder / "nnfit" / f"replica_{replica}"
    found = sorted(place.glob("*.h5"))
    if len(found) != 1:
        received = ", ".join(path.name for path in found) or "none"
        raise DataError(
            f"load_weights_from_fit: {place}: expected one file of weights, received {received}",
            hint="nnpdf writes it where the runcard of the fit has `save`",
        )
    return found[0]


def _read_file(path: Path, cards: Sequence[Runcard]) -> Iterator[Weights]:
    """Yield the weights of a file for the replica of each card, whose network they must have."""
    try:
        stored = read_stored_weights(path)
    except ResourceError as error:
        raise DataError(error.message, hint=error.hint) from error
    plain = None if is_of_nnpdf(stored) else read_weights(path)
    weights: Weights = {}
    checked: Runcard | None = None
    for card in cards:
        if card is not checked:
            weights = _from_nnpdf(stored, card) if plain is None else plain
            _check_shapes(path, weights, expected_shapes(card))
            checked = card
        yield weights


def expected_shapes(card: Runcard) -> Shapes:
    """Return the shapes of the weights of one replica, which the runcard alone determines."""
    parameters, flavours = card.parameters, card.fitting.flavours
    names = _exponents(card, ("alpha", "beta"))
    preprocessing = {PREPROCESSING_LAYER: dict.fromkeys(names, (1, 1))}
    model = make_model(card)
    if model is not None:
        own = {name: (1, *shape) for name, shape in variable_shapes(model, flavours).items()}
        return {PARAMETRISATION_LAYER: own} | (preprocessing if model.preprocessing else {})
    features = 2 if parameters.feature_scaling_points is None else 1
    per_flavour = parameters.layer_type == "dense_per_flavour"
    nodes = (*parameters.nodes_per_layer[:-1], 1) if per_flavour else parameters.nodes_per_layer
    prefixes = [f"{flavour}_" for flavour in flavours] if per_flavour else [""]
    network: dict[str, tuple[int, ...]] = {}
    for number, (inputs, outputs) in enumerate(zip((features, *nodes[:-1]), nodes, strict=True)):
        for prefix in prefixes:
            network[f"{prefix}layer_{number}/kernel"] = (1, inputs, outputs)
            network[f"{prefix}layer_{number}/bias"] = (1, 1, outputs)
    return {NETWORK_LAYER: network} | preprocessing


def _exponents(card: Runcard, kinds: Sequence[str]) -> list[str]:
    """Return the exponents in the order of ``layer.weights``: those that are fitted first, then kind by kind."""
    exponents = {
        f"{kind}_{entry.fl}": entry.trainable and limits is not None and limits[0] < limits[1]
        for kind in kinds
        for entry in card.fitting.basis
        for limits in ((entry.smallx if kind == "alpha" else entry.largex),)
    }
    return sorted(exponents, key=lambda name: not exponents[name])


def _exponents_of_nnpdf(card: Runcard) -> list[str]:
    """Return the exponents in the order of nnpdf: those that are fitted first, then flavour by flavour."""
    scaled = card.parameters.feature_scaling_points is not None
    exponents = {}
    for entry in card.fitting.basis:
        exponents[f"alpha_{entry.fl}"] = entry.trainable
        exponents[f"beta_{entry.fl}"] = entry.trainable and not scaled
    return sorted(exponents, key=lambda name: not exponents[name])


def _from_nnpdf(stored: Sequence[StoredWeight], card: Runcard) -> Weights:
    """Return the arrays of a file of nnpdf by layer, in the order and with the replica axis of n3fit."""
    network = [array[None] if array.ndim == 2 else array.reshape(1, 1, -1) for array in network_arrays(stored)]
    exponents = preprocessing_arrays(stored)
    names = _exponents_of_nnpdf(card)
    if len(exponents) == len(names):
        by_name = dict(zip(names, exponents, strict=True))
        exponents = [by_name[name] for name in _exponents(card, ("alpha", "beta"))]
    return {NETWORK_LAYER: network, PREPROCESSING_LAYER: exponents}


def _check_shapes(path: Path, weights: Weights, expected: Shapes) -> None:
    differences = [*_differences(weights, expected)]
    if differences:
        more = f"; and {len(differences) - MAX_SHOWN} more" if len(differences) > MAX_SHOWN else ""
        raise DataError(
            f"{path}: weights of another architecture; {'; '.join(differences[:MAX_SHOWN])}{more}",
            hint="use the file of a fit with the same model, nodes_per_layer, layer_type, basis and feature scaling",
        )


def _differences(weights: Weights, expected: Shapes) -> Iterator[str]:
    for layer in sorted({*weights} - {*expected}):
        yield f"{layer}: expected nothing, received {len(weights[layer])} arrays"
    for layer, shapes in expected.items():
        arrays: Sequence[Array] = weights.get(layer, ())
        for number, (name, array) in enumerate(zip_longest(shapes, arrays)):
            wanted = shapes[name] if name is not None else "nothing"
            received = tuple(array.shape) if array is not None else "nothing"
            if wanted != received:
                yield f"{layer}: {name or f'array {number}'}: expected {wanted}, received {received}"
