from ladder_trees import hierarchy_of, ladder_of

from hiercomp.allocators.proportional import build

# a document n0 with sections n1 (passages n2, n3) and n4 (passages n5, n6)
HIERARCHY = hierarchy_of([None, 0, 1, 1, 0, 4, 4])


def ladders(second_tokens=40):
    return {
        "n2": ladder_of("n2", (30, 0.5)),
        "n3": ladder_of("n3", (30, 0.25)),
        "n5": ladder_of("n5", (second_tokens, 0.125)),
        "n6": ladder_of("n6", (30, 0.125)),
    }


def shown(allocation):
    return [rendering.node_id for rendering in allocation.renderings]


def test_each_section_is_given_its_part_of_the_evidence():
    # the sections hold 0.75 and 0.25 of the evidence: of 80 tokens 60 and 20; nothing of the second fits in 20
    assert shown(build().allocate(HIERARCHY, ladders(), 80)) == ["n2", "n3"]
    # of 120 tokens 90 and 30, and 30 that the first leaves: both sections' first choices
    assert shown(build().allocate(HIERARCHY, ladders(), 120)) == ["n2", "n3", "n6"]


def test_a_small_section_spends_its_part_before_the_rest_is_pooled():
    # of 40 tokens 30 and 10; the tree cut would take n2 too, and then nothing else fits
    assert shown(build().allocate(HIERARCHY, ladders(second_tokens=10), 40)) == ["n2", "n5"]


def test_sections_without_evidence_are_given_nothing():
    worthless = {"n2": ladder_of("n2", (10, 0.0)), "n5": ladder_of("n5", (10, 0.0))}
    assert shown(build().allocate(HIERARCHY, worthless, 100)) == []
