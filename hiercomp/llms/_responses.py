"""The reading of a provider's responses by their fields, which differ less between providers than their types do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hiercomp.errors import ModelError

CUT_REASONS = ("length", "max_tokens", "MAX_TOKENS")


class Reading:
    """An answer that is received whole or piece by piece. `shown` is true once `on_text` received a piece."""

    def __init__(self, on_text: Callable[[str], None] | None) -> None:
        self.text = ""
        self.shown = False
        self.cut = False
        self.prompt_tokens: int | None = None
        self.completion_tokens: int | None = None
        self._on_text = on_text
        self._reports_end = False  # whether this kind of server reports how an answer ended
        self._has_ended = False

    def add(self, response: object) -> None:
        """Add a piece of a stream, or the whole answer if it is not streamed."""
        if self._on_text is None:
            self.text = str(_field(_field(response, "message"), "content") or "")
        elif piece := str(_field(response, "delta") or ""):
            self.text += piece
            self.shown = True
            self._on_text(piece)
        raw = _field(response, "raw")
        usage = _field(raw, "usage", "usage_metadata")
        prompt = _count(usage, "prompt_tokens", "input_tokens", "prompt_token_count")
        completion = _count(usage, "completion_tokens", "output_tokens", "candidates_token_count")
        self.prompt_tokens = self.prompt_tokens if prompt is None else prompt
        self.completion_tokens = self.completion_tokens if completion is None else completion
        self._read_end(raw)

    def finish(self, name: str) -> None:
        """Check that the answer is complete.

        Raises:
            ModelError: a stream stopped without reporting its end, or there is no answer.
        """
        if not self.text and not self._has_ended:
            raise ModelError(f"{name}: the answer holds no text and no reason; ask again, or choose another model")
        if self._reports_end and not self._has_ended:
            raise ModelError(f"{name}: the answer broke off after {len(self.text)} characters; ask again")

    def _read_end(self, raw: object) -> None:
        choices = _field(raw, "choices", "candidates")
        self._reports_end = self._reports_end or choices is not None
        source = choices[0] if isinstance(choices, list) and choices else raw
        reason = _field(source, "finish_reason", "stop_reason", "done_reason")
        if reason is not None:
            self._has_ended = True
            self.cut = str(getattr(reason, "value", reason)) in CUT_REASONS


def _field(source: object, *names: str) -> object:
    """Return the first of some fields of a mapping or an object that is not None."""
    for name in names:
        value = source.get(name) if isinstance(source, Mapping) else getattr(source, name, None)
        if value is not None:
            return value
    return None


def _count(usage: object, *names: str) -> int | None:
    """Return the first of some fields, or None if it is not a positive integer."""
    value = _field(usage, *names)
    return value if isinstance(value, int) and value > 0 else None
