from ladder_trees import hierarchy_of, ladder_of

from eval.baselines.fixed import Fixed

# A document n0 with sections n1 (passages n2, n3) and n4 (passage n5).
HIERARCHY = hierarchy_of([None, 0, 1, 1, 0, 4])
LADDERS = {
    "n0": ladder_of("n0", (10, 0.2), detail="summary"),
    "n1": ladder_of("n1", (20, 0.3), opening=5, detail="summary"),
    "n2": ladder_of("n2", (45, 0.9)),
    "n3": ladder_of("n3", (40, 0.4)),
    "n4": ladder_of("n4", (25, 0.1), opening=5, detail="summary"),
    "n5": ladder_of("n5", (60, 0.3)),
}


def shown(allocation):
    return [rendering.node_id for rendering in allocation.renderings]


def test_passages_spend_their_share_and_sections_that_stay_closed_are_summarised():
    # Passages get 60 of 100: n2 with its section's opening takes 50. Sections get 40: n4 takes 25.
    allocation = Fixed().allocate(HIERARCHY, LADDERS, 100)
    assert shown(allocation) == ["n2", "n4"]
    assert allocation.tokens == 75


def test_remaining_tokens_pass_to_the_next_level_and_at_last_back_to_the_passages():
    # Passages get 66 of 110: n2 (50). Sections may fill up to 99: n4 (75). The remaining 35 do not hold n3 (40).
    assert shown(Fixed().allocate(HIERARCHY, LADDERS, 110)) == ["n2", "n4"]
    # Passages get 69 of 115: n2 (50). Sections: n4 (75). The remaining 40 hold n3.
    assert shown(Fixed().allocate(HIERARCHY, LADDERS, 115)) == ["n2", "n3", "n4"]


def test_a_level_with_a_share_of_0_is_left_out():
    # The document gets everything, so its summary is shown.
    assert shown(Fixed((1.0, 0.0, 0.0)).allocate(HIERARCHY, LADDERS, 100)) == ["n0"]
