"""Recorded functions of PyTorch: the numbers of the function, for other values, and what cannot be recorded."""

import pytest

torch = pytest.importorskip("torch")

from n3fit.backends.keras_backend.torch_program import NotRecordableError, Program  # noqa: E402


def steps(changing, constant):
    """Newton's step and the value of w^3 - a, with a derivative by autograd, some in-place work and a branch."""
    weight, epoch = changing
    (power,) = constant
    weight = weight.detach().requires_grad_()
    scale = torch.log(power) + torch.arange(3)
    with torch.enable_grad():
        value = torch.sum(weight**3 - power + 0 * scale)
        (slope,) = torch.autograd.grad(value, weight)
    new = weight.detach().clone()
    new.mul_(1).sub_((weight.detach() ** 3 - power) / slope)
    return [torch.where(epoch < 50, new, weight), epoch + 1, (scale * new).detach()]


def values(start, power):
    return [torch.tensor(start), torch.tensor(0)], [torch.tensor(power)]


def test_the_numbers_are_those_of_the_function_for_other_values():
    """Cube roots, by a program that was recorded with other numbers."""
    program = Program(steps, *values([1.0, 1.0, 1.0], [1.0, 1.0, 1.0]))
    changing, constant = values([1.0, 2.0, 3.0], [8.0, 27.0, 64.0])
    step = program.bind(constant)
    direct = changing
    for _ in range(12):
        *changing, scaled = step(*changing)
        *direct, also_scaled = steps(direct, constant)
        assert torch.equal(changing[0], direct[0])
        assert torch.equal(scaled, also_scaled)
    assert changing[0].tolist() == pytest.approx([2.0, 3.0, 4.0], rel=1e-6)
    assert changing[1].item() == 12
    assert constant[0].tolist() == [8.0, 27.0, 64.0]


def test_a_number_of_the_epoch_is_no_constant():
    program = Program(steps, *values([1.0, 1.0, 1.0], [8.0, 8.0, 8.0]))
    weight = torch.tensor([3.0, 3.0, 3.0])
    after, epoch, _ = program.bind([torch.tensor([8.0, 8.0, 8.0])])(weight, torch.tensor(50))
    assert (after.tolist(), epoch.item()) == ([3.0, 3.0, 3.0], 51)


def test_constants_are_computed_by_each_binding():
    program = Program(steps, *values([1.0, 1.0, 1.0], [1.0, 1.0, 1.0]))
    for power in ([1.0, 1.0, 1.0], [2.0, 3.0, 4.0]):
        changing, constant = values([1.0, 2.0, 3.0], power)
        assert torch.equal(program.bind(constant)(*changing)[2], steps(changing, constant)[2])


def test_a_constant_that_a_program_changes_is_computed_in_each_call():
    def add(changing, constant):
        doubled = 2 * constant[0]
        doubled.view(-1).add_(changing[0])
        return [doubled]

    step = Program(add, [torch.tensor(1.0)], [torch.tensor([1.0])]).bind([torch.tensor([5.0])])
    assert [step(torch.tensor(float(number)))[0].item() for number in (1, 1, 2)] == [11.0, 11.0, 12.0]


def test_shapes_and_types_of_the_arguments():
    program = Program(steps, *values([1.0, 1.0, 1.0], [1.0, 1.0, 1.0]))
    assert program.accepts(*values([2.0, 1.0, 1.0], [1.0, 4.0, 1.0]))
    assert not program.accepts(*values([2.0, 1.0], [1.0, 4.0, 1.0]))
    assert not program.accepts(*values([2, 1, 1], [1.0, 4.0, 1.0]))


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        pytest.param(lambda x, c: [x[0] * float(x[0].sum())], None, id="value"),
        pytest.param(lambda x, c: [x[0] * float(c[0].sum())], None, id="value of a constant"),
        pytest.param(lambda x, c: [x[0] if x[0].sum() > 0 else -x[0]], None, id="branch"),
        pytest.param(lambda x, c: [x[0] * torch.tensor(x[0].numpy())], None, id="numpy"),
        pytest.param(lambda x, c: [x[0] + torch.rand(3)], "random", id="random numbers"),
        pytest.param(lambda x, c: [x[0].mul_(2)], "in place", id="argument changed"),
        pytest.param(lambda x, c: [c[0][1:].add_(x[0][1:])], "in place", id="part of a constant changed"),
        pytest.param(lambda x, c: [torch.split(x[0], 1)[1].zero_()], "in place", id="piece of an argument changed"),
    ],
)
def test_what_is_no_function_of_its_arguments_is_refused(function, reason):
    arguments = [torch.ones(3)], [torch.ones(3)]
    with pytest.raises(NotRecordableError, match=reason):
        Program(function, *arguments)
    assert arguments[0][0].tolist() == arguments[1][0].tolist() == [1.0, 1.0, 1.0]
