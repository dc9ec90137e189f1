import json
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from time import monotonic

import pytest
from readers import Reply, answer, loopback, send, stream, trickle

from hiercomp import llms, models
from hiercomp.errors import ConfigError, MissingExtraError, ModelError, TransientModelError
from hiercomp.llms.llama_index import build
from hiercomp.ports import LLM
from hiercomp.types import Message, Prompt

PROMPT = Prompt((Message("system", "Be short."), Message("user", "What was the effective tax rate in 2022?")))
CANARY = "sk-canary-0123456789"


def _error(status: int, message: str = "no", **headers: str) -> Reply:
    return send(status, json.dumps({"error": {"message": message}}), **headers)


def _reader(url: str, *, retries: int = 2, timeout: float = 20.0) -> LLM:
    return build("m", base_url=url, retries=retries, timeout=timeout)


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    """Import llama-index once, which takes seconds, so that no test that measures time includes it."""
    with loopback(answer()) as server:
        _reader(server.url).complete(PROMPT, max_tokens=5)


def test_what_is_sent_is_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    with loopback(answer()) as server:
        completion = _reader(server.url).complete(PROMPT, max_tokens=17)
    call = server.calls[0]
    assert [(message["role"], message["content"]) for message in call["messages"]] == [  # type: ignore[attr-defined]
        ("system", "Be short."),
        ("user", "What was the effective tax rate in 2022?"),
    ]
    assert (call["model"], call["max_tokens"], call["temperature"]) == ("m", 17, 0.0)
    assert CANARY not in server.keys[0], "the key of a provider goes to no other address"
    assert (completion.prompt_tokens, completion.completion_tokens, completion.model) == (41, 7, "m at 127.0.0.1")


def test_the_key_for_a_server_comes_from_its_own_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIERCOMP_API_KEY", CANARY)
    with loopback(answer()) as server:
        _reader(server.url).complete(PROMPT, max_tokens=5)
    assert server.keys == [f"Bearer {CANARY}"]


@pytest.mark.parametrize("failing", [429, 500, 502, 503])
def test_a_failure_that_may_pass_is_tried_again(failing: int) -> None:
    with loopback(_error(failing, retry_after="0"), answer("Well.")) as server:
        assert _reader(server.url).complete(PROMPT, max_tokens=5).text == "Well."
    assert len(server.calls) == 2


@pytest.mark.timing
def test_retry_after_is_honoured() -> None:
    with loopback(_error(429, retry_after="1"), answer()) as server:
        start = monotonic()
        _reader(server.url).complete(PROMPT, max_tokens=5)
    assert 1.0 <= monotonic() - start < 10


@pytest.mark.timing
def test_a_wait_beyond_the_time_limit_is_not_begun() -> None:
    with loopback(_error(429, "slow down", retry_after="60")) as server:
        start = monotonic()
        with pytest.raises(TransientModelError, match="429 slow down"):
            _reader(server.url, timeout=5).complete(PROMPT, max_tokens=5)
    assert monotonic() - start < 5
    assert len(server.calls) == 1


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_tries_are_bounded(retries: int) -> None:
    with (
        loopback(_error(503, retry_after="0")) as server,
        pytest.raises(TransientModelError, match="503 no; try again later"),
    ):
        _reader(server.url, retries=retries).complete(PROMPT, max_tokens=5)
    assert len(server.calls) == retries + 1


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (_error(401, f"bad key {CANARY}"), r"401 bad key \*\*\*; check the key in HIERCOMP_API_KEY"),
        (_error(403), "403 no; check the key"),
        (_error(404, "no model m"), "404 no model m; check the model's name 'm' and the address"),
        (_error(400, "too long"), "400 too long$"),
        (_error(429, "insufficient_quota"), "429 insufficient_quota$"),
        (send(200, "<html>hello</html>", "text/html"), "the answer cannot be read.*most end in /v1"),
        (send(200, "{not json"), "the answer cannot be read"),
        (send(200, '{"choices": []}'), "the answer cannot be read"),
    ],
)
def test_a_failure_that_stays_is_one_line_and_no_retry(
    reply: Reply, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIERCOMP_API_KEY", CANARY)
    with loopback(reply) as server, pytest.raises(ModelError, match=message) as caught:
        _reader(server.url).complete(PROMPT, max_tokens=5)
    text = str(caught.value)
    assert "\n" not in text
    assert CANARY not in text
    assert CANARY not in repr(caught.value.__cause__)
    assert not isinstance(caught.value, TransientModelError)
    assert len(server.calls) == 1


def test_a_page_of_an_error_is_not_quoted() -> None:
    with (
        loopback(send(502, "<html>Bad Gateway</html>", "text/html")) as server,
        pytest.raises(TransientModelError, match=r"m at 127\.0\.0\.1: 502; try again later"),
    ):
        _reader(server.url, retries=0).complete(PROMPT, max_tokens=5)


def test_a_stream_that_breaks_off_is_an_error_and_never_repeated() -> None:
    pieces: list[str] = []
    with (
        loopback(stream("It was ", "14", reset=True)) as server,
        pytest.raises(ModelError, match="broke off after 9 characters"),
    ):
        _reader(server.url).complete(PROMPT, max_tokens=50, on_text=pieces.append)
    assert "".join(pieces) == "It was 14"
    assert len(server.calls) == 1


def test_a_stream_without_its_end_is_an_error() -> None:
    with (
        loopback(stream("It was ", finish=None)) as server,
        pytest.raises(ModelError, match="broke off after 7 characters"),
    ):
        _reader(server.url).complete(PROMPT, max_tokens=50, on_text=str)


def test_a_stream_without_text_is_an_error() -> None:
    with loopback(stream(finish=None)) as server, pytest.raises(ModelError, match="no text and no reason"):
        _reader(server.url).complete(PROMPT, max_tokens=50, on_text=str)


@pytest.mark.timing
def test_a_server_that_sends_a_byte_now_and_then_is_given_up() -> None:
    with loopback(trickle(8)) as server:
        start = monotonic()
        with pytest.raises(TransientModelError, match="no answer in time"):
            _reader(server.url, timeout=1.5).complete(PROMPT, max_tokens=5)
    assert monotonic() - start < 12  # the server itself ends after 8


def test_an_error_of_the_display_is_its_own() -> None:
    def refuse(piece: str) -> None:
        raise BrokenPipeError(piece)

    with loopback(stream("It was ", "14")) as server, pytest.raises(BrokenPipeError):
        _reader(server.url).complete(PROMPT, max_tokens=50, on_text=refuse)


@pytest.mark.parametrize(("reported", "warns"), [(9, True), (41, False), (0, False), (-3, False)])
def test_a_prompt_that_the_server_cut_is_noticed(reported: int, warns: bool) -> None:
    # The prompt has about 20 tokens by o200k_base, an approximation here. Less than 70 % of that means a cut prompt.
    with loopback(answer(prompt_tokens=reported)) as server:
        reader = _reader(server.url)
        completion = reader.complete(PROMPT, max_tokens=50)
    counted = reader.tokenizer.count_prompt(PROMPT.messages)
    assert counted > 9 / 0.7
    assert bool(completion.warnings) is warns
    assert completion.prompt_tokens == (reported if reported > 0 else counted)


def test_an_answer_that_is_longer_than_allowed_is_noticed() -> None:
    with loopback(answer(completion_tokens=30)) as server:
        completion = _reader(server.url).complete(PROMPT, max_tokens=20)
    assert completion.warnings == ("m at 127.0.0.1 wrote 30 tokens where 20 were allowed",)
    assert completion.stop_reason == "length"


def test_a_server_that_is_not_there_is_one_line() -> None:
    with loopback(answer()) as server:
        url = server.url
    with pytest.raises(ModelError, match="cannot be reached; start the server, or choose another model"):
        _reader(url).complete(PROMPT, max_tokens=5)


@pytest.fixture(scope="module")
def llama_cpp() -> Iterator[str]:
    """llama.cpp's own OpenAI-compatible server with the packaged model."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(models.assemble("local"))
    parameters.n_ctx = 512
    parameters.verbosity = -1
    server = xllamacpp.Server(parameters)
    yield f"{server.listening_address}/v1"
    del server


@pytest.mark.parametrize("streamed", [True, False])
def test_a_real_server_answers(llama_cpp: str, streamed: bool) -> None:
    pieces: list[str] = []
    text = "The tax rate was 14.8% in 2022. What was it? Answer with the number only."
    prompt = Prompt((Message("user", text),))
    reader = llms.build("qwen", base_url=llama_cpp)
    completion = reader.complete(prompt, max_tokens=16, on_text=pieces.append if streamed else None)
    assert "14.8" in completion.text
    assert "".join(pieces) == (completion.text if streamed else "")
    assert completion.prompt_tokens == llms.build("local").tokenizer.count_prompt(prompt.messages)
    assert completion.stop_reason == "stop"


@pytest.mark.parametrize("argument", [None, "openai", "openai/", "nix/model"])
def test_a_name_without_a_provider_or_model_is_refused(argument: str | None) -> None:
    with pytest.raises(ConfigError, match="write PROVIDER/MODEL"):
        build(argument)


def test_a_key_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ConfigError, match="set OPENAI_API_KEY"):
        build("openai/gpt-4o")


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="write it like http://localhost:8000/v1"):
        build("m", base_url="localhost:8000")


def test_a_model_is_counted_with_its_own_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    assert build("openai/gpt-4").tokenizer.name == "cl100k_base"
    assert build("openai/gpt-99").tokenizer.name == "o200k_base (approximates gpt-99)"


def test_an_integration_that_is_not_installed_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("hiercomp.llms.llama_index.distribution", missing)
    with pytest.raises(MissingExtraError, match=r"hiercomp\[ollama\]"):
        build("ollama/llama3.2")
