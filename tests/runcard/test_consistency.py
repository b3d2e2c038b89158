"""Rules between keys, and the messages for their violations."""

from collections.abc import Callable

import pytest

from n3fit.errors import RuncardError
from n3fit.runcard import parse_runcard
from n3fit.storage.key_path import format_key

Change = Callable[..., str]

T15 = "  - {fl: t15, trainable: false, smallx: [1.07, 1.19], largex: [1.47, 2.70]}\n"
V15 = T15.replace("t15", "v15")
HERA = "dataset: HERA_NC_318GEV_EP-SIGMARED"


def test_format_key() -> None:
    assert format_key(("dataset_inputs", 3, "frac")) == "dataset_inputs[3].frac"
    assert format_key(()) == ""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            [(HERA, "dataset: NMC_NC_NOTFIXED_P_EM-SIGMARED")],
            r"card:4: dataset_inputs\[1\].dataset: expected every data set once, "
            "received NMC_NC_NOTFIXED_P_EM-SIGMARED for the second time",
        ),
        (
            [(HERA, "dataset: NNPDF_POS_2P24GEV_FLL")],
            r"card:4: dataset_inputs\[1\].dataset: expected a measurement, received the positivity set "
            r"NNPDF_POS_2P24GEV_FLL \(move it to positivity.posdatasets\)",
        ),
        ([(HERA, "dataset: NNPDF_INTEG_3GEV_XT8")], r"move it to integrability.integdatasets"),
        ([("cfac: [QCD]", "cfac: [QCD, QCD]")], r"card:8: dataset_inputs\[1\].cfac: .* received QCD 2 times"),
        (
            [("- {dataset: NNPDF_POS_2P24GEV_F2U, maxlambda", "- {dataset: NMC_X, maxlambda")],
            r"expected the name of a positivity set, starting with NNPDF_POS_, received NMC_X",
        ),
        (
            [("maxlambda: 1e6}", "maxlambda: 1e6}\n  - {dataset: NNPDF_POS_2P24GEV_F2U, maxlambda: 1e5}")],
            r"positivity.posdatasets\[1\].dataset: expected every data set once",
        ),
        ([("variant: legacy}", "variant: legacy, sys: 10}")], r"dataset_inputs\[0\].sys: expected sys or variant, rec"),
        (
            [("trvlseed: 1", "trvlseed: 1\nload: a.h5\nload_weights_from_fit: A")],
            "load_weights_from_fit: expected load or load_weights_from_fit, received both",
        ),
        (
            [("{initial: 10, multiplier: null}", "{multiplier: 1e10}")],
            r"parameters.integrability.multiplier: expected a finite initial value",
        ),
        ([("{dataset: NNPDF_POS_2P24GEV_F2U, rule", "{rule")], r"added_filter_rules\[0\]: .* received neither"),
        ([("mcseed: 3\n", "")], r"mcseed: expected an integer \(required when genrep is true\), received nothing"),
        ([("diagonal_basis: false", "diagonal_frac: 0")], r"diagonal_frac: expected more than 0"),
        (
            [("{dataset: NMC_NC_NOTFIXED_P_EM-SIGMARED,", "{frac: 0, dataset: NMC,"), ("frac: 0.5", "frac: 0")],
            r"card:2: dataset_inputs: expected some frac above 0",
        ),
        (
            [("{dataset: NMC_NC_NOTFIXED_P_EM-SIGMARED,", "{weight: 0, dataset: NMC,"), ("frac: 0.5", "frac: 0")],
            r"card:2: dataset_inputs: expected a data set with weight and frac above 0",
        ),
        (
            [("{dataset: NMC_NC_NOTFIXED_P_EM-SIGMARED,", "{weight: 0, dataset: NMC,"), ("weight: 2", "weight: 0")],
            r"dataset_inputs: expected some weight above 0",
        ),
        (
            [("fl: t15", "fl: cp")],
            r"fitting.basis\[7\].fl: expected a flavour of EVOL: sng, g, v, v3, v8, t3, t8, t15, received cp",
        ),
        ([("fl: t15", "fl: t8")], r"fitting.basis\[7\].fl: expected every flavour once, received t8 again"),
        (
            [
                ("  - {fl: v8, trainable: false, smallx: [0.52, 0.76], largex: [0.77, 3.56]}\n", ""),
                ("20, 8]", "20, 7]"),
            ],
            r"fitting.sum_rules: expected sum rules of PDFs that are fitted, but V8 is zero, received MSR, VSR "
            r"\(add v8 to fitting.basis, or choose other sum rules\)",
        ),
        ([(T15, "")], r"parameters.nodes_per_layer: expected 7 nodes in the last layer"),
        (
            [("tanh, linear]", "tanh, square_singlet]")],
            r"expected square_singlet with one of the fitting bases NN31IC, NN31PC, PDF4LHC20, received EVOL",
        ),
        (
            [
                ("tanh, linear]", "tanh, square_singlet]"),
                ("EVOL", "NN31PC"),
                (T15, ""),
                ("20, 8]", "20, 7]"),
                ("- {fl: v,", "- {fl: g,"),
                ("- {fl: g, trainable: false, smallx: [0.94", "- {fl: v, trainable: false, smallx: [0.94"),
            ],
            r"expected sng and g first in fitting.basis, .* received sng, v",
        ),
        ([("genrep: true", "positivity_bound: {unpolarized_bc: toy}")], r"positivity_bound: expected no such key"),
        ([("q2min: 3.49", "unpolarized_bc: toy")], r"datacuts.unpolarized_bc: expected no such key"),
        ([("fitbasis: EVOL", "fitbasis: POLARIZED_EVOL")], r"positivity_bound: expected the unpolarised PDF set"),
        (
            [("fitbasis: EVOL", "fitbasis: POLARIZED_EVOL"), ("q2min: 3.49", "use_cuts: fromsimilarpredictions")],
            r"datacuts.use_cuts: expected cuts that need no predictions in a polarised fit",
        ),
        (
            [("fitbasis: EVOL", "fitbasis: POLARIZED_EVOL")],
            r"fitting.sum_rules: expected TSR or false in the polarised basis POLARIZED_EVOL, received ALL",
        ),
        (
            [(", largex: [0.11, 5.87]", "")],
            r"fitting.basis\[1\].largex: expected \[lowest, highest\], received nothing",
        ),
        (
            [("dropout: 0.0", "feature_scaling_points: 5")],
            r"fitting.basis\[0\].largex: expected no largex, or \[0, 0\], beside parameters.feature_scaling_points",
        ),
        (
            [("[25, 20, 8]", "[25, 20, 9]")],
            r"card:17: parameters.nodes_per_layer: expected 8 nodes in the last layer.* received 9 in \[25, 20, 9\]",
        ),
        ([("[tanh, tanh, linear]", "[tanh, linear]")], r"expected 3 activations, .* received 2"),
        ([("layer_type: dense\n  dropout: 0.0", "layer_type: dense_per_flavour\n  dropout: 0.1")], "received 0.1"),
        ([("dropout: 0.0", "regularizer_args: {l1: 0.1}")], r"parameters.regularizer: expected l1_l2"),
        (
            [("optimizer_name: Nadam", "optimizer_name: Adamax")],
            r"parameters.optimizer.learning_rate: expected an option of Adamax: clipnorm, received learning_rate",
        ),
    ],
)
def test_inconsistent_keys(changed: Change, changes: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(RuncardError, match=message) as caught:
        parse_runcard(changed(*changes), name="card")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "changes",
    [
        [("mcseed: 3\n", ""), ("genrep: true", "genrep: false")],
        [("frac: 0.5", "frac: 0")],
        [("weight: 2", "weight: 0")],
        [("{dataset: NMC_NC_NOTFIXED_P_EM-SIGMARED,", "{weight: 0, dataset: NMC,")],
        [("frac: 0.5", "frac: 1.0")],
        [("fl: t15", "fl: cp"), ("fitbasis: EVOL", "fitbasis: NN31IC")],
        [("fitbasis: EVOL", "fitbasis: evolution")],
        [("fitbasis: EVOL", "fitbasis: NN31PC"), (T15, ""), ("20, 8]", "20, 7]"), ("linear]", "square_singlet]")],
        [(T15, T15 + V15), ("fitbasis: EVOL", "fitbasis: CCBAR_ASYMM"), ("20, 8]", "20, 9]")],
        [(T15, ""), ("20, 8]", "20, 7]")],
        [("sum_rules: true", "sum_rules: TSR")],
        [("dropout: 0.0", "regularizer: l1_l2\n  regularizer_args: {l1: 0.1, l2: 0.2}")],
        [("layer_type: dense", "layer_type: dense_per_flavour")],
        [("optimizer_name: Nadam,", "optimizer_name: SGD, momentum: 0.9, nesterov: yes,")],
        [("maxlambda: 1e2", "maxlambda: 10")],
        [("stopping_patience: 0.1", "stopping_patience: 0")],
    ],
)
def test_consistent_keys(changed: Change, changes: list[tuple[str, str]]) -> None:
    assert parse_runcard(changed(*changes)).parameters.epochs == 17000


def test_several_inconsistencies_are_reported_together(changed: Change) -> None:
    text = changed(("[25, 20, 8]", "[25, 7]"), ("mcseed: 3\n", ""), ("fl: g,", "fl: gg,"))
    with pytest.raises(RuncardError) as caught:
        parse_runcard(text, name="card")
    lines = caught.value.message.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("card:") for line in lines)
