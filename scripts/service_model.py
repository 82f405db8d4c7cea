"""Writes what the service model of AgentCore says of runtimes and endpoints, from the newest botocore on PyPI.

python3 scripts/service_model.py, after which test/lib/service-model.test.ts names the members that are new.
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
TARGET = pathlib.Path(__file__).parent.parent / "test/lib/data/service-model.json"


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


def main():
    with tempfile.TemporaryDirectory() as directory:
        wheel = newest_wheel(directory)
        model = model_in(wheel)
        version = wheel.name.split("-")[1]
    members = {
        operation: list(leaves(model["shapes"], model["operations"][operation]["input"]["shape"], ""))
        for operation in OPERATIONS
    }
    TARGET.write_text(json.dumps({"botocore": version, "members": members}, indent=2) + "\n")


main()
