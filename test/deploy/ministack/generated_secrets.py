"""Generated secrets as Secrets Manager makes them: MiniStack's resource has punctuation in them, whatever the template says."""

import json

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners


def install():
    own = provisioners._sm_secret_string

    def secret_string(props):
        generate = props.get("GenerateSecretString")
        if not generate or "SecretStringTemplate" in generate:
            return own(props)
        _status, _headers, body = secretsmanager._get_random_password(generate)
        return json.loads(body)["RandomPassword"]

    provisioners._sm_secret_string = secret_string
