import unittest

from stateful_mcp_fastmcp.settings import Settings, settings_of


class FromTheEnvironment(unittest.TestCase):
    def test_defaults_are_those_of_the_platform(self) -> None:
        self.assertEqual(settings_of({"PORT": ""}), Settings("0.0.0.0", 8000, "/mcp", 900))

    def test_wrong_values_are_named(self) -> None:
        for variable, value in (
            ("PORT", "eighty"),
            ("PORT", "65536"),
            ("STATEFUL_MCP_PATH", "mcp"),
            ("STATEFUL_MCP_PATH", "/ping"),
            ("STATEFUL_MCP_PATH", "/warmup"),
            ("STATEFUL_MCP_IDLE_TIMEOUT_SECONDS", "0"),
        ):
            with self.subTest(variable), self.assertRaisesRegex(ValueError, f"`{variable}` must .*got \"{value}\""):
                settings_of({variable: value})


if __name__ == "__main__":
    unittest.main()
