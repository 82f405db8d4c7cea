"""Metrics of log lines in the embedded metric format, which CloudWatch Logs makes and MiniStack does not. Told at PATH, with the alarms."""

import json

from ministack.services import cloudwatch, lambda_svc

PATH = "/_rehearsal/metrics"


def install():
    emit = lambda_svc._emit_lambda_logs

    def emit_with_metrics(func, request_id, log_text, *args, **kwargs):
        emit(func, request_id, log_text, *args, **kwargs)
        for line in log_text.splitlines():
            if '"_aws"' in line:
                put(json.loads(line[line.index("{") :]))
        cloudwatch._evaluate_all_alarms()

    lambda_svc._emit_lambda_logs = emit_with_metrics


def put(document):
    metadata = document["_aws"]
    for directive in metadata["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = {name: document[name] for name in names}
            for metric in directive["Metrics"]:
                cloudwatch._store_datum(
                    directive["Namespace"],
                    metric["Name"],
                    dimensions,
                    metadata["Timestamp"] / 1000,
                    metric.get("Unit", "None"),
                    document[metric["Name"]],
                    None,
                    None,
                    None,
                )


def response():
    values = [
        {"namespace": namespace, "name": name, "dimensions": point["Dimensions"], "value": point["Value"]}
        for (namespace, name, _), points in cloudwatch._metrics.items()
        for point in points
    ]
    alarms = [
        {
            "namespace": alarm["Namespace"],
            "metric": alarm["MetricName"],
            "dimensions": {entry["Name"]: entry["Value"] for entry in alarm["Dimensions"]},
            "state": alarm["StateValue"],
        }
        for alarm in cloudwatch._alarms.values()
    ]
    return 200, {"Content-Type": "application/json"}, json.dumps({"values": values, "alarms": alarms}).encode()
