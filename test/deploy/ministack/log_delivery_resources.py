"""AWS::Logs::DeliverySource, ::DeliveryDestination and ::Delivery: MiniStack has the operations of CloudWatch Logs, but not the resources."""

import json

from ministack.services import cloudwatch_logs
from ministack.services.cloudformation import provisioners


def install():
    for kind, create, delete in (
        ("DeliverySource", create_source, "DeleteDeliverySource"),
        ("DeliveryDestination", create_destination, "DeleteDeliveryDestination"),
    ):
        provisioners._RESOURCE_HANDLERS[f"AWS::Logs::{kind}"] = {
            "create": create,
            # Both are put: what exists is changed.
            "update": lambda physical_id, _old, props, stack_name, create=create: create(physical_id, props, stack_name),
            "delete": lambda physical_id, _props, delete=delete: call(delete, {"name": physical_id}),
        }
    provisioners._RESOURCE_HANDLERS["AWS::Logs::Delivery"] = {
        "create": create_delivery,
        "update": lambda physical_id, _old, props, stack_name: (call("DeleteDelivery", {"id": physical_id}), create_delivery(physical_id, props, stack_name))[1],
        "delete": lambda physical_id, _props: call("DeleteDelivery", {"id": physical_id}),
    }


def create_source(_logical_id, props, _stack_name):
    name = props["Name"]
    request = {"name": name, "resourceArn": props["ResourceArn"], "logType": props["LogType"]}
    source = call("PutDeliverySource", request)["deliverySource"]
    return name, {"Arn": source["arn"], "Service": source["service"]}


def create_destination(_logical_id, props, _stack_name):
    name = props["Name"]
    request = {"name": name}
    if "DestinationResourceArn" in props:
        request["deliveryDestinationConfiguration"] = {"destinationResourceArn": props["DestinationResourceArn"]}
    destination = call("PutDeliveryDestination", request)["deliveryDestination"]
    return name, {"Arn": destination["arn"]}


def create_delivery(_logical_id, props, _stack_name):
    request = {
        "deliverySourceName": props["DeliverySourceName"],
        "deliveryDestinationArn": props["DeliveryDestinationArn"],
    }
    delivery = call("CreateDelivery", request)["delivery"]
    return delivery["id"], {"Arn": delivery["arn"], "DeliveryId": delivery["id"]}


def call(operation, request):
    handlers = {
        "PutDeliverySource": cloudwatch_logs._put_delivery_source,
        "DeleteDeliverySource": cloudwatch_logs._delete_delivery_source,
        "PutDeliveryDestination": cloudwatch_logs._put_delivery_destination,
        "DeleteDeliveryDestination": cloudwatch_logs._delete_delivery_destination,
        "CreateDelivery": cloudwatch_logs._create_delivery,
        "DeleteDelivery": cloudwatch_logs._delete_delivery,
    }
    status, _headers, body = handlers[operation](request)
    answer = json.loads(body or b"{}")
    if status >= 400:
        raise ValueError(f'Resource handler returned message: "{answer.get("message", operation)}"')
    return answer
