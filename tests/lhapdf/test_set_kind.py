"""What a set is by its own description, and which sets a fit takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from n3fit.errors import DataError
from n3fit.lhapdf.pdf_sets import PDFSet
from n3fit.lhapdf.set_kind import check_proton, kind_of

PARTONS = "Flavors: [-3, -2, -1, 1, 2, 3, 21]\n"


def write(folder: Path, lines: str = PARTONS, name: str = "SET") -> PDFSet:
    home = folder / name
    home.mkdir()
    (home / f"{name}.info").write_text(f"NumMembers: 1\n{lines}")
    return PDFSet(home)


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (PARTONS, "PDFs of the proton"),
        ("", "PDFs of the proton"),
        (PARTONS + "Particle: 2112\n", "PDFs of the neutron"),
        (PARTONS + "Particle: 1000822080\n", "PDFs of the particle 1000822080"),
        (PARTONS + "Particle: proton\n", "PDFs of the particle 'proton'"),
        (PARTONS + "SetDesc: unpolarised and non-polarized partons\n", "PDFs of the proton"),
        (PARTONS + "SetDesc: Longitudinally polarised partons\n", "polarised PDFs of the proton"),
        (PARTONS + "SetDesc: helicity PDFs\n", "polarised PDFs of the proton"),
        (PARTONS + "Polarized: true\n", "polarised PDFs of the proton"),
        (PARTONS + "SetDesc: Fragmentation functions\nParticle: 211\n", "fragmentation functions of the particle 211"),
        ("Flavors: [900, 901, 902]\n", "structure functions of the proton"),
        ("Flavors: [-2, -1, 0, 1, 2]\n", "PDFs of the proton"),
    ],
)
def test_kind(tmp_path: Path, lines: str, kind: str) -> None:
    assert str(kind_of(write(tmp_path, lines))) == kind


@pytest.mark.parametrize(
    ("name", "polarised"),
    [
        ("NNPDFpol20_nnlo", True), ("NNPDFpol11_100", True), ("DSSV14", True), ("JAM22-PPDF_proton_nlo", True),
        ("NNPDF40_nnlo_as_01180", False), ("toy_unpol", False), ("interpol_1", False), ("CT18NNLO", False),
        ("polynomial", False),
    ],
)  # fmt: skip
def test_names_of_polarised_sets(tmp_path: Path, name: str, polarised: bool) -> None:
    assert (kind_of(write(tmp_path, name=name)).content == "polarised PDFs") is polarised


def test_sets_that_a_fit_takes(tmp_path: Path) -> None:
    check_proton(write(tmp_path), key="datacuts.t0pdfset")
    polarised = write(tmp_path, name="NNPDFpol20_nnlo")
    check_proton(polarised, key="datacuts.t0pdfset", polarised=True)
    message = r"t0pdfset: expected PDFs of the proton, received polarised PDFs of the proton \(NNPDFpol20_nnlo\)"
    with pytest.raises(DataError, match=message):
        check_proton(polarised, key="datacuts.t0pdfset")
    for name, lines in (("LEAD", "Particle: 1000822080\n"), ("F2", "Flavors: [900]\n"), ("TEXT", "Particle: proton\n")):
        with pytest.raises(DataError, match="expected PDFs of the proton, received"):
            check_proton(write(tmp_path, lines, name), key="key", polarised=True)


def test_word_for_the_proton_gets_the_number(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        check_proton(write(tmp_path, PARTONS + "Particle: proton\n"), key="key")
    assert caught.value.hint == "write Particle: 2212 into its .info file"
