"""The control plane of the local runtime, as CloudFormation's handlers call it."""

import json
import os
import time
import urllib.error
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from ministack.core.responses import get_region

LOCAL_RUNTIME = os.environ["STATEFUL_MCP_LOCAL_RUNTIME_URL"]
SETTLING = ("CREATING", "UPDATING", "DELETING")
POLL_SECONDS = 0.05
# CloudFormation asks for the one who deploys.
DEPLOYER = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])


class NotFound(ValueError):
    pass


def call(method, path, body=None):
    """The response, or the error as CloudFormation words it."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"} | signature(method, path, data)
    request = urllib.request.Request(LOCAL_RUNTIME + path, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        message = json.load(error).get("message", error.reason)
        kind = NotFound if error.code == 404 else ValueError
        raise kind(
            f'Resource handler returned message: "{message} (Service: BedrockAgentCoreControl, Status Code: {error.code})"'
        ) from None


def signature(method, path, body):
    """Headers that sign a request to the local runtime."""
    signed = AWSRequest(method, LOCAL_RUNTIME + path, data=body)
    SigV4Auth(DEPLOYER, "bedrock-agentcore", get_region()).add_auth(signed)
    return {name.lower(): value for name, value in signed.headers.items()}


def settled(path):
    """Waits as the real handlers do: every change is asynchronous."""
    while True:
        found = call("GET", path)
        if found["status"] not in SETTLING:
            break
        time.sleep(POLL_SECONDS)
    if found["status"] != "READY":
        raise ValueError(f'Resource handler returned message: "{found.get("failureReason") or found["status"]}"')
    return found


def gone(path):
    try:
        while True:
            call("GET", path)
            time.sleep(POLL_SECONDS)
    except NotFound:
        return
