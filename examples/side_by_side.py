"""Ask two questions at the same time over one index, and print an answer while it is written."""

import asyncio

import hiercomp


async def main() -> None:
    """Ask about the demo report."""
    questions = ("How many employees are there?", "How many jobs did the closure of the plant end?")
    async with hiercomp.AsyncPipeline(
        "data/tarnholt_2025_annual_report.pdf", config=hiercomp.Config(model="extractive")
    ) as pipeline:
        for answer in await asyncio.gather(*(pipeline.ask(question, budget=600) for question in questions)):
            print(str(answer).splitlines()[0])
        async for piece in pipeline.stream("What was the effective tax rate of 2025?", budget=600):
            if isinstance(piece, hiercomp.Answer):
                print(f"\n{len(piece.citations)} citations checked")
            else:
                print(piece, end="", flush=True)


asyncio.run(main())
