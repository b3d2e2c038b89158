"""Errors that users make, from the command to the lines that they read; commands in them can be copied."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import n3fit
from n3fit.data.library import library_folder

Run = Callable[..., Any]
CARD = Path(__file__).parents[2] / "runcards" / "dis.yml"
PACKAGE = str(Path(n3fit.__file__).parent)

CASES: list[tuple[str, tuple[str, ...], int, list[str]]] = [
    (
        "a command with a typing error",
        ("fitt", "my card.yml", "-r", "1-5"),
        2,
        ["error: expected a command, received 'fitt' (did you mean `n3fit fit 'my card.yml' -r 1-5`?)"],
    ),
    (
        "the runcard alone",
        ("card.yml",),
        2,
        ["error: expected a command, received only the runcard (did you mean `n3fit fit card.yml -r 1-20`?)"],
    ),
    (
        "the number of replicas as in the old form",
        ("fit", "card.yml", "-r", "20"),
        2,
        [
            "error: Invalid value for '--replicas' / '-r': expected FIRST-LAST, received '20' (1-20 for replicas 1 to"
            " 20, 20-20 for that one alone)",
            "try: n3fit fit card.yml --replicas 1-20",
            "try: n3fit fit card.yml --replicas 20-20",
        ],
    ),
    (
        "more chosen replicas than fitted ones",
        ("fit", "card.yml", "-r", "1-20", "--postfit", "30", "-o", "my fit"),
        2,
        [
            "error: 30 replicas are to be chosen, but only 20 are fitted (fit more with --replicas, such as 1-36: some"
            " usually fail)",
            "try: n3fit fit card.yml --postfit 30 -o 'my fit' --replicas 1-36",
        ],
    ),
    (
        "a runcard that is not there",
        ("check", "no card.yml"),
        2,
        [
            "error: no card.yml: expected a runcard, is not there (give the path of a .yml file, or write a new one"
            " with `n3fit init -o 'no card.yml'`)"
        ],
    ),
    ("an empty runcard", ("check", "empty.yml"), 2, [
        "error: empty.yml: expected a runcard, received an empty file (print one with `n3fit init`)"
    ]),
    ("a key with a typing error", ("check", "typo.yml"), 2, [
        "error: typo.yml:49: parameters.epoch: expected a known key, received 'epoch' (did you mean 'epochs'?)"
    ]),
    (
        "a theory that is not there",
        ("check", "theory40.yml"),
        3,
        [
            "error: theory.theoryid: theory 40 was not found in PYTHON/share/NNPDF/theories, DATA/theories,"
            " PACKAGE/resources/theories; found: dis_nnlo (fetch it with `n3fit theory get 40`, give its folder with"
            " --theory-path or N3FIT_THEORY_PATH, or use the embedded theory dis_nnlo)"
        ],
    ),
    (
        "a PDF set that is not there",
        ("pdf", "describe", "NNPDF40_nnlo_as_01180"),
        3,
        [
            "error: the PDF set 'NNPDF40_nnlo_as_01180' is not in any of PYTHON/share/LHAPDF, DATA/pdf_sets,"
            " PACKAGE/resources/pdf_sets (fetch it with `n3fit pdf get NNPDF40_nnlo_as_01180`, put the folder of the"
            " set there or set $N3FIT_PDF_PATH)"
        ],
    ),
    (
        "a file that is there",
        ("schema", "-o", "my schema.json"),
        4,
        [
            "error: my schema.json: exists already (choose another name, or --force to replace it)",
            "try: n3fit schema -o 'my schema.json' --force",
        ],
    ),
    (
        "a new runcard that is there",
        ("init", "-o", "card.yml"),
        4,
        [
            "error: card.yml: exists already (choose another name, or --force to replace it)",
            "try: n3fit init -o card.yml --force",
        ],
    ),
    (
        "a folder of a theory with another name",
        ("theory", "build", "dis_nnlo", "-o", "mine"),
        3,
        [
            "error: --output: expected a folder named theory_dis_nnlo, received mine (theories are found by the names"
            " of their folders: --output mine/theory_dis_nnlo)",
            "try: n3fit theory build dis_nnlo --output mine/theory_dis_nnlo",
        ],
    ),
    ("a folder that is no fit", ("postfit", "folder"), 4, [
        "error: folder: contains no fit (manifest.json is missing) (expected the folder of a fit)"
    ]),
    ("a folder inside of a fit", ("next", "fit/postfit"), 4, [
        "error: fit/postfit: contains no fit (manifest.json is missing) (the fit is fit)"
    ]),
    ("a fit with a typing error", ("evolve", "ift"), 4, ["error: ift: no such folder (did you mean 'fit'?)"]),
    ("a misspelt command of a group", ("data", "chek", "my data"), 2, [
        "error: expected a command, received 'chek' (did you mean `n3fit data check 'my data'`?)"
    ]),
    ("the name of a fit for its PDF set", ("pdf", "check", "fit"), 3, [
        "error: the PDF set 'fit' is not in any of PYTHON/share/LHAPDF, DATA/pdf_sets, PACKAGE/resources/pdf_sets (it"
        " is in fit/postfit: name it fit, with the option --pdf-path fit/postfit)"
    ]),
    ("a folder of data that is not there", ("data", "check", "mydat"), 3, [
        "error: there is no data set 'mydat' in LIBRARY, and no such folder (choose a name from this folder; a folder"
        " of your own data sets is given with --data-path)"
    ]),
    ("the theory of another coupling", ("check", "alphas.yml"), 3, [
        "error: theory.theoryid: theory dis_nnlo_alphas0.119 was not found in PYTHON/share/NNPDF/theories,"
        " DATA/theories, PACKAGE/resources/theories; found: dis_nnlo (build it with `n3fit theory build"
        " dis_nnlo --set AlphaS=0.119`, give its folder with --theory-path or N3FIT_THEORY_PATH, or use the embedded"
        " theory dis_nnlo)"
    ]),
    ("a theory with a typing error", ("theory", "check", "dis_nlo"), 3, [
        "error: theory.theoryid: theory dis_nlo was not found in PYTHON/share/NNPDF/theories, DATA/theories,"
        " PACKAGE/resources/theories; found: dis_nnlo (did you mean 'dis_nnlo'? fetch it with `n3fit theory get"
        " dis_nlo`, give its folder with --theory-path or N3FIT_THEORY_PATH, or use the embedded theory dis_nnlo)"
    ]),
    ("a runcard for a campaign", ("campaign", "card.yml"), 2, [
        "error: card.yml: expected a campaign file, received the runcard of a fit (did you mean `n3fit fit card.yml`?)"
    ]),
    ("a campaign for a runcard", ("check", "campaign.yml"), 2, [
        "error: campaign.yml: expected a card of a fit, received a campaign file (did you mean `n3fit campaign"
        " campaign.yml`?)"
    ]),
    ("a scan of a card without one", ("hyperopt", "scan", "card.yml", "--trials", "2"), 2, [
        "error: card.yml: hyperscan_config: expected this key for a scan, received nothing (see `n3fit explain"
        " hyperscan_config`, and runcards/dis_scan.yml of `n3fit examples`)"
    ]),
    ("a folder that is not there", ("report", "nothing"), 4, [
        "error: nothing: no such folder (expected the folder that `n3fit fit` wrote)"
    ]),
    ("two ways to divide a fit", ("fit", "card.yml", "--workers", "2", "--cluster", "c.yml"), 2, [
        "error: expected at most one of --workers, --cluster (see `n3fit fit --help`)"
    ]),
    ("an option that is missing", ("hyperopt", "scan", "card.yml"), 2, [
        "error: Missing option '--trials'. (see `n3fit hyperopt scan --help`)"
    ]),
    ("an unknown system of a cluster", ("cluster", "template", "slum"), 2, [
        "error: system: expected one of slurm, htcondor, received 'slum' (did you mean 'slurm'?)"
    ]),
    ("an unknown kind of cached files", ("cache", "clear", "--kind", "compild"), 2, [
        "error: kind of cached files: expected one of compiled, downloads, earlier, received 'compild' (did you mean"
        " 'compiled'?)"
    ]),
    ("an unknown key", ("explain", "clipnrom"), 2, [
        "error: expected a key of runcards, received 'clipnrom' (did you mean parameters.optimizer.clipnorm or"
        " trial_specs.override.clipnorm or hyperscan_config.optimizer.clipnorm?)"
    ]),
    ("an unknown basis", ("init", "--basis", "NN31IP"), 2, [
        "error: --basis: expected one of EVOL, NN31IC, NN31PC, FLAVOUR, FLAVOURPC, PDF4LHC20, CCBAR_ASYMM,"
        " CCBAR_ASYMM_FLAVOUR, POLARIZED_EVOL, POLARIZED_EVOL_CMP, received 'NN31IP' (did you mean 'NN31PC'?)"
    ]),
]  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with runcards of which some are wrong, and nothing on the search paths."""
    text = CARD.read_text()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("N3FIT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("N3FIT_CACHE_DIR", str(tmp_path / "cache"))
    for variable in ("N3FIT_PDF_PATH", "LHAPDF_DATA_PATH", "LHAPATH"):
        monkeypatch.delenv(variable, raising=False)
    Path("card.yml").write_text(text)
    Path("typo.yml").write_text(text.replace("  epochs:", "  epoch:"))
    Path("theory40.yml").write_text(text.replace("theoryid: dis_nnlo", "theoryid: 40"))
    for name in ("empty.yml", "my schema.json"):
        Path(name).touch()
    Path("alphas.yml").write_text(text.replace("theoryid: dis_nnlo", "theoryid: dis_nnlo_alphas0.119"))
    Path("campaign.yml").write_text((CARD.parent / "campaigns" / "closure.yml").read_text())
    Path("folder").mkdir()
    Path("fit/postfit/fit").mkdir(parents=True)
    for name in ("fit/manifest.json", "fit/postfit/fit/fit.info"):
        Path(name).touch()
    return tmp_path


@pytest.mark.parametrize(("words", "code", "lines"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_message(place: Path, command: Run, words: tuple[str, ...], code: int, lines: list[str]) -> None:
    outcome = command(*words)
    shown = (
        outcome.err.replace(str(library_folder()), "LIBRARY")
        .replace(PACKAGE, "PACKAGE")
        .replace(str(place / "data"), "DATA")
        .replace(sys.prefix, "PYTHON")
    )
    shown = shown.replace("\\", "/") if sys.platform == "win32" else shown
    found = [line.removeprefix("n3fit: ") for line in shown.splitlines() if line.startswith("n3fit: ")]
    assert found == lines
    assert outcome.code == code
    assert outcome.out == ""


def test_what_is_tried_again_can_be_pasted(place: Path, command: Run) -> None:
    """The command of the last line of an error, run as it stands there, is free of that error."""
    import shlex

    (line,) = re.findall(r"^n3fit: try: n3fit (.*)$", command("schema", "-o", "my schema.json").err, re.MULTILINE)
    assert command(*shlex.split(line)).out == "schema: my schema.json\n"
    (line,) = re.findall(r"^n3fit: try: n3fit (.*)$", command("init", "-o", "card.yml").err, re.MULTILINE)
    assert command(*shlex.split(line)).code == 0
