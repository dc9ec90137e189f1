"""A DSPy program that answers from 300 tokens of a report of 33 pages."""

import dspy
from dspy.utils import DummyLM

from hiercomp.integrations.dspy import HiercompRetriever


class Reporter(dspy.Module):
    """A program that retrieves passages, prints them and answers from them."""

    def __init__(self) -> None:
        super().__init__()
        self.retrieve = HiercompRetriever("data/tarnholt_2025_annual_report.pdf", budget=300)
        self.answer = dspy.Predict("context: list[str], question -> answer")

    def forward(self, question: str) -> dspy.Prediction:
        """Answer a question."""
        found = self.retrieve(question)
        for page, passage in zip(found.pages, found.passages, strict=True):
            print(f"[page {page}] {passage}")
        return self.answer(context=found.passages, question=question)


dspy.configure(lm=DummyLM([{"answer": "24.2%, after 18.4%"}]))  # use a model instead, such as dspy.LM("openai/gpt-5")
print(Reporter()(question="What was the effective tax rate of 2025?").answer)
