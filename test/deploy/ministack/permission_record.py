"""What IAM decided, by MiniStack's own evaluator: every call that a role made, and which statements allowed it. Served at PATH."""

import contextvars
import dataclasses
import json

from ministack.core import iam_evaluator
from ministack.services import iam

PATH = "/_rehearsal/permissions"

_calls = {}
# What the policies of the caller say to the request that is being checked; those of the resource come after them.
_evaluated = contextvars.ContextVar("evaluated")


def install():
    evaluate, enforce = iam_evaluator.evaluate, iam_evaluator.enforce

    def evaluating(context, policies, *limits):
        seen = _evaluated.get(None)
        if seen is not None:
            seen.append((context, policies))
        return evaluate(context, policies, *limits)

    def recorded(*args, **kwargs):
        seen = []
        token = _evaluated.set(seen)
        try:
            denied = enforce(*args, **kwargs)
        finally:
            _evaluated.reset(token)
        if seen and seen[0][0].principal_type == "AssumedRole":
            record(*seen[0], denied)
        return denied

    iam_evaluator.evaluate, iam_evaluator.enforce = evaluating, recorded


def record(context, policies, denied):
    allowing = [
        described(statement)
        for statements in policies
        for statement in statements
        if iam_evaluator._first_match(context, [statement], "Allow")
    ]
    call = {
        "role": context.principal_arn.split("/")[1],
        "action": context.action,
        "resource": context.resource_arn,
        "denied": denied is not None,
        "statements": allowing,
    }
    _calls[json.dumps(call, sort_keys=True)] = call


def response():
    policies = {
        name: [
            described(statement)
            for statements in iam_evaluator._gather_role_policies(name, role["Arn"].split(":")[4])
            for statement in statements
        ]
        for name, role in iam._roles.items()
    }
    document = {"calls": list(_calls.values()), "roles": policies}
    return 200, {"Content-Type": "application/json"}, json.dumps(document).encode()


def described(statement):
    return {key: value for key, value in dataclasses.asdict(statement).items() if value}
