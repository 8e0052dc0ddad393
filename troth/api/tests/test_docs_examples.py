"""The examples of docs/api.md work, in their order."""

import json
import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"
EXAMPLE = re.compile(r"```http\n(.*?)```\s*```json (\d+)\n(.*?)```", re.DOTALL)


def matches(expected, found):
    """Tell whether all that is expected is there: "…" stands for any text, objects may hold more."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(matches(one, found.get(name)) for name, one in expected.items())
    if isinstance(expected, list):
        return len(expected) == len(found) and all(map(matches, expected, found))
    return isinstance(found, str) and bool(found) if expected == "…" else expected == found


def test_every_example_answers_as_it_says(api):
    text = PAGE.read_text(encoding="utf-8")
    examples = EXAMPLE.findall(text)
    assert len(examples) == text.count("```http") == 18
    for request, status, expected in examples:
        head, _blank, body = request.partition("\n\n")
        (method, path), *headers = [line.split(maxsplit=1) for line in head.splitlines()]
        sent = {name.rstrip(":"): value for name, value in headers}
        sent |= {"Authorization": f"Bearer {api.key}"}
        response = api.client.generic(method, path, body.encode(), content_type="application/json", headers=sent)
        assert response.status_code == int(status), (request, response.content.decode())
        assert matches(json.loads(expected), response.json()), (request, response.content.decode())
