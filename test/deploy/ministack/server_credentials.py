"""Credentials of the server's role, as AgentCore gives them to a microVM: here by the protocol of container credentials, at PATH."""

import datetime
import hashlib
import json
import os

import botocore.session
from ministack.services import sts

PATH = "/_rehearsal/server-credentials"
SESSION_SECONDS = 3600

_role_arn = None


def use_role(role_arn):
    """There is one server in a rehearsal: its role is that of the runtime that was changed last."""
    global _role_arn
    _role_arn = role_arn


def credentials():
    account, name = _role_arn.split(":")[4], _role_arn.rsplit("/", 1)[-1]
    key, secret, token = (hashlib.sha256(f"{kind} {_role_arn}".encode()).hexdigest() for kind in ("key", "secret", "token"))
    access_key = f"ASIA{key[:16].upper()}"
    session = {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/BedrockAgentCore",
        "UserId": f"{name}:BedrockAgentCore",
        "SecretAccessKey": secret,
        "SessionToken": token,
    }
    sts.register_session(access_key, session)
    return access_key, secret, token


def response():
    access_key, secret, token = credentials()
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=SESSION_SECONDS)
    document = {
        "AccessKeyId": access_key,
        "SecretAccessKey": secret,
        "Token": token,
        "Expiration": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return 200, {"Content-Type": "application/json"}, json.dumps(document).encode()


def client(service, region):
    """A client that has the permissions of the server's role, for what AgentCore does with them."""
    access_key, secret, token = credentials()
    return botocore.session.get_session().create_client(
        service,
        region_name=region,
        endpoint_url=f"http://localhost:{os.environ['GATEWAY_PORT']}",
        aws_access_key_id=access_key,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )
