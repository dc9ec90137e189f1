"""Small random trees of ladders, and the greatest value at each budget, found by trying every cut."""

from hypothesis import strategies as st

from hiercomp.types import Hierarchy, Ladder, Node, Rendering, Span


def hierarchy_of(parents):
    """Build nodes n0, n1 … with these parents (None for the root). The level of a node is its height, at most 3."""
    children = {index: [] for index in range(len(parents))}
    for index, parent in enumerate(parents[1:], start=1):
        children[parent].append(index)
    heights = [0] * len(parents)
    for index in reversed(range(1, len(parents))):
        heights[parents[index]] = max(heights[parents[index]], heights[index] + 1)
    return Hierarchy(
        (),
        tuple(
            Node(
                id=f"n{index}",
                document_id="d",
                level=min(heights[index], 3),
                title="",
                span=Span(0, 0),
                text="",
                sentences=(),
                parent_id=None if parent is None else f"n{parent}",
                child_ids=tuple(f"n{child}" for child in children[index]),
            )
            for index, parent in enumerate(parents)
        ),
    )


def ladder_of(node_id, *rungs, opening=0, detail="extract"):
    """Build a ladder of nested extracts from (tokens, value) pairs."""
    renderings, previous = [], 0.0
    values = []
    for count, (tokens, value) in enumerate(rungs, start=1):
        values.append(value - previous)
        previous = value
        spans = tuple(Span(start, start + 1) for start in range(count))
        renderings.append(Rendering(node_id, detail, spans, tuple(values), tokens))
    return Ladder(node_id, tuple(renderings), opening)


@st.composite
def trees(draw, most_nodes=9):
    """Draw a hierarchy and its ladders. Values are multiples of 1/64, so that sums are exact. Ties are common."""
    count = draw(st.integers(1, most_nodes))
    parents = [None] + [draw(st.integers(max(0, index - 4), index - 1)) for index in range(1, count)]
    scale = draw(st.sampled_from([1, 16, 64]))
    ladders = {}
    for index in range(count):
        if draw(st.integers(0, 5)) == 0:
            continue
        tokens, value, rungs = draw(st.integers(0, 6)), draw(st.integers(0, scale)) / 64, []
        for _ in range(draw(st.integers(0, 3))):
            rungs.append((tokens, value))
            tokens += draw(st.integers(1, 8))
            value += draw(st.integers(1, scale)) / 64
        ladders[f"n{index}"] = ladder_of(f"n{index}", *rungs, opening=draw(st.integers(0, 3)))
    return hierarchy_of(parents), ladders


def best_values(hierarchy, ladders, max_budget):
    """Return the greatest value at each budget from 0 to `max_budget`. All cuts are listed, node by node."""
    cuts = {}
    for node in reversed(hierarchy.nodes):
        ladder = ladders.get(node.id, Ladder(node.id, ()))
        below = {(0, False): 0.0}
        for child_id in node.child_ids:
            joined = {}
            for (tokens, shown), value in below.items():
                for (more, also_shown), added in cuts[child_id].items():
                    key = (tokens + more, shown or also_shown)
                    joined[key] = max(joined.get(key, 0.0), value + added)
            below = joined
        own = {(0, False): 0.0}
        for (tokens, shown), value in below.items():
            if shown:
                own[tokens + ladder.opening, True] = value
        for rendering in ladder.renderings:
            key = (rendering.tokens, True)
            own[key] = max(own.get(key, 0.0), rendering.value)
        cuts[node.id] = {key: value for key, value in own.items() if key[0] <= max_budget}
    found = cuts[hierarchy.root.id]
    return [max(value for (tokens, _), value in found.items() if tokens <= budget) for budget in range(max_budget + 1)]


def tokens_of(hierarchy, ladders, allocation):
    """Count the tokens of an allocation: those of its renderings, and the openings of the nodes above them."""
    opened = set()
    for rendering in allocation.renderings:
        parent_id = hierarchy.node(rendering.node_id).parent_id
        while parent_id is not None:
            opened.add(parent_id)
            parent_id = hierarchy.node(parent_id).parent_id
    openings = sum(ladders[node_id].opening for node_id in opened if node_id in ladders)
    return openings + sum(rendering.tokens for rendering in allocation.renderings)


def is_cut(hierarchy, allocation):
    """Return whether each node is shown at most once, and never below another node that is shown."""
    shown = [rendering.node_id for rendering in allocation.renderings]
    for node_id in shown:
        parent_id = hierarchy.node(node_id).parent_id
        while parent_id is not None:
            if parent_id in shown:
                return False
            parent_id = hierarchy.node(parent_id).parent_id
    return len(set(shown)) == len(shown)
