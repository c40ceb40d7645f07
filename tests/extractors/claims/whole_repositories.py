"""Small repositories whose whole tree is read: what a complete list of tools and stated lines leave open."""

import json

_SDK = {"@modelcontextprotocol/sdk": "1", "zod": "3"}
_START = '{"mcpServers": {"NAME": {"command": "npx", "args": ["-y", "NAME"], "env": {"NAME_API_KEY": "..."}}}}'
_CONTAINER = '{"mcpServers": {"NAME": {"command": "docker", "args": ["run", "-i", "--rm", "acme/NAME"]}}}'


def _repository(name: str, said: str, block: str, tools: dict[str, str]) -> dict[str, str]:
    lines = "\n".join(f"- `{tool}`: {text}" for tool, text in tools.items())
    calls = "\n".join(
        f"server.tool({json.dumps(tool)}, {json.dumps(text)}, {{}}, async () => ({{ content: [] }}));"
        for tool, text in tools.items()
    )
    return {
        "README.md": f"# {name.title()}\n\n{said}\n\n```json\n{block.replace('NAME', name)}\n```\n\n"
        f"## Tools\n\n{lines}\n",
        "package.json": json.dumps({"name": name, "version": "1.0.0", "dependencies": _SDK}, indent=1),
        "src/index.ts": 'import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";\n'
        f'const server = new McpServer({{ name: "{name}", version: "1.0.0" }});\n{calls}\n'
        "await server.connect(new StdioServerTransport());\n",
    }


REPOSITORIES: dict[str, dict[str, str]] = {
    "tides": _repository(
        "tides",
        "Tides is an MCP server that reads the tide tables of your harbour.",
        _START,
        {"list_stations": "Lists the stations of your account", "get_tide": "Gets the tide at one station"},
    ),
    "berths": _repository(
        "berths",
        "Berths is an MCP server for the berths of one harbour.\n\nAsk your AI assistant to:\n\n"
        "- `READ_ONLY_MODE`: Set to true to disable write operations",
        _START,
        {
            "get_comments": "Gets the comments on a berth",
            "update_berth": "Updates one berth",
            "list_berths": "Lists berths",
        },
    ),
    "locks": _repository(
        "locks",
        "Locks is an MCP server that tells the state of locks on a canal.\n\n"
        "Locks asks for your approval before each action. "
        "All tools are strictly read-only.\n\n**Read-only mode** prevents write operations.",
        _CONTAINER,
        {"list_locks": "Lists the locks of your workspace", "get_lock_comments": "Gets the comments on one lock"},
    ),
}
