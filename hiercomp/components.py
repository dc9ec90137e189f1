"""What a pipeline is made of: components built from the settings, and what they made of the sources.

Each is made once, by whichever thread needs it first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import RLock
from typing import TypeVar, cast

from hiercomp import encoders, registry, sources, tokenizers
from hiercomp.allocation.token_counts import RememberedCounts
from hiercomp.cancellation import end_if_given_up
from hiercomp.config import Config
from hiercomp.hierarchy import summarize
from hiercomp.ports import LLM, Allocator, Compressor, Encoder, Index, Retriever, Tokenizer
from hiercomp.ranking.evidence import Lexicon
from hiercomp.sources import Source
from hiercomp.storage.store import Store
from hiercomp.storage.stored_compressor import StoredCompressor
from hiercomp.storage.stored_encoder import StoredEncoder
from hiercomp.types import PASSAGE, Document, Hierarchy, Ranking

Observer = Callable[[str, int, int], None]
"""Called with a stage, the steps done and their total, 0 where it is not known."""
KEPT_LENGTH = 50_000
"""Code points of a document whose tokens are worth keeping: fewer are counted in a hundredth of a second."""
PROBE_LENGTH = 2_000
T = TypeVar("T")


class Parts:
    """The components of a pipeline and its index."""

    def __init__(
        self, given: Source | Sequence[Source], config: Config, observer: Observer | None, reader: LLM | None = None
    ) -> None:
        self.config = config
        self._observer = observer
        self._given = [given] if isinstance(given, str | Path | Document) else list(given)
        self._lock = RLock()
        self._made: dict[str, object] = {} if reader is None else {"reader": reader}
        self._likely_encoder: Future[Encoder] | None = None

    def observe(self, stage: str, done: int, total: int) -> None:
        """Tells of a step; ends work that nobody waits for any more."""
        end_if_given_up()
        if self._observer is not None:
            self._observer(stage, done, total)

    @property
    def store(self) -> Store:
        """What is kept between runs."""
        return self._once("store", lambda: Store.open(self.config.cache_dir) if self.config.cache else Store.memory())

    @property
    def encoder(self) -> StoredEncoder:
        """The encoder, its vectors kept."""
        return self._once("encoder", self._build_encoder)

    @property
    def retriever(self) -> Retriever:
        """What finds passages."""
        build = registry.build
        return self._once(
            "retriever", lambda: cast("Retriever", build("retrievers", self.config.retriever, encoder=self.encoder))
        )

    @property
    def allocator(self) -> Allocator:
        """What divides the budget."""
        return self._once("allocator", lambda: cast("Allocator", registry.build("allocators", self.config.allocator)))

    @property
    def reader(self) -> LLM:
        """What answers: the model that is set, else the installed local one, else quotes."""
        return self._once("reader", self._build_reader)

    @property
    def tokenizer(self) -> Tokenizer:
        """What counts where no reader is called: the one that is set, else that of a reader that is set."""
        return self._once("tokenizer", self._build_tokenizer)

    @property
    def hierarchy(self) -> Hierarchy:
        """The tree of the sources."""
        return self._once("hierarchy", self._build_hierarchy)

    @property
    def lexicon(self) -> Lexicon:
        """The terms of the sources' sentences."""
        return self._once("lexicon", lambda: Lexicon(self.hierarchy))

    @property
    def index(self) -> Index:
        """The sources, ready to be searched."""
        return self._once("index", lambda: self.retriever.index(self.hierarchy.nodes))

    def search(self, question: str) -> Ranking:
        """What the retriever finds for a question: nothing for a blank one."""
        return self.index.search(question, len(self.hierarchy.nodes)) if question.strip() else Ranking(())

    def source_tokens(self, tokenizer: Tokenizer) -> int:
        """The tokens of the sources' whole text."""
        documents = self.hierarchy.documents
        return self._once(
            f"tokens {tokenizer.name}", lambda: sum(self._tokens_of(document, tokenizer) for document in documents)
        )

    def counts(self, tokenizer: Tokenizer) -> RememberedCounts:
        """The tokens of texts that are the sources' own, each counted once."""
        return self._once(f"counts {tokenizer.name}", lambda: RememberedCounts(tokenizer.count_many))

    @property
    def encoded(self) -> int:
        """How many texts the encoder has read so far."""
        return self.encoder.encoded

    @property
    def neural_tokens(self) -> int:
        """Their tokens, as far as the encoder tells them apart."""
        return self.encoder.tokens

    @property
    def embedding(self) -> str | None:
        """The encoder's name; None where none was needed."""
        return self.encoder.name if self.encoder.loaded else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know of the store and of the encoder."""
        unread = self._chosen_encoder[1] if self.encoder.loaded else None
        return tuple(filter(None, [self.store.warning, unread]))

    @property
    def _chosen_encoder(self) -> tuple[str, str | None]:
        """The encoder that is set, else that of the sources' language, and what the user should know of it."""
        if self.config.embedding is not None:
            return self.config.embedding, None
        texts = (node.text for node in self.hierarchy.level(PASSAGE))
        return self._once("chosen encoder", lambda: encoders.choose(texts))

    def close(self) -> None:
        """Lets go of the store."""
        with self._lock:
            if "store" in self._made:
                self.store.close()

    def _once(self, name: str, make: Callable[[], T]) -> T:
        with self._lock:
            if name not in self._made:
                self._made[name] = make()
            return cast("T", self._made[name])

    def _tokens_of(self, document: Document, tokenizer: Tokenizer) -> int:
        """The tokens of a document; a long one's are kept."""
        if len(document.text) < KEPT_LENGTH:
            return tokenizer.count(document.text)
        # A vocabulary that has changed under its name counts the beginning otherwise.
        key = (tokenizer.name, tokenizer.count(document.text[:PROBE_LENGTH]), document.id)
        kept = self.store.get_count(*key)
        if kept is None:
            kept = tokenizer.count(document.text)
            self.store.put_count(kept, *key)
        return kept

    def _build_encoder(self) -> StoredEncoder:
        def make() -> Encoder:
            name, likely = self._chosen_encoder[0], self._likely_encoder
            if likely and name == self._likely_name and not likely.exception():
                return likely.result()
            return encoders.build(name)

        return StoredEncoder(make, self.store, lambda done, total: self.observe("encode", done, total))

    def _build_reader(self) -> LLM:
        from hiercomp import llms  # a context alone needs no reader, nor what finds one

        self.observe("model", 0, 0)
        set_tokenizer = tokenizers.build(self.config.tokenizer) if self.config.tokenizer else None
        return llms.build(
            self.config.model or (self.config.base_url and "default") or llms.default(),
            base_url=self.config.base_url,
            tokenizer=set_tokenizer,
            retries=self.config.retries,
            timeout=self.config.timeout,
            observe=self._observe_reading,
        )

    def _observe_reading(self, done: int, total: int) -> None:
        """Tells how far a prompt is read, and then that it is being answered."""
        if done < total:
            self.observe("prompt", done, total)
        else:
            self.observe("reason", 0, 0)

    def _build_tokenizer(self) -> Tokenizer:
        if self.config.tokenizer is None and self.config.model is not None:
            return self.reader.tokenizer
        return tokenizers.build(self.config.tokenizer or tokenizers.DEFAULT)

    @property
    def _likely_name(self) -> str:
        """The encoder that will be needed, as far as can be told before the documents are read."""
        return self.config.embedding or encoders.ENGLISH

    def _begin(self) -> None:
        """Starts to load the encoder and the vocabulary in a thread: it takes as long as reading the documents."""
        with _beside() as beside:
            if self.config.retriever != "bm25":
                self._likely_encoder = beside.submit(_loaded_encoder, self._likely_name)
            if self.config.model is None:
                beside.submit(tokenizers.build, self.config.tokenizer or tokenizers.DEFAULT)

    def _build_hierarchy(self) -> Hierarchy:
        observe = partial(self.observe, "load")
        tree = sources.read(self._given, self.config, self.store, observe, begin=self._begin)
        self.observe("index", 0, 0)
        if self.config.compressor == "extractive":
            return tree
        tokenizer, reader = self.tokenizer, self.reader
        compressor = registry.build("compressors", self.config.compressor, tokenizer=tokenizer, llm=reader)
        name = f"{self.config.compressor} by {reader.name}, counted by {tokenizer.name}"
        observe = partial(self.observe, "summarize")
        return summarize(tree, StoredCompressor(cast("Compressor", compressor), name, self.store, observe))


@contextmanager
def _beside() -> Iterator[ThreadPoolExecutor]:
    """A thread for what is submitted here; it is not waited for."""
    executor = ThreadPoolExecutor(max_workers=1)
    try:
        yield executor
    finally:
        executor.shutdown(wait=False)


def _loaded_encoder(name: str) -> Encoder:
    """An encoder that has read a question and a passage, so that its models are loaded."""
    encoder = encoders.build(name)
    encoder.encode_query_tokens(name)
    encoder.encode_passage_tokens([name])
    return encoder
