from ladder_trees import hierarchy_of, ladder_of

from hiercomp.allocation.tree_cut import allocate
from hiercomp.allocators.tree_cut import build


def test_the_default_allocator_is_the_best_cut():
    hierarchy = hierarchy_of([None, 0, 0])
    ladders = {"n0": ladder_of("n0", (10, 0.3)), "n1": ladder_of("n1", (20, 0.5)), "n2": ladder_of("n2", (30, 0.6))}
    assert [rendering.node_id for rendering in build().allocate(hierarchy, ladders, 19).renderings] == ["n0"]
    assert build().allocate(hierarchy, ladders, 49) == allocate(hierarchy, ladders, 49)
    assert build().allocate(hierarchy, ladders, 50).value == 1.1
