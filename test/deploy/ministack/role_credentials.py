"""Credentials of a role, by the protocol of container credentials, at PATH: of the server's, as AgentCore gives them to a microVM, or of the one that `?role=ARN` names."""

import datetime
import hashlib
import json
import os
import urllib.parse

import botocore.session
from ministack.services import sts

PATH = "/_rehearsal/role-credentials"
SESSION_SECONDS = 3600

_server_role_arn = None


def use_role(role_arn):
    """There is one server in a rehearsal: its role is that of the runtime that was changed last."""
    global _server_role_arn
    _server_role_arn = role_arn


def credentials(role_arn):
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    key, secret, token = (hashlib.sha256(f"{kind} {role_arn}".encode()).hexdigest() for kind in ("key", "secret", "token"))
    access_key = f"ASIA{key[:16].upper()}"
    session = {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/rehearsal",
        "UserId": f"{name}:rehearsal",
        "SecretAccessKey": secret,
        "SessionToken": token,
    }
    sts.register_session(access_key, session)
    return access_key, secret, token


def response(query):
    (role_arn,) = urllib.parse.parse_qs(query).get("role", [_server_role_arn])
    access_key, secret, token = credentials(role_arn)
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=SESSION_SECONDS)
    document = {
        "AccessKeyId": access_key,
        "SecretAccessKey": secret,
        "Token": token,
        "Expiration": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return 200, {"Content-Type": "application/json"}, json.dumps(document).encode()


def server_client(service, region):
    """A client that has the permissions of the server's role, for what AgentCore does with them."""
    access_key, secret, token = credentials(_server_role_arn)
    return botocore.session.get_session().create_client(
        service,
        region_name=region,
        endpoint_url=f"http://localhost:{os.environ['GATEWAY_PORT']}",
        aws_access_key_id=access_key,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )
