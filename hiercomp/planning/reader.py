"""Plans by a reader: one small call, in which the model sees the question and the outline of the documents.

The model writes 1 to 4 search lines in the words that the documents would use, and may name the sections to open. If
it writes nothing usable in two tries, or fails, the rules plan instead, and the plan says why. After the first
context, a second look asks the same way which evidence is still missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from hiercomp import prompts
from hiercomp.cancellation import end_if_given_up
from hiercomp.errors import ConfigError, ModelError
from hiercomp.planning._lines import Shown, parse
from hiercomp.planning.rules import Rules
from hiercomp.planning.rules import build as build_rules
from hiercomp.ports import LLM, Outline
from hiercomp.text.question import strip_instructions
from hiercomp.types import Completion, Context, Need, Plan, Prompt

OUTLINE_TOKENS = 1_500
"""The most tokens of the outline. A larger outline is read with less care, and costs more than the answer's context."""
MAX_TOKENS = 250
"""The most tokens that the model may write: four lines of about 60."""
SECOND_LOOK = "second look"
"""The reason of a need that the reader named after the first context."""
NOTHING_MISSING = "none"


class ReaderPlanner:
    """The planner `reader`."""

    def __init__(self, reader: Callable[[], LLM], rules: Rules) -> None:
        self._reader = reader
        self._rules = rules

    def plan(self, question: str, outline: Outline) -> Plan:
        """Ask the reader for the plan of a question. The needs of the playbooks follow its lines.

        A request for a summary of everything has no needs, and the reader is not asked.

        Raises:
            ConfigError: the reader only quotes.
        """
        reader = able(self._reader())
        by_rules = self._rules.plan(question, outline)
        if not by_rules.needs:
            return by_rules
        subject = strip_instructions(question)
        shown = _fitting(reader, question, outline)
        needs: list[Need] = []
        completions: list[Completion] = []
        problem = "it wrote no usable line"
        try:
            for again in (False, True):
                prompt = prompts.plan(question, shown.text, again=again)
                completions.append(_complete(reader, prompt))
                needs = parse(_whole_lines(completions[-1]), shown, known=(question, subject, *prompts.PLAN_EXAMPLE[2]))
                if needs:
                    break
        except ModelError as error:
            problem = str(error)
        if not needs:
            warning = f"{reader.name} wrote no plan: {problem}; the rules planned instead"
            return _charged(by_rules.warned(warning), reader, completions)
        plan = Plan.of(subject, [*needs, *self._rules.known_needs(subject, outline)], reader.name)
        return _charged(replace(plan, is_global=by_rules.is_global), reader, completions)


def extend(plan: Plan, reader: LLM, question: str, context: Context) -> Plan:
    """Ask a reader which evidence a context lacks; return the plan with the needs that it names.

    The needs of the plan stay the same if nothing is missing. If the call fails, the plan gets a warning.

    Args:
        plan: The plan that the context was made for.
        reader: The reader.
        question: The question.
        context: The context.

    Raises:
        ConfigError: the reader only quotes.
    """
    prompt = prompts.second_look(question, context.text, context.parts)
    try:
        completion = _complete(able(reader), prompt)
    except ModelError as error:
        return plan.warned(f"{reader.name} took no second look: {error}")
    answer = _whole_lines(completion)
    charged = _charged(plan, reader, [completion])
    if answer.strip(" .\n").casefold() == NOTHING_MISSING:
        return charged
    needs = parse(answer, Shown.excerpts(context), known=(question, *plan.texts), reason=SECOND_LOOK)
    if not needs:
        return charged.warned(f"{reader.name} named nothing new in its second look")
    return replace(charged, needs=(*plan.needs, *needs))


def able(reader: LLM) -> LLM:
    """Return a reader that can write a plan.

    Raises:
        ConfigError: the reader only quotes.
    """
    if reader.name == "extractive":
        raise ConfigError(
            "the reader 'extractive' only quotes, so that it cannot plan or take a second look; "
            "choose another --model, or the planner rules and passes 1"
        )
    return reader


def build(argument: str | None = None, *, reader: Callable[[], LLM], playbook: Path | None = None) -> ReaderPlanner:
    """Build the planner. It takes no argument and asks the reader of the run.

    Raises:
        ConfigError: an argument is given, or the playbook cannot be read.
    """
    if argument is not None:
        raise ConfigError(f"the planner reader takes no argument, not {argument!r}; the reader is set by --model")
    return ReaderPlanner(reader, build_rules(playbook=playbook))


def _fitting(reader: LLM, question: str, outline: Outline) -> Shown:
    """Return the largest outline with which a call fits the context window: all of it, half of it, or nothing."""
    room = reader.context_window - MAX_TOKENS

    def count(text: str) -> int:
        return reader.tokenizer.count_prompt(prompts.plan(question, text, again=True).messages)

    limit = min(OUTLINE_TOKENS, room - count("[1]"))
    for tokens in (limit, limit // 2):  # the outline may be counted by another tokenizer than the reader's
        shown = Shown.outline(outline.render(tokens)) if tokens > 0 else None
        if shown and count(shown.text) <= room:
            return shown
    return Shown("", {})


def _complete(reader: LLM, prompt: Prompt) -> Completion:
    end_if_given_up()
    return reader.complete(prompt, max_tokens=MAX_TOKENS)


def _whole_lines(completion: Completion) -> str:
    """Return the text of a completion without a line that the limit cut, unless it is the only one."""
    lines = completion.text.strip().splitlines()
    return "\n".join(lines[:-1] if completion.stop_reason == "length" and len(lines) > 1 else lines)


def _charged(plan: Plan, reader: LLM, completions: Sequence[Completion]) -> Plan:
    """Return a plan with the tokens and the warnings of the calls that were made for it."""
    return replace(
        plan,
        reader=reader.name,
        prompt_tokens=plan.prompt_tokens + sum(completion.prompt_tokens for completion in completions),
        completion_tokens=plan.completion_tokens + sum(completion.completion_tokens for completion in completions),
        warnings=(*plan.warnings, *(warning for completion in completions for warning in completion.warnings)),
    )
