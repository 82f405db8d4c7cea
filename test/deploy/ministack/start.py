"""Starts MiniStack with what the rehearsal needs besides: AgentCore and log deliveries in CloudFormation, a registry of images, metrics of log lines, and a record of what IAM decided."""

from ministack import app

import agentcore_resources
import embedded_metrics
import front_door
import generated_secrets
import image_registry
import log_delivery_resources
import permission_record

permission_record.install()
agentcore_resources.install()
log_delivery_resources.install()
generated_secrets.install()
image_registry.install()
embedded_metrics.install()
front_door.install()
app.main()
