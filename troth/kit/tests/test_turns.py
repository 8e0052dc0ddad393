"""Taking turns."""

import threading
import time

import pytest

from troth.kit.turns import Turn


def test_one_after_the_other():
    turn, inside, seen = Turn(longest_seconds=60), [], []

    def work(number):
        with turn.taken():
            inside.append(number)
            time.sleep(0.002)  # without turns, the others would be inside by now
            seen.append(len(inside))
            inside.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert seen == [1] * 8


def test_whoever_hangs_holds_the_others_up_for_a_while_only():
    turn = Turn(longest_seconds=0.01)
    with turn.taken():
        with turn.taken():
            pass
        assert turn._lock.locked()  # the second gave back nothing that was not its own
    assert not turn._lock.locked()


def test_an_error_gives_the_turn_back():
    turn = Turn()
    with pytest.raises(ValueError, match="no"), turn.taken():
        raise ValueError("no")
    assert not turn._lock.locked()


def test_a_turn_that_goes_round_is_waited_for_however_many_are_before():
    turn, inside, seen = Turn(longest_seconds=0.05), [], []

    def work():
        with turn.taken():
            inside.append(1)
            time.sleep(0.02)  # eight of them: the last waits for three times as long as one may have it
            seen.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert seen == [1] * 8
