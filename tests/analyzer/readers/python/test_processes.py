"""Work shared out to forks: all of it done, whatever happens to them."""

import os
import signal
import time

import pytest

from analyzer.readers.python.processes import in_pieces, shared_out

HERE = os.getpid()


def slow_square(number: int) -> tuple[int, int]:
    time.sleep(0.01)
    return number * number, os.getpid()


def test_every_number_is_done_once_and_forks_take_part() -> None:
    given = list(shared_out(slow_square, 20, jobs=2))
    assert sorted(number for number, _ in given) == list(range(20))
    assert all(square == number * number for number, (square, _) in given)
    assert len({process for _, (_, process) in given}) == 2


def test_what_a_lost_fork_had_claimed_is_done_here() -> None:
    def work(number: int) -> int:
        if os.getpid() != HERE:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.05)
        return number

    assert sorted(shared_out(work, 4, jobs=3)) == [(number, number) for number in range(4)]


def test_what_cannot_be_done_anywhere_raises_here() -> None:
    with pytest.raises(ZeroDivisionError):
        list(shared_out(lambda number: 1 // (number - 1), 1_000, jobs=1))


def test_pieces_keep_the_order_and_get_smaller() -> None:
    items = [1] * 1_000
    pieces = in_pieces(items, int, jobs=2, least=10, most=200)
    assert [item for piece in pieces for item in piece] == items
    sizes = [len(piece) for piece in pieces]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 200
    assert sizes[-2] == 10
