"""AWS::BedrockAgentCore::Runtime and ::RuntimeEndpoint for MiniStack's CloudFormation, by the control plane of the local runtime."""

import io
import os
import pathlib
import zipfile

from botocore.exceptions import ClientError
from ministack.core.responses import get_region
from ministack.services.cloudformation import provisioners, stacks

import control_plane
import image_pull
import image_registry
import role_credentials

RUNTIME = "AWS::BedrockAgentCore::Runtime"
ENDPOINT = "AWS::BedrockAgentCore::RuntimeEndpoint"
# Where the local runtime finds the code of `s3://BUCKET/KEY`: in the directory `BUCKET/KEY` below it.
CODE = pathlib.Path(os.environ["REHEARSAL_CODE_DIRECTORY"])
# Maps whose keys are the user's, not names of members.
MAPS = ("EnvironmentVariables", "Tags")


def install():
    provisioners._RESOURCE_HANDLERS[RUNTIME] = {
        "create": create_runtime,
        "update": update_runtime,
        "delete": delete_runtime,
    }
    provisioners._RESOURCE_HANDLERS[ENDPOINT] = {
        "create": create_endpoint,
        "update": update_endpoint,
        "delete": delete_endpoint,
    }
    # "Update requires: Replacement" in the CloudFormation reference.
    provisioners._REPLACING_PROPERTIES[RUNTIME] = ("AgentRuntimeName",)
    provisioners._REPLACING_PROPERTIES[ENDPOINT] = ("AgentRuntimeId", "Name")
    on_worker_thread = stacks._runs_on_worker_thread
    # The handlers wait, and must not stop the server that they wait for.
    stacks._runs_on_worker_thread = lambda kind: kind in (RUNTIME, ENDPOINT) or on_worker_thread(kind)


def create_runtime(_logical_id, props, _stack_name):
    created = control_plane.call("PUT", "/runtimes/", runtime_request(props))
    runtime_id = created["agentRuntimeId"]
    try:
        return runtime_id, runtime_attributes(control_plane.settled(f"/runtimes/{runtime_id}/"))
    except ValueError:
        # CloudFormation deletes what it could not create; MiniStack does not know its id.
        delete_runtime(runtime_id, props)
        raise


def update_runtime(runtime_id, _old_props, props, _stack_name):
    request = runtime_request(props)
    del request["agentRuntimeName"]
    request.pop("tags", None)
    control_plane.call("PUT", f"/runtimes/{runtime_id}/", request)
    return runtime_id, runtime_attributes(control_plane.settled(f"/runtimes/{runtime_id}/"))


def delete_runtime(runtime_id, _props):
    try:
        control_plane.call("DELETE", f"/runtimes/{runtime_id}/")
    except control_plane.NotFound:
        return
    control_plane.gone(f"/runtimes/{runtime_id}/")


def create_endpoint(_logical_id, props, _stack_name):
    runtime_id, name = props["AgentRuntimeId"], props["Name"]
    control_plane.call("PUT", f"/runtimes/{runtime_id}/runtime-endpoints/", endpoint_request(props) | {"name": name})
    return settled_endpoint(runtime_id, name)


def update_endpoint(_endpoint_arn, _old_props, props, _stack_name):
    runtime_id, name = props["AgentRuntimeId"], props["Name"]
    control_plane.call("PUT", f"/runtimes/{runtime_id}/runtime-endpoints/{name}/", endpoint_request(props))
    return settled_endpoint(runtime_id, name)


def delete_endpoint(_endpoint_arn, props):
    path = f"/runtimes/{props['AgentRuntimeId']}/runtime-endpoints/{props['Name']}/"
    try:
        control_plane.call("DELETE", path)
    except control_plane.NotFound:
        return
    control_plane.gone(path)


def settled_endpoint(runtime_id, name):
    found = control_plane.settled(f"/runtimes/{runtime_id}/runtime-endpoints/{name}/")
    attributes = {
        "AgentRuntimeArn": found["agentRuntimeArn"],
        "AgentRuntimeEndpointArn": found["agentRuntimeEndpointArn"],
        "CreatedAt": found["createdAt"],
        "Id": found["id"],
        "LastUpdatedAt": found["lastUpdatedAt"],
        "LiveVersion": found.get("liveVersion"),
        "Status": found["status"],
        "TargetVersion": found["targetVersion"],
    }
    return found["agentRuntimeEndpointArn"], attributes


def runtime_attributes(found):
    return {
        "AgentRuntimeArn": found["agentRuntimeArn"],
        "AgentRuntimeId": found["agentRuntimeId"],
        "AgentRuntimeVersion": found["agentRuntimeVersion"],
        "CreatedAt": found["createdAt"],
        "LastUpdatedAt": found["lastUpdatedAt"],
        "Status": found["status"],
    }


def runtime_request(props):
    """What CloudFormation's handler asks the control plane for."""
    request = member_names(props)
    protocol = request.pop("protocolConfiguration", None)
    if protocol is not None:
        request["protocolConfiguration"] = {"serverProtocol": protocol} if isinstance(protocol, str) else protocol
    role_credentials.use_role(request["roleArn"])
    artifact = request["agentRuntimeArtifact"]
    if "codeConfiguration" in artifact:
        unpack(artifact["codeConfiguration"]["code"]["s3"])
    elif image_registry.REGISTRY:
        image_pull.pull(artifact["containerConfiguration"]["containerUri"])
    return request


def endpoint_request(props):
    return {
        name: value
        for name, value in (
            ("agentRuntimeVersion", props.get("AgentRuntimeVersion")),
            ("description", props.get("Description")),
        )
        if value is not None
    }


def member_names(value):
    """Names of CloudFormation begin with a capital, those of the API do not."""
    if isinstance(value, dict):
        return {
            name[0].lower() + name[1:]: member if name in MAPS else member_names(member)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [member_names(item) for item in value]
    return value


def unpack(location):
    """AgentCore reads the code with the permissions of the server's role."""
    bucket, key = location["bucket"], location["prefix"]
    directory = CODE / bucket / key
    try:
        found = role_credentials.server_client("s3", get_region()).get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        raise ValueError(f'Resource handler returned message: "{error}"') from None
    content = found["Body"].read()
    if not directory.exists():
        directory.mkdir(parents=True)
        zipfile.ZipFile(io.BytesIO(content)).extractall(directory)
