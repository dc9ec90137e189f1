from ladder_trees import hierarchy_of, ladder_of

from eval.baselines.proportional import Proportional

# A document n0 with sections n1 (passages n2, n3) and n4 (passages n5, n6).
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


def test_each_section_gets_tokens_in_proportion_to_its_evidence():
    # The sections have 0.75 and 0.25 of the evidence, so 60 and 20 of 80 tokens. No passage of the second fits in 20.
    assert shown(Proportional().allocate(HIERARCHY, ladders(), 80)) == ["n2", "n3"]
    # Of 120 tokens they get 90 and 30, and the first leaves 30: both passages of the first and one of the second.
    assert shown(Proportional().allocate(HIERARCHY, ladders(), 120)) == ["n2", "n3", "n6"]


def test_a_small_section_spends_its_share_before_the_rest_is_pooled():
    # Of 40 tokens the sections get 30 and 10. The tree cut would take n2 too, and then nothing else fits.
    assert shown(Proportional().allocate(HIERARCHY, ladders(second_tokens=10), 40)) == ["n2", "n5"]


def test_sections_without_evidence_get_nothing():
    worthless = {"n2": ladder_of("n2", (10, 0.0)), "n5": ladder_of("n5", (10, 0.0))}
    assert shown(Proportional().allocate(HIERARCHY, worthless, 100)) == []
