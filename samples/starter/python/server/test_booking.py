import unittest

from booking import server
from fastmcp import Client
from fastmcp.client.elicitation import ElicitResult


class BookTable(unittest.IsolatedAsyncioTestCase):
    async def call(self, mode: str, answer: ElicitResult, **arguments: str) -> str:
        async def elicit(*_question: object) -> ElicitResult:
            return answer

        async with Client(server, mode=mode, elicitation_handler=elicit) as client:
            return (await client.call_tool("book_table", arguments)).content[0].text

    async def test_both_protocol_eras(self) -> None:
        for mode in ("legacy", "auto"):
            with self.subTest(mode):
                lunch = ElicitResult(action="accept", content={"seating": "lunch"})
                self.assertEqual(await self.call(mode, lunch, name="Ana"), "Booked lunch for 2, under Ana.")
                self.assertEqual(await self.call(mode, ElicitResult(action="decline")), "Nothing was booked.")


if __name__ == "__main__":
    unittest.main()
