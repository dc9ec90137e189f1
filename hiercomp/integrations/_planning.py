"""The planners that a user gives to an adapter: a function, or a chat model of the framework."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from hiercomp import planning, registry, tokenizers
from hiercomp.allocation.allowance import AllowedReader
from hiercomp.cancellation import GivenUpError, end_if_given_up
from hiercomp.config import Config
from hiercomp.errors import ConfigError, ModelError
from hiercomp.planning.rules import build as build_rules
from hiercomp.ports import LLM, Outline, Planner, Tokenizer
from hiercomp.text.question import strip_instructions
from hiercomp.types import CALLER, Completion, Message, Need, Plan, Prompt

Lines = Callable[[str], Sequence[str]]
"""A function from a question to its plan: lines in the words that a document would use."""
CONTEXT_WINDOW = 8_000
"""The tokens that every chat model is assumed to hold. A plan takes fewer than 2,500."""
MAX_PLANS = 64
_logger = logging.getLogger(__name__)


class StackPlanner:
    """A planner that never fails: if the planner of the user's stack does, the rules plan, and a warning is logged."""

    def __init__(self, planner: Planner, rules: Planner) -> None:
        self._planner = planner
        self._rules = rules

    def plan(self, question: str, outline: Outline) -> Plan:
        """Return the plan of the user's planner, or else that of the rules with a warning."""
        try:
            plan = self._planner.plan(question, outline)
        except GivenUpError:
            raise
        except Exception as error:  # a planner can raise anything, and a plan is not worth an answer
            warning = f"the planner failed with {type(error).__name__}: {error}; the rules planned instead"
            plan = self._rules.plan(question, outline).warned(warning)
        for warning in plan.warnings:
            _logger.warning("%s", warning)
        return plan


class FunctionPlanner:
    """A planner that calls a function of the user."""

    def __init__(self, function: Lines, rules: Planner) -> None:
        self._function = function
        self._rules = rules

    def plan(self, question: str, outline: Outline) -> Plan:
        """Return the lines of the function as a plan; the plan of the rules if the function returns no lines.

        Raises:
            ConfigError: the function returns anything else than texts.
        """
        lines = self._function(question)
        is_list = isinstance(lines, Sequence) and not isinstance(lines, str)
        if not is_list or not all(isinstance(line, str) for line in lines):
            raise ConfigError(f"a planner returns a list of texts, not {lines!r}")
        needs = [Need(line) for line in lines if line.strip()]
        return Plan.of(strip_instructions(question), needs, CALLER) if needs else self._rules.plan(question, outline)


class RememberedPlans:
    """A planner that asks another planner once for a question, because an agent comes back to the same one many times.

    The plans of the last `MAX_PLANS` questions are kept.
    """

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._plans: dict[str, Plan] = {}

    def plan(self, question: str, outline: Outline) -> Plan:
        """Return the plan that the other planner wrote for the question."""
        if question not in self._plans:
            plan = self._planner.plan(question, outline)
            self._plans = dict([*self._plans.items(), (question, plan)][-MAX_PLANS:])
            return plan
        return self._plans[question]


class StackReader:
    """A chat model of a framework, as a reader that writes plans."""

    context_window = CONTEXT_WINDOW

    def __init__(self, name: str, call: Callable[[Sequence[Message]], str], config: Config) -> None:
        """Take the model's name, and a function that calls the model and returns its text."""
        self.name = name
        self.tokenizer = tokenizer_of(name, config)
        self._call = call

    def complete(self, prompt: Prompt, *, max_tokens: int, on_text: Callable[[str], None] | None = None) -> Completion:
        """Return the model's answer. The frameworks have no common parameter for its length.

        Raises:
            ModelError: the model failed.
        """
        end_if_given_up()
        try:
            text = self._call(prompt.messages)
        except Exception as error:  # each framework and provider has its own exceptions
            raise ModelError(f"{self.name}: {type(error).__name__}: {error}") from error
        if on_text:
            on_text(text)
        return Completion(
            text=text,
            prompt_tokens=self.tokenizer.count_prompt(prompt.messages),
            completion_tokens=self.tokenizer.count(text),
            model=self.name,
        )


def function_planner(function: Lines, config: Config) -> Planner:
    """Return a planner that calls a function of the user."""
    rules = build_rules(playbook=config.playbook)
    return StackPlanner(FunctionPlanner(function, rules), rules)


def model_planner(reader: Callable[[], LLM], config: Config) -> Planner:
    """Return a planner that asks a model of the user's stack. `reader` is called for each plan.

    With the setting `total`, a plan may take the tokens that the budget leaves of the total.
    """

    def allowed() -> LLM:
        if config.total is None or not isinstance(config.budget, int):
            return reader()
        return AllowedReader(reader(), config.total - config.budget)

    asking = planning.build(planning.READER, reader=allowed, playbook=config.playbook)
    return StackPlanner(asking, build_rules(playbook=config.playbook))


def tokenizer_of(model: str, config: Config) -> Tokenizer:
    """Build the tokenizer of the settings, else that of a model by its name, else o200k_base as an approximation."""
    if config.tokenizer:
        return tokenizers.build(config.tokenizer, cache_dir=config.cache_dir)
    try:
        return tokenizers.build(f"tiktoken/{model}")
    except ConfigError:
        default = f"tiktoken/{tokenizers.DEFAULT}"
        built = registry.component(tokenizers.FAMILY, default, {"approximates": model})
        if not isinstance(built, Tokenizer):
            raise registry.wrong_component(tokenizers.FAMILY, default, built, "Tokenizer") from None
        return built
