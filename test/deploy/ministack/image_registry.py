"""The registry of Amazon ECR, which MiniStack has no blobs for, and that of its public gallery: a registry of the rehearsal is behind both.

What Amazon ECR adds to a registry is here: its tokens are those of a role, whose policies are asked, and repositories must exist.
"""

import base64
import json
import os
import re
import secrets
import time

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.core.router import extract_access_key_id
from ministack.services import ecr

import relay

# None in a rehearsal without images.
REGISTRY = os.environ.get("REHEARSAL_IMAGE_REGISTRY_URL")
PUBLIC_GALLERY = "public.ecr.aws"
TOKEN_SECONDS = 43200
API = re.compile(r"^/v2/(?:(?P<repository>.+)/(?P<kind>manifests|blobs)/(?P<reference>.+))?$")
# Which actions of IAM a request needs: those that the user guide lists for a push and a pull, by what they do.
ACTIONS = {
    ("GET", "manifests"): ("ecr:BatchGetImage",),
    ("HEAD", "manifests"): ("ecr:BatchGetImage",),
    ("PUT", "manifests"): ("ecr:PutImage",),
    ("GET", "blobs"): ("ecr:GetDownloadUrlForLayer",),
    ("HEAD", "blobs"): ("ecr:BatchCheckLayerAvailability",),
    ("POST", "blobs"): ("ecr:InitiateLayerUpload",),
    ("PATCH", "blobs"): ("ecr:UploadLayerPart",),
    ("PUT", "blobs"): ("ecr:UploadLayerPart", "ecr:CompleteLayerUpload"),
}

# Access keys by the tokens that were made for them.
_holders = {}


def install():
    inner = app.SERVICE_HANDLERS["ecr"]

    async def with_tokens(method, path, headers, body, query):
        if headers.get("x-amz-target", "").endswith(".GetAuthorizationToken"):
            return token_response(extract_access_key_id(headers, query))
        return await inner(method, path, headers, body, query)

    if REGISTRY:
        app.SERVICE_HANDLERS["ecr"] = with_tokens


def token_response(access_key):
    token = secrets.token_hex()
    _holders[token] = access_key
    data = {
        "authorizationToken": base64.b64encode(f"AWS:{token}".encode()).decode(),
        "expiresAt": int(time.time()) + TOKEN_SECONDS,
        "proxyEndpoint": f"https://{get_account_id()}.dkr.ecr.{get_region()}.amazonaws.com",
    }
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps({"authorizationData": [data]}).encode()


def serves(path):
    return REGISTRY is not None and API.match(path) is not None


async def response(method, target, headers, body, _query):
    """That of the registry, or why Amazon ECR gives none."""
    if headers["host"] != PUBLIC_GALLERY:
        problem = problem_of(method, target.split("?")[0], headers.get("authorization", ""))
        if problem:
            return problem
    passed = {name: value for name, value in headers.items() if name != "authorization"}
    return await relay.relayed(REGISTRY, method, target.encode(), passed, body)


def problem_of(method, path, authorization):
    name, kind = API.match(path).group("repository", "kind")
    scheme, _, credentials = authorization.partition(" ")
    access_key = _holders.get(base64.b64decode(credentials).decode().removeprefix("AWS:")) if scheme == "Basic" else None
    if access_key is None:
        challenge = {"WWW-Authenticate": 'Basic realm="https://ecr/",service="ecr.amazonaws.com"'}
        return refusal(401, "UNAUTHORIZED", "Not Authorized", challenge)
    if name is None:
        return None
    arn = f"arn:aws:ecr:{get_region()}:{get_account_id()}:repository/{name}"
    for action in ACTIONS[method, kind]:
        if app.AUTH and iam_evaluator.enforce(access_key, action, "ecr", get_region(), arn):
            return refusal(403, "DENIED", f"not authorized to perform: {action} on resource: {arn}")
    if name not in ecr._repositories:
        return refusal(404, "NAME_UNKNOWN", f"The repository with name '{name}' does not exist in the registry")
    return None


def refusal(status, code, message, headers={}):
    body = json.dumps({"errors": [{"code": code, "message": message}]}).encode()
    return status, {"Content-Type": "application/json", **headers}, body
