import matplotlib as mpl
from matplotlib.figure import Figure

from n3fit.report.pictures import FIT_COLOURS, FIT_MARKERS, label_logarithmic, look, new_figure


def test_the_look_leaves_no_trace() -> None:
    before = dict(mpl.rcParams)
    with look():
        assert mpl.rcParams["axes.grid"]
    assert dict(mpl.rcParams) == before


def test_margins_are_lengths_whatever_the_size() -> None:
    for width, height in ((5.4, 3.7), (11.2, 9.0)):
        place = new_figure(width, height, left=0.5, right=0.25, bottom=0.6, top=0.3).subplots().get_position()
        edges = (place.x0 * width, (1 - place.x1) * width, place.y0 * height, (1 - place.y1) * height)
        assert [round(edge, 9) for edge in edges] == [0.5, 0.25, 0.6, 0.3]


def test_wide_logarithmic_axes_have_powers_of_ten_and_narrow_ones_plain_numbers() -> None:
    labels = []
    for low, high in ((1e-3, 1.0), (1.0, 30.0), (0.15, 0.75)):
        axes = Figure().subplots()
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        label_logarithmic(axes.xaxis, low, high)
        ticks = [place for place in axes.get_xticks() if low <= place <= high]
        labels.append(axes.xaxis.get_major_formatter().format_ticks(ticks))
    assert labels == [["10⁻³", "10⁻²", "10⁻¹", "1"], ["1", "2", "5", "10", "20"], ["0.2", "0.3", "0.4", "0.5", "0.7"]]


def test_each_fit_has_its_colour_and_its_mark() -> None:
    assert len(set(FIT_COLOURS)) == len(FIT_COLOURS) == len(set(FIT_MARKERS)) == len(FIT_MARKERS)
