"""The text with which an attempt begins."""

from installer.engine.announcement import announcement
from tests.engine.scripted_steps import Scripted


def test_steps_that_need_several_of_the_chosen_ones_are_named_once_in_their_order() -> None:
    steps = [Scripted("a"), Scripted("b", ("a",)), Scripted("c", ("a", "b")), Scripted("d", ("c",))]
    assert announcement("contoso-1", steps, None) == ("run contoso-1", [])
    assert announcement("contoso-1", steps, ["b", "a"]) == ("run contoso-1: only b, a, which c, d need", ["c", "d"])
    assert announcement("contoso-1", steps, ["d"]) == ("run contoso-1: only d, which nothing else needs", [])
