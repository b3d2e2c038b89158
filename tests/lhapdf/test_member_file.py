"""Grid files of members in closed form, and each damage with its message."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from n3fit.errors import DataError
from n3fit.lhapdf.member_file import read_member

HEAD = "PdfType: central\nFormat: lhagrid1\n---\n"
BLOCK = "0.1 1\n2 3 5\n21 2\n1 2\n3 4\n5 6\n7 8\n9 10\n11 12\n---\n"


def read_text(folder: Path, text: str):
    path = folder / "set_0000.dat"
    path.write_text(text)
    return read_member(path)


def test_values_are_ordered_by_x_then_scale_then_flavour(tmp_path: Path) -> None:
    member = read_text(tmp_path, HEAD + BLOCK + BLOCK.replace("2 3 5", "5 7 9"))
    first, second = member.subgrids
    assert (first.x.tolist(), first.q.tolist(), first.pids) == ([0.1, 1.0], [2.0, 3.0, 5.0], (21, 2))
    assert second.q.tolist() == [5.0, 7.0, 9.0]
    np.testing.assert_array_equal(first.values, np.arange(1.0, 13.0).reshape(2, 3, 2))
    assert member.header == "PdfType: central\nFormat: lhagrid1"
    assert not any(array.flags.writeable for array in (first.x, first.q, first.values))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is truncated, it does not end with `---`"),
        (HEAD + BLOCK.removesuffix("---\n"), "the file is truncated, it does not end with `---`"),
        (HEAD.replace("lhagrid1", "lhagrid2") + BLOCK, "expected an LHAPDF grid of the format lhagrid1, .* 'lhagrid2'"),
        (HEAD + "0.1 1\n2 3\n21\n---\n", "subgrid 0: expected x knots, Q knots, flavours and values, received 3 lines"),
        (HEAD + BLOCK.replace("21 2\n", "21 up\n"), "subgrid 0: flavours must be PDG numbers, received '21 up'"),
        (HEAD + BLOCK.replace("2 3 5", "2 5 3"), "subgrid 0: Q knots must be positive and increasing, at least two"),
        (HEAD + BLOCK.replace("2 3 5", "2"), "subgrid 0: Q knots must be positive and increasing, at least two"),
        (HEAD + BLOCK.replace("0.1 1", "0 1"), "subgrid 0: x knots must be positive and increasing, at least two"),
        (HEAD + BLOCK + BLOCK.replace("11 12\n", ""), r"subgrid 1: 10 values, expected 12 \(2 x, 3 Q, 2 flavours\)"),
        (HEAD + BLOCK.replace("11 12", "11 x"), "subgrid 0: expected numbers"),
        (HEAD + BLOCK.replace("11 12", "11 -inf"), "subgrid 0: a number is not finite"),
        (HEAD + BLOCK + BLOCK, "subgrids overlap: one ends at Q = 5.0, the next starts at 2.0"),
    ],
)  # fmt: skip
def test_damage_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=rf"set_0000\.dat(, |: ){message}"):
        read_text(tmp_path, text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"set_0001\.dat: cannot be read"):
        read_member(tmp_path / "set_0001.dat")
