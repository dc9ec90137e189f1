"""Shared parts of the tests of methods: questions, and a tokenizer that counts words."""

from eval.ports import Parts
from eval.types import Question
from hiercomp import registry
from hiercomp.types import Document


class Words:
    """Counts words, so that budgets can be computed by hand. `longest` is the length of the longest text counted."""

    name = "words"

    def __init__(self):
        self.longest = 0

    def count(self, text):
        self.longest = max(self.longest, len(text))
        return len(text.split())

    def count_many(self, texts):
        return [self.count(text) for text in texts]

    def count_prompt(self, messages):
        return sum(self.count(message.content) for message in messages)


def parts_of(tokenizer=None, encoder="hashing"):
    """Build parts that count words and encode by hashing, which is fast."""
    return Parts(tokenizer or Words(), registry.build("encoders", encoder))


def asked(text, **known):
    """Make a question on a document."""
    return Question("question", "document", text, **known)


def text_of(method, text, question, budget):
    """Return the context that a method selects from a text."""
    return method.index(Document(text, "text", "")).find(asked(question))(budget)
