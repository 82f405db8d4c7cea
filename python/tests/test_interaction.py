"""Tools in memory, with the client of FastMCP, in both eras."""

import unittest
from typing import Any, Literal

from fastmcp import Client, FastMCP
from fastmcp.client.elicitation import ElicitResult
from fastmcp.exceptions import ToolError
from mcp.shared.exceptions import MCPError
from mcp.types import CreateMessageRequestParams, CreateMessageResult, SamplingMessage, TextContent
from pydantic import BaseModel, Field
from stateful_mcp_fastmcp import Declined, Interaction, interactive, request_state_security

ERAS = ("legacy", "auto")


class Order(BaseModel):
    dish: Literal["soup", "salad"]
    portions: int = Field(default=1, ge=1, le=4)


class Sure(BaseModel):
    sure: bool


def answering(*answers: ElicitResult):
    left = list(answers)

    async def elicit(message: str, response_type: Any, params: Any, context: Any) -> ElicitResult:
        return left.pop(0)

    return elicit


def accept(**content: Any) -> ElicitResult:
    return ElicitResult(action="accept", content=content)


def praise_of(dish: str) -> CreateMessageRequestParams:
    message = SamplingMessage(role="user", content=TextContent(type="text", text=f"Praise {dish}."))
    return CreateMessageRequestParams(messages=[message], max_tokens=10)


def lunch() -> FastMCP:
    server = FastMCP("lunch", request_state_security=request_state_security())
    drawn = iter(range(100))

    @server.tool
    @interactive
    async def order(io: Interaction, guest: str = "me") -> str:
        """Orders lunch."""
        number = await io.once(lambda: next(drawn))
        await io.progress(1, 2, "asking")
        try:
            chosen = await io.elicit_content("What?", Order)
            sure = await io.elicit_content(f"{chosen.portions} x {chosen.dish}?", Sure)
        except Declined as declined:
            return f"no lunch: {declined.action}"
        await io.progress(2, 2, "ordered")
        return f"{number}: {chosen.portions} x {chosen.dish} for {guest}, {sure.sure}"

    @server.tool
    @interactive
    async def praise(io: Interaction, fallback: bool) -> str:
        async def answer(request: CreateMessageRequestParams) -> CreateMessageResult:
            return CreateMessageResult(role="assistant", model="own", content=TextContent(type="text", text="well"))

        said = await io.sample(praise_of("soup"), answer if fallback else None)
        return f"{said.model}: {said.content.text}"

    @server.tool
    @interactive
    async def wavering(io: Interaction) -> str:
        await io.elicit(f"Question {next(drawn)}?", Sure)
        await io.elicit("And?", Sure)
        return "never"

    return server


class Tools(unittest.IsolatedAsyncioTestCase):
    async def call(self, mode: str, tool: str, arguments: dict[str, Any] | None = None, **handlers: Any) -> str:
        async with Client(lunch(), mode=mode, **handlers) as client:
            return (await client.call_tool(tool, arguments or {})).content[0].text

    async def test_a_whole_conversation(self) -> None:
        for mode in ERAS:
            with self.subTest(mode):
                steps: list[str] = []

                async def report(progress: float, total: float | None, message: str | None) -> None:
                    steps.append(message or "")

                answers = answering(accept(dish="soup"), accept(sure=True))
                said = await self.call(
                    mode, "order", {"guest": "Ana"}, elicitation_handler=answers, progress_handler=report
                )
                # Once drawn in all rounds, the default filled in, and no step told twice.
                self.assertEqual(said, "0: 1 x soup for Ana, True")
                self.assertEqual(steps, ["asking", "ordered"])

    async def test_refusals(self) -> None:
        for mode in ERAS:
            for action in ("decline", "cancel"):
                with self.subTest(f"{mode} {action}"):
                    answers = answering(accept(dish="soup"), ElicitResult(action=action))
                    self.assertEqual(await self.call(mode, "order", elicitation_handler=answers), f"no lunch: {action}")

    async def test_an_answer_that_does_not_fit_its_form(self) -> None:
        for mode in ERAS:
            # The SDK checks it by the schema in the legacy era alone, and that is an error of the protocol.
            with self.subTest(mode), self.assertRaisesRegex((ToolError, MCPError), "portions|maximum of 4"):
                await self.call(mode, "order", elicitation_handler=answering(accept(dish="soup", portions=9)))

    async def test_sampling(self) -> None:
        async def sample(messages: Any, params: Any, context: Any) -> str:
            return messages[0].content.text

        for mode in ERAS:
            with self.subTest(mode):
                said = await self.call(mode, "praise", {"fallback": True}, sampling_handler=sample)
                self.assertRegex(said, "Praise soup.$")
                self.assertEqual(await self.call(mode, "praise", {"fallback": True}), "own: well")

    async def test_a_client_without_the_capability(self) -> None:
        for mode in ERAS:
            for tool, arguments in (("order", {}), ("praise", {"fallback": False})):
                with self.subTest(f"{mode} {tool}"), self.assertRaisesRegex(ToolError, "this client does not offer"):
                    await self.call(mode, tool, arguments)

    async def test_a_handler_that_asks_something_else_in_each_round(self) -> None:
        answers = answering(accept(sure=True), accept(sure=True))
        with self.assertRaisesRegex(ToolError, "asked something else than in the round before"):
            await self.call("auto", "wavering", elicitation_handler=answers)

    async def test_what_a_client_sees_of_a_tool(self) -> None:
        async with Client(lunch()) as client:
            [tool] = [one for one in await client.list_tools() if one.name == "order"]
        self.assertEqual(list(tool.input_schema["properties"]), ["guest"])
        self.assertEqual(tool.output_schema["properties"]["result"]["type"], "string")
        self.assertEqual(tool.description, "Orders lunch.")


class Mistakes(unittest.TestCase):
    def test_a_handler_without_an_interaction(self) -> None:
        async def handler(word: str) -> str:
            return word

        with self.assertRaisesRegex(TypeError, "`handler` needs one parameter of type `Interaction`, got 0"):
            interactive(handler)


if __name__ == "__main__":
    unittest.main()
