"""A scan of alpha_s with real fits of toy theories, whose data follow from one value of alpha_s."""

import numpy as np
import pytest
from support.theories import write_alphas_theories

from n3fit import api
from n3fit.results.reader import read_fit_folder

TABLES = ["HERA_CC_318GEV_EM_SIGMARED", "HERA_CC_318GEV_EP_SIGMARED"]
PLANTED = 0.1172
SCAN = [0.115, 0.1175, 0.12]
CARD = f"""dataset_inputs:
- {{dataset: HERA_CC_318GEV_EM-SIGMARED, variant: legacy}}
- {{dataset: HERA_CC_318GEV_EP-SIGMARED, variant: legacy}}
datacuts: {{t0pdfset: toy, q2min: 3.49, w2min: 12.5}}
theory: {{theoryid: as_11500}}
closuretest: {{level: 2, fakepdf: toy, filterseed: 4, faketheoryid: as_{round(1e5 * PLANTED)}}}
trvlseed: 1
nnseed: 2
mcseed: 3
parameters:
  nodes_per_layer: [6, 8]
  activation_per_layer: [tanh, linear]
  optimizer: {{optimizer_name: Nadam, learning_rate: 4.0e-3, clipnorm: 6.073e-6}}
  epochs: 800
  stopping_patience: 1.0
  threshold_chi2: 1.0e+6
fitting:
  fitbasis: EVOL
  basis:
  - {{fl: sng, trainable: false, smallx: [1.05, 1.19], largex: [1.47, 2.70]}}
  - {{fl: g, trainable: false, smallx: [0.94, 1.25], largex: [0.11, 5.87]}}
  - {{fl: v, trainable: false, smallx: [0.54, 0.75], largex: [1.15, 2.76]}}
  - {{fl: v3, trainable: false, smallx: [0.21, 0.57], largex: [1.35, 3.08]}}
  - {{fl: v8, trainable: false, smallx: [0.52, 0.76], largex: [0.77, 3.56]}}
  - {{fl: t3, trainable: false, smallx: [-0.37, 1.52], largex: [1.74, 3.39]}}
  - {{fl: t8, trainable: false, smallx: [0.56, 1.29], largex: [1.45, 3.03]}}
  - {{fl: t15, trainable: false, smallx: [1.07, 1.19], largex: [1.47, 2.70]}}
"""


@pytest.fixture(scope="module")
def home(place, compiled_once):
    (place / "card.yml").write_text(CARD)
    write_alphas_theories(place / "theories", TABLES, [*SCAN, PLANTED])
    entries = ", ".join(f"{{theoryid: as_{round(1e5 * value)}, alphas: {value}}}" for value in SCAN)
    lines = ["description: toy scan", "analysis: alphas", "runcard: card.yml", "replicas: 10", f"theories: [{entries}]"]
    (place / "scan.yml").write_text("\n".join(lines))
    return place


def run(home, pdf_sets, output, **options):
    return api.campaign(
        home / "scan.yml", output=home / output, theory_path=home / "theories", pdf_path=pdf_sets, **options
    )


def test_the_planted_alpha_s_is_found(home, toy_pdf_sets):
    result = run(home, toy_pdf_sets, "scan")
    assert result.error is None
    found = result.analysis.alphas.determination
    np.testing.assert_allclose(found.alphas, SCAN)
    assert found.accepted.sum() >= 8
    # the shift of level 1 moves the whole sample by one standard deviation
    assert abs(found.median - PLANTED) < 3 * (found.high - found.low) / 2
    assert 1e-4 < (found.high - found.low) / 2 < 1.5e-3
    cards = [read_fit_folder(result.folder / row.folder) for row in result.rows]
    np.testing.assert_array_equal(cards[0].points.t0_error, cards[2].points.t0_error)
    assert {"alphas_profile.csv", "alphas_minima.csv"} <= {
        path.name for path in (result.folder / "report_figures").iterdir()
    }


@pytest.mark.slow
def test_two_processes_give_the_same_fits(home, toy_pdf_sets):
    (home / "card.yml").write_text(CARD.replace("epochs: 800", "epochs: 100") + "debug: true\n")
    inline = run(home, toy_pdf_sets, "inline")
    spread = run(home, toy_pdf_sets, "spread", workers=2)
    assert spread.error is None
    for first, second in zip(inline.rows, spread.rows, strict=True):
        one, two = (read_fit_folder(result.folder / row.folder) for result, row in ((inline, first), (spread, second)))
        np.testing.assert_array_equal(one.results.predictions, two.results.predictions)
        assert one.manifest.inputs == two.manifest.inputs
    np.testing.assert_array_equal(inline.analysis.alphas.determination.chi2, spread.analysis.alphas.determination.chi2)
