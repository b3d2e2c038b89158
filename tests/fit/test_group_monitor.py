"""When the training of a group writes a checkpoint."""

from n3fit.fit.checkpoints import FitCheckpoints
from n3fit.fit.group_monitor import GroupMonitor
from n3fit.fit.interruptions import Interruptions


class Clock:
    """A clock that shows the time that it is set to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_when_the_monitor_of_a_group_writes(tmp_path):
    clock = Clock()
    checkpoints = FitCheckpoints(tmp_path, {}, [1, 2], minutes=1, clock=clock)
    interruptions = Interruptions()
    alone = GroupMonitor(checkpoints, [1, 2], interruptions)
    one_of_several = GroupMonitor(checkpoints, [1], interruptions, several=True)
    assert [monitor.checkpoint_is_due(last=True) for monitor in (alone, one_of_several)] == [False, True]
    assert not alone.checkpoint_is_due(last=False)
    clock.now = 61
    assert alone.checkpoint_is_due(last=False)
    clock.now = 0
    interruptions.pending = KeyboardInterrupt()
    assert alone.interruption() is interruptions.pending
    assert alone.checkpoint_is_due(last=True)
    without = GroupMonitor(None, [1, 2], interruptions)
    assert without.start() is None
    assert not without.checkpoint_is_due(last=True)
