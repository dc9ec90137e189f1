"""The components of a pipeline, built from its settings, and the tree and the index of the sources.

The first thread that needs a component builds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from hiercomp import allocators, compressors, encoders, planning, retrievers, sources, tokenizers
from hiercomp.allocation.allowance import AllowedReader
from hiercomp.allocation.token_counts import RememberedCounts
from hiercomp.building import BuildCache, Lazy
from hiercomp.config import Config
from hiercomp.hierarchy import summarize
from hiercomp.ledger import losses
from hiercomp.monitor import active_monitor
from hiercomp.ports import LLM, Allocator, Encoder, Index, Planner, Retriever, Tokenizer
from hiercomp.ranking.evidence import Lexicon
from hiercomp.sources import Source
from hiercomp.storage.store import Store
from hiercomp.storage.stored_compressor import StoredCompressor
from hiercomp.storage.stored_encoder import StoredEncoder
from hiercomp.types import PASSAGE, Document, Hierarchy

STORED_LENGTH = 50_000
"""Code points of a document whose token count is stored; a shorter one is counted in a hundredth of a second."""
PROBE_LENGTH = 2_000
"""Code points that are counted to check that a stored count was made with the same vocabulary."""


class Components:
    """The components of a pipeline and its index."""

    def __init__(
        self,
        given: Source | Sequence[Source],
        config: Config,
        *,
        reader: LLM | None = None,
        encoder: Encoder | None = None,
        planner: Planner | None = None,
    ) -> None:
        self.config = config
        self._given_encoder = encoder
        self._given_planner = planner
        self._given = [given] if isinstance(given, str | Path | Document) else list(given)
        self._likely_encoder: Future[Encoder] | None = None
        self._source_tokens: BuildCache[str, int] = BuildCache()
        self._counts: BuildCache[str, RememberedCounts] = BuildCache()
        self._planners: BuildCache[str, Planner] = BuildCache()
        self._store = Lazy(lambda: Store.open(config.cache_dir) if config.cache else Store.memory())
        self._reader = Lazy(self._build_reader if reader is None else lambda: reader)
        self._tokenizer = Lazy(self._build_tokenizer)
        self._hierarchy = Lazy(self._build_hierarchy)
        self._lexicon = Lazy(lambda: Lexicon(self.hierarchy))
        self._encoder_choice = Lazy(self._choose_encoder)
        self._encoder = Lazy(self._build_encoder)
        self._retriever = Lazy(lambda: retrievers.build(config.retriever, encoder=self.encoder))
        self._index = Lazy(lambda: self.retriever.index(self.hierarchy.level(PASSAGE)))
        self._allocator = Lazy(lambda: allocators.build(config.allocator))

    @property
    def store(self) -> Store:
        """The data that is stored between runs."""
        return self._store()

    @property
    def encoder(self) -> StoredEncoder:
        """The encoder, whose vectors are stored."""
        return self._encoder()

    @property
    def retriever(self) -> Retriever:
        """The retriever that the settings name."""
        return self._retriever()

    @property
    def allocator(self) -> Allocator:
        """The allocator that the settings name."""
        return self._allocator()

    @property
    def reader(self) -> LLM:
        """The model that the settings name, else the installed local model, else quotes of the best sentences."""
        return self._reader()

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer of calls without a reader: the setting `tokenizer`, else that of the setting `model`."""
        return self._tokenizer()

    @property
    def hierarchy(self) -> Hierarchy:
        """The tree of the sources."""
        return self._hierarchy()

    @property
    def lexicon(self) -> Lexicon:
        """The terms of the sources' sentences."""
        return self._lexicon()

    @property
    def index(self) -> Index:
        """The passages of the sources, ready for search."""
        return self._index()

    def planner(self, model: str | None, max_tokens: int | None = None) -> Planner:
        """Return the planner of the settings, or the default planner of a call.

        Args:
            model: The name of the reader that answers the call; None if a plan by a reader is not worth its call.
            max_tokens: The most tokens that the calls for the plan may take together; None for no limit.
        """
        if self._given_planner is not None:
            return self._given_planner
        name = self.config.planner or planning.default(model, base_url=self.config.base_url)

        def build() -> Planner:
            return planning.build(name, reader=lambda: self.allowed_reader(max_tokens), playbook=self.config.playbook)

        return self._planners.get(name, build) if max_tokens is None else build()

    def allowed_reader(self, max_tokens: int | None) -> LLM:
        """Return the reader for calls that may take `max_tokens` tokens together; None for no limit."""
        return self.reader if max_tokens is None else AllowedReader(self.reader, max_tokens)

    def source_tokens(self, tokenizer: Tokenizer) -> int:
        """Count the tokens of the whole text of the sources."""
        return self._source_tokens.get(
            tokenizer.name, lambda: sum(self._count(document, tokenizer) for document in self.hierarchy.documents)
        )

    def counts(self, tokenizer: Tokenizer) -> RememberedCounts:
        """Return a counter that counts each text of the sources once."""
        return self._counts.get(tokenizer.name, lambda: RememberedCounts(tokenizer.count_many))

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about what was not read, about the store, and about the encoder if this run used it."""
        used = active_monitor().encoder is not None
        encoder_warning = self._encoder_choice()[1] if used else None
        return tuple(filter(None, [*losses(self.hierarchy), self.store.warning, encoder_warning]))

    def close(self) -> None:
        """Close the store."""
        if self._store.is_built:
            self.store.close()

    def _count(self, document: Document, tokenizer: Tokenizer) -> int:
        """Count a document's tokens. The counts of long documents are stored."""
        if len(document.text) < STORED_LENGTH:
            return tokenizer.count(document.text)
        key = (tokenizer.name, tokenizer.count(document.text[:PROBE_LENGTH]), document.id)
        stored = self.store.get_count(*key)
        if stored is None:
            stored = tokenizer.count(document.text)
            self.store.put_count(stored, *key)
        return stored

    def _choose_encoder(self) -> tuple[str, str | None]:
        """Return the encoder in the settings, else an encoder for the sources' language, and a warning about it."""
        if self._given_encoder is not None:
            return self._given_encoder.name, None
        if self.config.embedding is not None:
            return self.config.embedding, None
        return encoders.choose(node.text for node in self.hierarchy.level(PASSAGE))

    def _build_encoder(self) -> StoredEncoder:
        def build() -> Encoder:
            if self._given_encoder is not None:
                return self._given_encoder
            name, likely = self._encoder_choice()[0], self._likely_encoder
            if likely and name == self._likely_name and not likely.exception():
                return likely.result()
            return encoders.build(name, cache_dir=self.config.cache_dir)

        return StoredEncoder(build, self.store, partial(_report, "encode"))

    def _build_reader(self) -> LLM:
        from hiercomp import llms  # slow to import, and a context alone needs no reader

        _report("model", 0, 0)
        config = self.config
        return llms.build(
            config.model or (config.base_url and "default") or llms.default(cache_dir=config.cache_dir),
            base_url=config.base_url,
            tokenizer=self._build_named_tokenizer(config.tokenizer) if config.tokenizer else None,
            retries=config.retries,
            timeout=config.timeout,
            observe=_report_reading,
            cache_dir=config.cache_dir,
        )

    def _build_tokenizer(self) -> Tokenizer:
        if self.config.tokenizer is None and self.config.model is not None:
            return self.reader.tokenizer
        return self._build_named_tokenizer(self.config.tokenizer or tokenizers.DEFAULT)

    def _build_named_tokenizer(self, name: str) -> Tokenizer:
        return tokenizers.build(name, cache_dir=self.config.cache_dir)

    @property
    def _likely_name(self) -> str:
        """The encoder that will probably be needed; the documents, whose language decides, are not read yet."""
        return self.config.embedding or encoders.ENGLISH

    def _load_ahead(self) -> None:
        """Load the encoder and the vocabulary in a thread, which takes as long as reading the documents."""
        with _background() as background:
            if self.config.retriever != "bm25" and self._given_encoder is None:
                self._likely_encoder = background.submit(_warm_encoder, self._likely_name, self.config.cache_dir)
            if self.config.model is None:
                background.submit(self._build_named_tokenizer, self.config.tokenizer or tokenizers.DEFAULT)

    def _build_hierarchy(self) -> Hierarchy:
        tree = sources.read(self._given, self.config, self.store, partial(_report, "load"), begin=self._load_ahead)
        _report("index", 0, 0)
        if self.config.compressor == "extractive":
            return tree
        tokenizer, reader = self.tokenizer, self.reader
        compressor = compressors.build(self.config.compressor, tokenizer=tokenizer, llm=reader)
        name = f"{self.config.compressor} by {reader.name}, counted by {tokenizer.name}"
        stored = StoredCompressor(compressor, name, self.store, partial(_report, "summarize"))
        return summarize(tree, stored, author=reader.name)


def _report(stage: str, done: int, total: int) -> None:
    """Report progress to the observer of the run that is waiting."""
    active_monitor().observe(stage, done, total)


def _report_reading(done: int, total: int) -> None:
    """Report how much of a prompt a reader has read, and then that it answers."""
    if done < total:
        _report("prompt", done, total)
    else:
        _report("reason", 0, 0)


@contextmanager
def _background() -> Iterator[ThreadPoolExecutor]:
    """Provide a thread for the work that is submitted; leaving the block does not wait for it."""
    executor = ThreadPoolExecutor(max_workers=1)
    try:
        yield executor
    finally:
        executor.shutdown(wait=False)


def _warm_encoder(name: str, cache_dir: Path | None) -> Encoder:
    """Build an encoder and encode a question and a passage, so that its models are loaded."""
    encoder = encoders.build(name, cache_dir=cache_dir)
    encoder.encode_query(name)
    encoder.encode_passages([name])
    return encoder
