"""An MCP client that gets the passages of a report for a question, and then the text around one of them."""

import asyncio

from mcp import Client, StdioServerParameters

SERVER = StdioServerParameters(command="hiercomp", args=["mcp", "data"])
REPORT = "tarnholt_2025_annual_report.pdf"


async def main() -> None:
    """Start a server and call two of its tools."""
    async with Client(SERVER) as client:

        async def call(tool: str, **arguments: object) -> str:
            result = await client.call_tool(tool, arguments)
            return "\n".join(block.text for block in result.content)

        found = await call("compress", path=REPORT, question="Why did the effective tax rate rise?", budget=250)
        print(found)
        print("---")
        part = found.split()[-1]
        print(await call("expand", part=part, budget=200))


asyncio.run(main())
