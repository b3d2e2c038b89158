"""Operations, floating-point operations and bytes from the text of a program of XLA."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from program_text import bytes_of, read_operations

TEXT = """HloModule jit_step, is_scheduled=true

%fused_computation (param_0: f32[100,344], param_1: f32[344,1145]) -> f32[100,1145] {
  %param_0 = f32[100,344]{1,0} parameter(0)
  %param_1 = f32[344,1145]{1,0} parameter(1)
  ROOT %dot.1 = f32[100,1145]{1,0} dot(%param_0, %param_1), lhs_contracting_dims={1}, rhs_contracting_dims={0}
}

ENTRY %main (x: f32[100,344], a: f32[344,1145]) -> (f32[100,1145], pred[7]) {
  %x = f32[100,344]{1,0} parameter(0)
  %a = f32[344,1145]{1,0} parameter(1)
  %ynn_fusion.1 = f32[100,1145]{1,0} fusion(%x, %a), kind=kCustom, calls=%fused_computation, metadata={op_name="jit(step)/rows/dot_general"}
  %flags = pred[7]{0} constant({...})
  ROOT %tuple = (f32[100,1145]{1,0}, pred[7]{0}) tuple(%ynn_fusion.1, %flags)
}
"""  # noqa: E501


def test_a_fusion_has_the_products_of_its_computation():
    fusion = read_operations(TEXT)["ynn_fusion.1"]
    assert fusion.path == "jit(step)/rows/dot_general"
    assert fusion.flops == 2 * 100 * 344 * 1145
    assert fusion.bytes == 4 * (100 * 344 + 344 * 1145 + 100 * 1145)


@pytest.mark.parametrize(
    ("shape", "size"), [("f32[3,4]{1,0}", 48), ("f64[]", 8), ("(f32[2], pred[7]{0})", 15), ("token[]", 0)]
)
def test_bytes_of_shapes(shape, size):
    assert bytes_of(shape) == size
