"""What the suites of the evaluation's methods share: questions, and a tokenizer by which a token is a word."""

from eval.ports import Parts
from eval.types import Question
from hiercomp import registry
from hiercomp.types import Document


class Words:
    """Counts words, so that a budget can be worked out by hand."""

    name = "words"

    def __init__(self):
        self.most = 0

    def count(self, text):
        self.most = max(self.most, len(text))
        return len(text.split())

    def count_many(self, texts):
        return [self.count(text) for text in texts]

    def count_prompt(self, messages):
        return sum(self.count(message.content) for message in messages)


def parts_of(tokenizer=None, encoder="hashing"):
    """Parts that count words and encode by hashing, both quick."""
    return Parts(tokenizer or Words(), registry.build("encoders", encoder))


def asked(text, **known):
    """A question on a document."""
    return Question("question", "document", text, **known)


def text_of(method, text, question, budget):
    """What a method makes of a text."""
    return method.index(Document(text, "text", "")).find(asked(question))(budget)
