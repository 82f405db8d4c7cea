"""Schedules of EventBridge as if their time had come: MiniStack's own would come in minutes. Served at PATH."""

import json

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge, lambda_svc

PATH = "/_rehearsal/due-schedules"
SERVICE = "events.amazonaws.com"


def response():
    due = [key for key, rule in eventbridge._rules._data.items() if rule.get("ScheduleExpression")]
    for key in due:
        rule = eventbridge._rules._data[key]
        for target in eventbridge._targets._data.get(key, []):
            refuse_unless_allowed(target["Arn"], rule["Arn"])
        eventbridge._rule_last_fired[key] = 0
    eventbridge._tick_scheduled_rules()
    return 200, {"Content-Type": "application/json"}, json.dumps(len(due)).encode()


def refuse_unless_allowed(function_arn, rule_arn):
    """Lambda asks the policy of the function, which MiniStack does not do for EventBridge."""
    policy, account = lambda_svc.function_policy_for_arn(function_arn)
    context = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="lambda:InvokeFunction",
        resource_arn=function_arn,
        region=get_region(),
        service_context={"aws:sourcearn": rule_arn, "aws:sourceaccount": get_account_id()},
    )
    if iam_evaluator.evaluate_resource_policy(policy, context, service=SERVICE).decision != "Allow":
        raise PermissionError(f"{rule_arn} may not call {function_arn} of {account}: {policy}")
