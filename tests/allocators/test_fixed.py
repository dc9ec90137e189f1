import pytest
from ladder_trees import hierarchy_of, ladder_of

from hiercomp.allocators.fixed import build
from hiercomp.errors import ConfigError

# a document n0 with sections n1 (passages n2, n3) and n4 (passage n5)
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
    # 60 of 100 for passages: n2 with its section's opening is 50; 40 for sections: n4 in 25
    allocation = build().allocate(HIERARCHY, LADDERS, 100)
    assert shown(allocation) == ["n2", "n4"]
    assert allocation.tokens == 75


def test_what_a_level_leaves_is_carried_on_and_at_last_goes_back_to_the_passages():
    # 66 of 110 for passages: n2 (50). Sections: 99 in all, n4 in 25 (75). What is left, 35, does not hold n3 (40).
    assert shown(build().allocate(HIERARCHY, LADDERS, 110)) == ["n2", "n4"]
    # 69 of 115: n2 (50); sections: n4 (75); 40 are left for n3
    assert shown(build().allocate(HIERARCHY, LADDERS, 115)) == ["n2", "n3", "n4"]


def test_a_share_of_nothing_leaves_a_level_out():
    # nothing for passages at first, everything for the document: its summary speaks
    assert shown(build("1,0,0").allocate(HIERARCHY, LADDERS, 100)) == ["n0"]


@pytest.mark.parametrize("argument", ["0.5", "0.5,0.5", "0.5,0.5,0.5", "-0.1,0.5,0.6", "a,b,c", "0,0,0", "nan,0.1,0.1"])
def test_shares_that_are_not_three_parts_of_one_are_refused(argument):
    with pytest.raises(ConfigError, match="three numbers"):
        build(argument)
