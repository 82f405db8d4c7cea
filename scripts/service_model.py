"""Writes what the service model of AgentCore says of runtimes, endpoints and gateways, from the newest botocore on PyPI.

python3 scripts/service_model.py, after which test/lib/service-model.test.ts names the members that are new, and
test/lib/gateway/gateway-model.test.ts what the templates say that the service does not take.
"""

import gzip
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

OPERATIONS = [
    "CreateAgentRuntime",
    "UpdateAgentRuntime",
    "CreateAgentRuntimeEndpoint",
    "UpdateAgentRuntimeEndpoint",
]
# Of these, the shapes are kept, with their patterns and limits.
GATEWAY_OPERATIONS = ["CreateGateway", "CreateGatewayTarget", "CreateGatewayRule"]
DATA = pathlib.Path(__file__).parent.parent / "test/lib/data"
LIMITS = ["type", "union", "required", "enum", "pattern", "min", "max"]


def newest_wheel(directory):
    """Downloads the wheel, and returns its path."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--dest", directory, "botocore"], check=True)
    return next(pathlib.Path(directory).glob("botocore-*.whl"))


def model_in(wheel):
    with zipfile.ZipFile(wheel) as archive:
        [name] = [
            name
            for name in archive.namelist()
            if re.search(r"/bedrock-agentcore-control/[0-9-]+/service-2\.json\.gz$", name)
        ]
        return json.loads(gzip.decompress(archive.read(name)))


def leaves(shapes, name, path):
    """The members that hold a value, with those of a list behind `[]`."""
    shape = shapes[name]
    if shape["type"] == "structure":
        for member, target in shape["members"].items():
            yield from leaves(shapes, target["shape"], f"{path}.{member}" if path else member)
    elif shape["type"] == "list" and shapes[shape["member"]["shape"]]["type"] == "structure":
        yield from leaves(shapes, shape["member"]["shape"], f"{path}[]")
    else:
        yield path


def shapes_of(shapes, name, found):
    """Everything that a shape refers to, without what is only said of it."""
    if name in found:
        return
    shape = shapes[name]
    kept = {key: shape[key] for key in LIMITS if key in shape}
    found[name] = kept
    if "members" in shape:
        kept["members"] = {member: target["shape"] for member, target in shape["members"].items()}
    parts = {part: shape[part]["shape"] for part in ["member", "key", "value"] if part in shape}
    kept.update(parts)
    for target in [*kept.get("members", {}).values(), *parts.values()]:
        shapes_of(shapes, target, found)


def write(name, content):
    (DATA / name).write_text(json.dumps(content, indent=2) + "\n")


def main():
    with tempfile.TemporaryDirectory() as directory:
        wheel = newest_wheel(directory)
        model = model_in(wheel)
        version = wheel.name.split("-")[1]
    members = {
        operation: list(leaves(model["shapes"], model["operations"][operation]["input"]["shape"], ""))
        for operation in OPERATIONS
    }
    write("service-model.json", {"botocore": version, "members": members})

    inputs = {operation: model["operations"][operation]["input"]["shape"] for operation in GATEWAY_OPERATIONS}
    shapes = {}
    for shape in inputs.values():
        shapes_of(model["shapes"], shape, shapes)
    write("gateway-model.json", {"botocore": version, "inputs": inputs, "shapes": dict(sorted(shapes.items()))})


main()
