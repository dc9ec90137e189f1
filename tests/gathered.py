"""The evidence for a question in a hierarchy, gathered as the pipeline gathers it."""

from hiercomp.planning import RULES
from hiercomp.ranking.evidence import Lexicon
from hiercomp.ranking.needs import gather, join, shortlist
from hiercomp.types import Plan, Ranking


def evidence_of(tree, question, ranking=None, *, budget=10**6, lexicon=None):
    """Return the evidence for a question alone, given its calibrated ranking. Without a ranking, nothing was found."""
    plan = Plan.of(question, [], RULES)
    rankings = [ranking or Ranking(())] if plan.needs else []
    shortlisted = shortlist(tree, ranking or join(tree, rankings), budget)
    return gather(tree, plan, rankings, shortlisted, lexicon or Lexicon(tree))
