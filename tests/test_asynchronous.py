import asyncio
import time
from pathlib import Path

import pytest

import hiercomp
from hiercomp import Answer, AsyncPipeline, BudgetError, Config, Pipeline

REPORT = Path(__file__).parents[1] / "data" / "tarnholt_2025_annual_report.pdf"
QUESTION = "What were the operating lease liabilities in total at December 31, 2025?"
OTHER = "How did the effective tax rate change in 2025?"
QUICK = Config(model="extractive", cache=False)


def test_the_same_comes_of_awaiting_as_of_calling() -> None:
    async def awaited():
        async with AsyncPipeline(REPORT, config=QUICK) as pipeline:
            return (
                await pipeline.compress(QUESTION, budget=500),
                await pipeline.fit(QUESTION, budget=500),
                await pipeline.explain(QUESTION, budget=900),
                await pipeline.ask(QUESTION, budget=900),
                await pipeline.rank(QUESTION),
                await pipeline.hierarchy(),
            )

    context, run, explained, answer, ranking, hierarchy = asyncio.run(awaited())
    with Pipeline(REPORT, config=QUICK) as pipeline:
        assert context.text == pipeline.compress(QUESTION, budget=500).text
        assert run.context == context
        assert explained.context == pipeline.explain(QUESTION, budget=900).context
        assert answer.text == pipeline.ask(QUESTION, budget=900).text
        assert ranking == pipeline.rank(QUESTION)
        assert hierarchy == pipeline.hierarchy


def test_every_method_takes_the_callers_plan() -> None:
    needs = ["Revenue by segment: Flow, Analytics, Services", "Number of employees"]

    async def awaited():
        async with AsyncPipeline(REPORT, config=QUICK) as pipeline:
            streamed = [piece async for piece in pipeline.stream(QUESTION, budget=900, plan=needs)][-1]
            return (
                (await pipeline.compress(QUESTION, budget=500, plan=needs)).text,
                (await pipeline.fit(QUESTION, budget=500, plan=needs)).context.text,
                await pipeline.rank(QUESTION, plan=needs),
                [
                    (await pipeline.explain(QUESTION, budget=900, plan=needs)).plan,
                    (await pipeline.ask(QUESTION, budget=900, plan=needs)).run.plan,
                    streamed.run.plan,
                ],
            )

    compressed, fitted, ranking, plans = asyncio.run(awaited())
    with Pipeline(REPORT, config=QUICK) as pipeline:
        assert compressed == fitted == pipeline.compress(QUESTION, budget=500, plan=needs).text
        assert ranking == pipeline.rank(QUESTION, plan=needs) != pipeline.rank(QUESTION)
    assert {plan.texts for plan in plans} == {(QUESTION, *needs)}
    assert hiercomp.compress(REPORT, QUESTION, budget=500, plan=needs, model="extractive", cache=False).text == fitted
    answer = hiercomp.ask(REPORT, QUESTION, budget=900, plan=plans[0], model="extractive", cache=False)
    assert answer.run.plan == plans[0]


def test_questions_side_by_side_share_one_index() -> None:
    loads: list[int] = []

    def observe(stage: str, done: int, total: int) -> None:
        if stage == "load":
            loads.append(done)

    async def asked() -> list[Answer]:
        async with AsyncPipeline(REPORT, config=QUICK, observer=observe) as pipeline:
            return await asyncio.gather(*(pipeline.ask((QUESTION, OTHER)[n % 2], budget=900) for n in range(12)))

    answers = asyncio.run(asked())
    assert len(loads) == 1
    assert {answer.text for answer in answers[::2]} != {answer.text for answer in answers[1::2]}
    assert len({answer.text for answer in answers[::2]}) == len({answer.text for answer in answers[1::2]}) == 1


@pytest.mark.timing
def test_the_event_loop_goes_on_while_a_document_is_read() -> None:
    async def longest_wait() -> float:
        async with AsyncPipeline(REPORT, config=QUICK) as pipeline:
            asking = asyncio.create_task(pipeline.fit(QUESTION, budget=500))
            longest = 0.0
            while not asking.done():
                start = time.perf_counter()
                await asyncio.sleep(0.001)
                longest = max(longest, time.perf_counter() - start)
            whole = sum(seconds for stage, seconds in (await asking).ledger.seconds if stage == "total")
            return longest / whole

    assert asyncio.run(longest_wait()) < 0.9


def test_an_answer_comes_in_pieces_and_then_whole() -> None:
    async def streamed() -> list[str | Answer]:
        async with AsyncPipeline(REPORT, config=QUICK) as pipeline:
            return [piece async for piece in pipeline.stream(QUESTION, budget=900)]

    *pieces, answer = asyncio.run(streamed())
    assert "".join(pieces) == str(answer)
    assert [citation.supported for citation in answer.citations] == [True] * len(answer.citations) != []


def test_an_error_reaches_who_awaits() -> None:
    async def refused() -> None:
        async with AsyncPipeline(REPORT, config=QUICK) as pipeline:
            with pytest.raises(BudgetError):
                await pipeline.ask(QUESTION, budget=20)
            with pytest.raises(BudgetError):
                [piece async for piece in pipeline.stream(QUESTION, budget=20)]

    asyncio.run(refused())


def test_a_call_that_is_given_up_stops_at_its_next_step() -> None:
    stages: list[str] = []

    async def given_up() -> float:
        started = asyncio.Event()
        loop = asyncio.get_running_loop()

        def observe(stage: str, done: int, total: int) -> None:
            stages.append(stage)
            if stage == "load":
                loop.call_soon_threadsafe(started.set)
                time.sleep(0.2)  # as long as it takes to be given up

        async with AsyncPipeline(REPORT, config=QUICK, observer=observe) as pipeline:
            asking = asyncio.create_task(pipeline.ask(QUESTION, budget=900))
            await started.wait()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking

    asyncio.run(given_up())  # waits for the thread
    assert stages[-1] == "load"
    assert "reason" not in stages
