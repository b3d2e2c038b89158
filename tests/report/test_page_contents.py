from dataclasses import replace

import pytest

from n3fit.progress import NullReporter
from n3fit.report.labelled_fit import label_fits
from n3fit.report.page_contents import collect_contents
from n3fit.results import FitFolder


@pytest.mark.usefixtures("few_pdfs")
def test_figures_of_two_fits_have_different_names_and_titles(bare_fit: FitFolder) -> None:
    contents = collect_contents(label_fits([bare_fit, bare_fit]), None, progress=NullReporter())
    names = [figure.name for figure in contents.figures]
    titles = [figure.title for figure in contents.figures]
    assert len(set(names)) == len(names) > 10
    assert len(set(titles)) == len(titles)
    assert contents.closure == contents.data == contents.chi2 == []


@pytest.mark.usefixtures("few_pdfs")
def test_overview_has_device_time_and_certificate(bare_fit: FitFolder) -> None:
    record = {"squares": 31.5, "relative": 8.2e-6, "uncertainty": 2e-4}
    environment = {"device": "gpu:0", "theory_compression": {"POS": record}}
    manifest = bare_fit.manifest.model_copy(update={"environment": environment, "timing": {"a": 1.0, "b": 2.5}})
    (overview,) = collect_contents(
        label_fits([replace(bare_fit, manifest=manifest)]), None, progress=NullReporter()
    ).fits
    assert (overview.device, overview.seconds) == ("gpu:0", 3.5)
    assert overview.replica_ranges == "1"
    text = "32 squares a point; errors at most 8.2e-06 relative, 2.0e-04 of the uncertainty"
    assert overview.certificate == {"POS": text}
