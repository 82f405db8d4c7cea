"""AgentCore pulls the image of a runtime with the permissions of the server's role: skopeo copies it, umoci unpacks its layers."""

import base64
import os
import pathlib
import subprocess

from botocore.exceptions import ClientError
from ministack.core.responses import get_region

import role_credentials

# Where the local runtime finds the image of a digest: a bundle of umoci, named by it.
BUNDLES = pathlib.Path(os.environ["REHEARSAL_CODE_DIRECTORY"], "images")


def pull(uri):
    name, _, digest = uri.partition("/")[2].partition("@")
    try:
        token = role_credentials.server_client("ecr", get_region()).get_authorization_token()
    except ClientError as error:
        raise ValueError(f'Resource handler returned message: "{error}"') from None
    credentials = base64.b64decode(token["authorizationData"][0]["authorizationToken"]).decode()
    BUNDLES.mkdir(exist_ok=True, parents=True)
    layout = f"{BUNDLES}/layout:{digest.partition(':')[2]}"
    registry = f"localhost:{os.environ['GATEWAY_PORT']}"
    run("skopeo", "--insecure-policy", "copy", "--src-tls-verify=false", "--src-creds", credentials, f"docker://{registry}/{name}@{digest}", f"oci:{layout}")
    if not (BUNDLES / digest).exists():
        run("umoci", "unpack", "--rootless", "--image", layout, BUNDLES / digest)


def run(*command):
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode != 0:
        raise ValueError(f'Resource handler returned message: "{ended.stderr.strip()}"')
