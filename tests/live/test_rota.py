import math

from mtsession.live.rota import Rota


def test_a_duty_is_done_at_once_and_then_every_so_many_seconds() -> None:
    rota, done = Rota(), []
    now_s = 0.0
    rota.every(0.25, lambda: done.append(now_s))
    for step in range(17):
        now_s = step / 16
        rota.run(now_s)

    assert done == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_duties_that_were_missed_are_done_once() -> None:
    rota, done = Rota(), []
    rota.every(0.25, lambda: done.append(1))
    rota.run(0.0)
    rota.run(10.1)

    assert len(done) == 2
    assert rota.due_s == 10.25


def test_the_next_duty_is_the_earliest() -> None:
    rota = Rota()
    assert rota.due_s == math.inf
    rota.every(1.0, lambda: None)
    rota.every(0.25, lambda: None)
    rota.run(0.0)

    assert rota.due_s == 0.25
