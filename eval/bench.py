"""Measure a method on a set.

Each document is indexed once, and each question is asked at each budget. The whole text that a method returns is
counted. Tokens above the budget are an overrun. Then the text is cut to the budget before it is scored and read.
"""

from __future__ import annotations

import time
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from eval import machine, metrics
from eval.encoding import MeteredEncoder
from eval.methods._filling import Unit, fill
from eval.ports import Method, Parts
from eval.readers import Reader
from eval.records import Key
from eval.types import Dataset, Question, Record
from hiercomp.types import Document


@dataclass(frozen=True, slots=True)
class _Cost:
    """The cost of one step. Seconds include those that stored vectors would have taken. `tokens` are model tokens."""

    seconds: float
    cpu_seconds: float
    tokens: int
    joules: float | None

    def __add__(self, other: _Cost) -> _Cost:
        joules = None if self.joules is None or other.joules is None else self.joules + other.joules
        return _Cost(
            self.seconds + other.seconds, self.cpu_seconds + other.cpu_seconds, self.tokens + other.tokens, joules
        )


class Bench:
    """A method and everything that measures it."""

    def __init__(self, method: Method, parts: Parts, encoder: MeteredEncoder, reader: Reader | None) -> None:
        self._method, self._parts, self._encoder, self._reader = method, parts, encoder, reader

    def records(
        self, dataset: Dataset, questions: Sequence[Question], budgets: Sequence[int], done: Container[Key]
    ) -> Iterator[Record]:
        """Yield the records that are not in `done`. Questions on the same document must be adjacent."""
        offered = tuple(sorted(budgets)) if self._method.budgeted else (0,)
        for document_id, of_document in groupby(questions, key=lambda question: question.document_id):
            missing = [
                (question, budget)
                for question in of_document
                for budget in offered
                if (dataset.name, question.id, budget) not in done
            ]
            if missing:
                yield from self._of_document(dataset.name, dataset.documents[document_id](), missing)

    def _of_document(self, name: str, document: Document, missing: Sequence[tuple[Question, int]]) -> Iterator[Record]:
        measured = metrics.Measured(document)
        gauge = _Gauge(self._encoder, self._parts)
        index = self._method.index(document)
        indexing = gauge.read()
        for question, pairs in groupby(missing, key=lambda pair: pair[0]):
            gold = metrics.prepare(measured, question)
            gauge = _Gauge(self._encoder, self._parts)
            select = index.find(question)
            finding = gauge.read()
            for _, budget in pairs:
                gauge = _Gauge(self._encoder, self._parts)
                text = select(budget)
                querying = finding + gauge.read()
                yield self._record(name, (question, gold), budget, text, (indexing, querying))

    def _record(
        self, name: str, prepared: tuple[Question, metrics.Gold], budget: int, text: str, costs: tuple[_Cost, _Cost]
    ) -> Record:
        (question, gold), (indexing, querying) = prepared, costs
        tokens = self._parts.tokenizer.count(text)
        overrun = max(0, tokens - budget) if budget else 0
        kept = fill([Unit(text, 0)], budget, self._parts.tokenizer) if overrun else text
        gauge = _Gauge(self._encoder, self._parts)
        reading = self._reader.read(question, kept) if self._reader else None
        spent = querying + gauge.read() if self._reader else querying
        answer_scores = metrics.score_answer(question, reading.answer) if reading else {}
        return Record(
            set=name,
            question=question.id,
            document=question.document_id,
            budget=budget,
            tokens=tokens,
            overrun=overrun,
            scores={**metrics.score(gold, kept), **answer_scores},
            seconds={"index": round(indexing.seconds, 4), "query": round(querying.seconds, 4)},
            neural_tokens={"index": indexing.tokens, "query": querying.tokens},
            answer=reading.answer if reading else None,
            reading_tokens={"in": reading.tokens_in, "out": reading.tokens_out} if reading else {},
            usd=reading.usd if reading else None,
            wh=machine.watt_hours(spent.cpu_seconds, spent.joules, self._reader.model.name if self._reader else None),
        )


class _Gauge:
    """Measures the cost since its construction."""

    def __init__(self, encoder: MeteredEncoder, parts: Parts) -> None:
        self._encoder, self._meter = encoder, parts.meter
        self._joules = machine.joules()
        self._before = self._now()

    def read(self) -> _Cost:
        """Return the cost so far."""
        wall, cpu, saved, tokens = (now - then for now, then in zip(self._now(), self._before, strict=True))
        joules = machine.joules()
        used = None if joules is None or self._joules is None or joules < self._joules else joules - self._joules
        return _Cost(wall + saved, cpu + saved, int(tokens), used)

    def _now(self) -> tuple[float, float, float, int]:
        return time.perf_counter(), time.process_time(), self._encoder.saved_seconds, self._meter.tokens
