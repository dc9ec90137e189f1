"""llama.cpp in this process: a GGUF model behind llama.cpp's own server on a loopback port.

A random key keeps other processes from using the server. Calls go through its HTTP interface because they can be
interrupted: Ctrl-C closes the connection and llama.cpp stops. A direct call into C++ would run to its end.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPResponse
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hiercomp.errors import MissingExtraError, ModelError
from hiercomp.types import Message

try:
    import xllamacpp
except ImportError as error:
    raise MissingExtraError("the local reader", "local") from error

FIRST_CONTEXT = 4096
"""The first context length in tokens. Its memory is allocated at once, so it doubles only when a call needs more."""
BATCH = 256
"""The tokens that llama.cpp reads at a time. Between two batches it checks whether the call was cancelled."""
SILENT = -1


class LlamaModel:
    """A model that is loaded when it is first used. Several threads can use it."""

    def __init__(self, path: Path, context_window: int) -> None:
        self.path = path
        self.context_window = context_window
        self._key = secrets.token_urlsafe()
        self._lock = threading.Lock()
        self._turn = threading.RLock()
        self._last: Sequence[int] = ()
        self._server: xllamacpp.Server | None = None
        self._context = 0

    def tokenize(self, content: Sequence[str | int], *, add_special: bool = False) -> list[int]:
        """Return the token ids of texts and ids in order. An id stays as it is; no text is read as a control token."""
        body = {"content": list(content), "add_special": add_special, "parse_special": False}
        tokens: list[int] = self._answer("/tokenize", body)["tokens"]
        return tokens

    def render(self, messages: Sequence[Message]) -> str:
        """Render messages in the model's chat template, with the start of the answer."""
        body = {
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "chat_template_kwargs": {"enable_thinking": False},
        }
        return str(self._answer("/apply-template", body)["prompt"])

    def generate(
        self, ids: Sequence[int], options: Mapping[str, object], max_tokens: int
    ) -> Generator[dict[str, Any], None, None]:
        """Yield the events of the server: pieces of `content`, and at the end the counts. `close()` stops the model.

        With the option `cache_prompt` the model does not read again the batches that it shares with the last prompt.
        The other tokens of a batch change a result slightly, so only whole batches are reused.
        """
        with self._turn:
            server = self._loaded(len(ids) + max_tokens)
            shared = _common_prefix(ids, self._last) if options.get("cache_prompt") else 0
            reused = min(shared, len(ids) - 1) // BATCH * BATCH
            self._last = ()
            if reused:
                # The server would reuse every token that both prompts share, but only whole batches may be reused.
                # A prompt that differs right after the last whole batch makes the server drop the rest.
                different = int(not ids[reused])
                prompt = [*ids[:reused], different]
                self._answer("/completion", {"prompt": prompt, "n_predict": 0, "cache_prompt": True})
            body = {**options, "prompt": list(ids), "n_predict": max_tokens, "stream": True, "cache_prompt": reused > 0}
            yield from self._streamed(server, body)
            self._last = ids

    def _streamed(self, server: xllamacpp.Server, body: Mapping[str, object]) -> Generator[dict[str, Any], None, None]:
        connection = self._connection(server)
        try:
            # The response holds the socket. The server stops only when the response is closed.
            with closing(self._post(connection, "/completion", body)) as response:
                for line in response:
                    if line.startswith(b"data: "):
                        yield json.loads(line.removeprefix(b"data: "))
                    elif line.startswith(b"error: "):
                        raise ModelError(f"the model {self.path.name} failed: {line.decode(errors='replace').strip()}")
        except (OSError, HTTPException) as error:
            raise ModelError(f"the model {self.path.name} stopped answering ({error!r}); try again") from error
        finally:
            connection.close()

    def _answer(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        server = self._loaded(0)
        connection = self._connection(server)
        try:
            answer: dict[str, Any] = json.loads(self._post(connection, path, body).read())
            return answer
        except (OSError, HTTPException) as error:
            raise ModelError(f"the model {self.path.name} stopped answering ({error!r}); try again") from error
        finally:
            connection.close()

    def _connection(self, server: xllamacpp.Server) -> HTTPConnection:
        address = urlsplit(server.listening_address)
        return HTTPConnection(address.hostname or "127.0.0.1", address.port)

    def _post(self, connection: HTTPConnection, path: str, body: Mapping[str, object]) -> HTTPResponse:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"}
        connection.request("POST", path, json.dumps(body).encode(), headers)
        response = connection.getresponse()
        if response.status != 200:
            reason = response.read().decode(errors="replace")
            raise ModelError(f"the model {self.path.name} refused the call ({response.status}): {reason[:300]}")
        return response

    def _loaded(self, context: int) -> xllamacpp.Server:
        """Return a server with room for a context. A call in another thread keeps its own server."""
        with self._lock:
            if self._server is None or context > self._context:
                self._context = min(_doubled(max(context, FIRST_CONTEXT)), max(self.context_window, context))
                self._server, self._last = None, ()
                self._server = self._load()
            return self._server

    def _load(self) -> xllamacpp.Server:
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(self.path)
        parameters.n_ctx = self._context
        parameters.n_batch = BATCH
        parameters.n_parallel = 1
        parameters.cache_ram_mib = 0  # the slot holds the last prompt; more copies would take up to 8 GB
        parameters.verbosity = SILENT
        parameters.api_keys = [self._key]
        parameters.endpoint_slots = False
        parameters.ui = False
        try:
            return xllamacpp.Server(parameters)
        except RuntimeError as error:
            raise ModelError(
                f"llama.cpp cannot load {self.path}: the file is damaged, or llama.cpp does not support the model"
            ) from error


def _common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    """Count the ids of the common prefix of two prompts."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def _doubled(tokens: int) -> int:
    context = FIRST_CONTEXT
    while context < tokens:
        context *= 2
    return context
