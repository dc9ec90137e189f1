from itertools import takewhile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hiercomp import Config, Pipeline, prompts, tokenizers
from hiercomp.planning._lines import Shown, parse

QUOTED = st.text(st.sampled_from('"\n a'), max_size=40) | st.text(max_size=40)


def fence_of(body):
    return next(line for line in body.splitlines() if line.startswith('"""'))


@given(text=QUOTED)
def test_a_document_cannot_close_its_own_fence(text):
    made = [prompts.ask("Why?", text), prompts.compress(text, 50)]
    if text:
        made += [prompts.second_look("Why?", text), prompts.plan("Why?", text), prompts.plan("Why?", text, again=True)]
    for message in (prompt.messages[-1] for prompt in made):
        fence = fence_of(message.content)
        assert fence not in text
        assert message.content.count(f"\n{fence}") + message.content.startswith(fence) == 2
        assert f"{fence}\n{text}\n{fence}" in message.content


def test_the_excerpts_come_before_the_question():
    first, second = (prompts.ask(question, "[1] p. 3\nThe rate was 14 %.").messages for question in ("Why?", "When?"))
    assert [message.role for message in first] == ["system", "user", "assistant", "user"]
    assert first[-1].content == '"""\n[1] p. 3\nThe rate was 14 %.\n"""\n\nWhy?'
    assert second[-1].content == first[-1].content.removesuffix("Why?") + "When?"
    assert first[:-1] == second[:-1]


def test_what_was_not_found_is_named_in_one_line_between_the_excerpts_and_the_question():
    missing = ("Note 4:\n debt  maturities", "the price of steel, " * 5)
    body = prompts.ask("Why?", "[1] p. 3\nThe rate was 14 %.", missing=missing).messages[-1].content
    excerpts = prompts.ask("Why?", "[1] p. 3\nThe rate was 14 %.").messages[-1].content.removesuffix("Why?")
    # A long need is cut after 60 characters: three times 20 of "the price of steel, ", less the blank at the end.
    named = f"Note 4: debt maturities; {('the price of steel, ' * 3).rstrip()}…"
    assert body == f"{excerpts}Nothing was found about: {named}.\n\nWhy?"


@given(text=QUOTED, missing=st.lists(QUOTED, min_size=1, max_size=3))
def test_a_need_cannot_open_a_fence(text, missing):
    body = prompts.ask("Why?", text, missing=missing).messages[-1].content
    fence = fence_of(body)
    (line,) = (line for line in body.removesuffix("\n\nWhy?").rpartition(f"\n{fence}\n\n")[2].split("\n"))
    assert line.startswith("Nothing was found about: ")


def test_questions_on_a_document_that_fits_share_all_but_themselves():
    call = Path(__file__).parents[1] / "data" / "tarnholt_q4_2025_call.md"
    questions = ("What was said about the clean room?", "Why did margins fall in the quarter?")
    count = tokenizers.build().count

    def shared(budget):
        """Count the tokens of two prompts, and those of their common prefix."""
        contexts = [(question, pipeline.explain(question, budget=budget).context) for question in questions]
        prompt_texts = [
            "\n".join(message.content for message in prompts.ask(question, context.text, context.parts).messages)
            for question, context in contexts
        ]
        same = takewhile(lambda pair: pair[0] == pair[1], zip(*prompt_texts, strict=False))
        return [count(text) for text in prompt_texts], count("".join(character for character, _ in same))

    config = Config(model="extractive", embedding="hashing", cache=False)
    with Pipeline(call, config=config) as pipeline:
        assert pipeline.explain(questions[0], budget=3000).context.token_count > 2000
        sizes, common = shared(3000)
        assert all(size - common <= 8 for size in sizes)  # a question has seven or eight tokens
        # These excerpts depend on the question, so only the system text and the example before them are shared.
        sizes, common = shared(1000)
        assert 100 < common < min(sizes) / 2


def test_the_example_has_the_form_of_a_question_and_of_its_answer():
    asked, answered = prompts.EXAMPLE
    assert (
        asked.content
        == prompts.ask("What were widget sales in 2024?", asked.content.split('"""')[1].strip()).messages[-1].content
    )
    assert answered.content.endswith("[1].")


def test_a_prompt_keeps_what_it_was_made_from():
    prompt = prompts.ask("Why?", "text", ())
    assert (prompt.question, prompt.parts) == ("Why?", ())
    assert prompts.compress("text", 20).question == ""


def test_a_call_that_shortens_names_its_limit():
    system, user = prompts.compress("the {words}", 40).messages
    assert "at most 40 words" in system.content
    assert user.content == '"""\nthe {words}\n"""'


def test_the_outline_comes_before_the_question():
    first, second = (prompts.plan(question, "[1] p. 3 Taxes").messages for question in ("Why?", "When?"))
    assert [message.role for message in first] == ["system", "user", "assistant", "user"]
    assert first[-1].content == '"""\n[1] p. 3 Taxes\n"""\n\nWhy?'
    assert second[-1].content == first[-1].content.removesuffix("Why?") + "When?"
    assert first[:-1] == second[:-1]


def test_a_second_try_only_adds_a_reminder():
    first, again = (prompts.plan("Why?", "[1] Taxes", again=again).messages for again in (False, True))
    assert again[:-1] == first[:-1]
    assert again[-1].content == f"{first[-1].content}\n\n{prompts.PLAN_AGAIN}"


def test_the_example_of_a_plan_has_the_form_of_a_prompt_and_of_search_lines():
    outline, question, lines = prompts.PLAN_EXAMPLE
    _, asked, planned, _ = prompts.plan("Why?", "[1] Taxes").messages
    assert asked.content == prompts.plan(question, outline).messages[-1].content
    needs = parse(planned.content, Shown(outline, {1: (), 2: ("income",), 3: ("debt",)}), known=(question,))
    assert [(need.text, need.node_ids) for need in needs] == list(zip(lines, [("income",), ("debt",)], strict=True))


def test_without_an_outline_the_example_has_none_either():
    system, asked, planned, body = prompts.plan("Why?", "").messages
    assert "outline" not in system.content
    assert (asked.content, planned.content) == (prompts.PLAN_EXAMPLE[1], "\n".join(prompts.PLAN_EXAMPLE[2]))
    assert body.content == "Why?"


def test_the_example_of_a_second_look_has_the_form_of_a_prompt_and_of_a_search_line():
    asked, missing = prompts.SECOND_LOOK_EXAMPLE
    context, question = asked.content.removeprefix('"""\n').split('\n"""\n\n')
    assert asked.content == prompts.second_look(question, context).messages[-1].content
    assert len(parse(missing.content, Shown(context, {}), known=(question,))) == 1


def test_a_document_of_quotes_takes_no_time():
    body = prompts.ask("Why?", '"' * 200_000).messages[-1].content
    assert len(fence_of(body)) == 200_001
