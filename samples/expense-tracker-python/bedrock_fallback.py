import asyncio
import os

import boto3
from mcp.types import CreateMessageRequestParams, CreateMessageResult, TextContent
from stateful_mcp_fastmcp.interaction import Fallback


def bedrock_fallback(model_id: str) -> Fallback:
    """A model on Amazon Bedrock in place of the client's, by the Converse API. Text alone goes through."""

    async def answer(request: CreateMessageRequestParams) -> CreateMessageResult:
        # The client is made when it is needed: a client of the AWS SDK takes a while.
        client = await asyncio.to_thread(boto3.client, "bedrock-runtime", region_name=os.environ.get("AWS_REGION"))
        limits = {"maxTokens": request.max_tokens, "temperature": request.temperature}
        response = await asyncio.to_thread(
            client.converse,
            modelId=model_id,
            system=[{"text": request.system_prompt}] if request.system_prompt else [],
            messages=[{"role": one.role, "content": [{"text": one.content.text}]} for one in request.messages],
            inferenceConfig={name: value for name, value in limits.items() if value is not None},
        )
        text = "".join(part.get("text", "") for part in response["output"]["message"]["content"])
        return CreateMessageResult(role="assistant", model=model_id, content=TextContent(type="text", text=text))

    return answer
