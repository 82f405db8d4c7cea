"""Tools that ask the user, ask the client's model and report progress, in both protocol eras.

In the legacy era (protocol 2025-11-25 and before) a question is pushed on the stream of the call, and the handler
waits. In the modern one (2026-07-28) it ends the request; the client calls again with the answer, and the handler is
run again from its start, with the answers so far. So between two questions a handler must do the same each time: what
has an effect or differs from run to run goes into `Interaction.once`.
"""

import functools
import hashlib
import inspect
import json
import warnings
from collections.abc import Awaitable, Callable
from typing import Any, Generic, Literal, TypeVar

from fastmcp import Context
from mcp.types import (
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
)
from pydantic import BaseModel, ValidationError

Form = TypeVar("Form", bound=BaseModel)
Value = TypeVar("Value")
Fallback = Callable[[CreateMessageRequestParams], Awaitable[CreateMessageResult]]

FIRST_MODERN_VERSION = "2026-07-28"

# Sampling works in both eras until 2027-07-28 at least, and whoever calls `sample` knows.
warnings.filterwarnings("ignore", "The sampling capability is deprecated", module=__name__.replace(".", r"\."))


class NoCapability(Exception):
    """The client has not declared what the tool needs."""


class Declined(Exception):
    """The user declined or cancelled a question."""

    def __init__(self, action: Literal["decline", "cancel"], message: str) -> None:
        super().__init__(f'the user {"declined" if action == "decline" else "cancelled"} "{message}"')
        self.action = action


class Reply(Generic[Form]):
    """What became of a question: `content` is there when `action` is `accept`."""

    def __init__(self, action: Literal["accept", "decline", "cancel"], content: Form | None) -> None:
        self.action = action
        self.content = content


class _Asked(BaseException):
    """Ends a round. No Exception, so that no handler takes it for one of its own."""

    def __init__(self, request: ElicitRequest | CreateMessageRequest) -> None:
        self.request = request


class Interaction:
    """What a tool can do besides returning a result. A parameter of this type makes `interactive` pass it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        request = context.request_context
        self._modern = request is not None and request.protocol_version >= FIRST_MODERN_VERSION
        # Every answer so far, and every result of `once`: [fingerprint of what was asked, value].
        self._log: list[list[Any]] = json.loads(context.request_state or "[]") if self._modern else []
        self._next = 0

    @property
    def context(self) -> Context:
        """FastMCP's own context of the request."""
        return self._context

    async def elicit(self, message: str, form: type[Form]) -> Reply[Form]:
        """Asks the user. `form` is a flat pydantic model: texts, numbers, booleans, one choice (`Literal`).

        Raises NoCapability where the client cannot ask, ValueError for an answer that does not fit the form.
        """
        self._require("elicitation")
        schema = _form_schema(form)
        params = ElicitRequestFormParams(message=message, requested_schema=schema)
        if self._modern:
            answer = ElicitResult.model_validate(self._answer(ElicitRequest(params=params)))
        else:
            answer = await self._context.session.elicit(
                message=message, requested_schema=schema, related_request_id=self._context.request_id
            )
        if answer.action != "accept":
            return Reply(answer.action, None)
        try:
            return Reply("accept", form.model_validate(answer.content or {}))
        except ValidationError as error:
            reasons = "; ".join(f"`{'.'.join(map(str, one['loc']))}`: {one['msg']}" for one in error.errors())
            raise ValueError(f'the answer to "{message}" does not fit its form: {reasons}') from None

    async def elicit_content(self, message: str, form: type[Form]) -> Form:
        """The same, for when only an accepted answer is of use. Raises Declined for any other."""
        reply = await self.elicit(message, form)
        if reply.content is None:
            raise Declined("decline" if reply.action == "decline" else "cancel", message)
        return reply.content

    async def sample(self, request: CreateMessageRequestParams, fallback: Fallback | None = None) -> CreateMessageResult:
        """Asks the client's model, or `fallback` where the client has none. Raises NoCapability without either."""
        capabilities = self._context.session.client_capabilities
        if fallback is not None and (capabilities is None or capabilities.sampling is None):
            answer = await self.once(lambda: _dumped(fallback(request)))
            return CreateMessageResult.model_validate(answer)
        self._require("sampling")
        if self._modern:
            return CreateMessageResult.model_validate(self._answer(CreateMessageRequest(params=request)))
        # FastMCP 4 leaves this to the session of the SDK below it.
        return await self._context.session.create_message(
            request.messages,
            max_tokens=request.max_tokens,
            system_prompt=request.system_prompt,
            temperature=request.temperature,
            stop_sequences=request.stop_sequences,
            model_preferences=request.model_preferences,
            metadata=request.metadata,
            related_request_id=self._context.request_id,
        )

    async def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        """Tells how far the work is. Rounds that were before the last answer do not tell it again."""
        if self._next >= len(self._log) and not self._answers_wait():
            await self._context.report_progress(progress, total, message)

    async def once(self, effect: Callable[[], Awaitable[Value] | Value]) -> Value:
        """Runs an effect once in a conversation. Its result must be of JSON: the client carries it, encrypted."""
        if not self._modern:
            return await _awaited(effect())
        if self._next == len(self._log):
            self._log.append(["once", await _awaited(effect())])
        return self._logged("once")

    def _answers_wait(self) -> bool:
        return bool(self._modern and str(self._next) in (self._context.input_responses or {}))

    def _answer(self, request: ElicitRequest | CreateMessageRequest) -> Any:
        text = json.dumps(request.model_dump(mode="json", by_alias=True, exclude_none=True), sort_keys=True)
        fingerprint = hashlib.sha256(text.encode()).hexdigest()[:16]
        if self._next == len(self._log):
            given = (self._context.input_responses or {}).get(str(self._next))
            if given is None:
                raise _Asked(request)
            self._log.append([fingerprint, given.model_dump(mode="json", by_alias=True, exclude_none=True)])
        return self._logged(fingerprint)

    def _logged(self, fingerprint: str) -> Any:
        before, value = self._log[self._next]
        if before != fingerprint:
            raise RuntimeError(
                "the tool asked something else than in the round before: put what differs from run to run into `once`"
            )
        self._next += 1
        return value

    def _require(self, capability: Literal["elicitation", "sampling"]) -> None:
        capabilities = self._context.session.client_capabilities
        if capabilities is None or getattr(capabilities, capability) is None:
            raise NoCapability(f"this client does not offer {capability}")

    def round_ends(self, asked: _Asked) -> InputRequiredResult:
        return InputRequiredResult(
            input_requests={str(self._next): asked.request}, request_state=json.dumps(self._log)
        )


def interactive(handler: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """For a function that has a parameter of type `Interaction`; below `@server.tool`."""
    signature = inspect.signature(handler, eval_str=True)
    names = [name for name, one in signature.parameters.items() if one.annotation is Interaction]
    if len(names) != 1:
        raise TypeError(f"`{handler.__name__}` needs one parameter of type `Interaction`, got {len(names)}")
    [name] = names

    @functools.wraps(handler)
    async def call(**arguments: Any) -> Any:
        io = Interaction(arguments.pop(name))
        try:
            return await handler(**arguments, **{name: io})
        except _Asked as asked:
            return io.round_ends(asked)

    parameters = [
        one.replace(annotation=Context, kind=inspect.Parameter.KEYWORD_ONLY)
        if one.name == name
        else one.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for one in signature.parameters.values()
    ]
    returned = signature.return_annotation
    result = InputRequiredResult if returned is inspect.Signature.empty else returned | InputRequiredResult
    del call.__wrapped__
    call.__signature__ = signature.replace(parameters=parameters, return_annotation=result)
    call.__annotations__ = {one.name: one.annotation for one in parameters} | {"return": result}
    return call


def _form_schema(form: type[BaseModel]) -> dict[str, Any]:
    """A form as the protocol has it: flat, without the names of the model and of its fields."""
    schema = form.model_json_schema()
    properties = {name: _without_title(field) for name, field in schema.get("properties", {}).items()}
    nested = [name for name, field in properties.items() if not field.keys() & {"type", "enum", "const"}]
    if nested or "$defs" in schema:
        fields = ", ".join(f"`{name}`" for name in nested) or "a nested model"
        raise TypeError(f"a form has texts, numbers, booleans and choices, got {fields} in `{form.__name__}`")
    return {"type": "object", "properties": properties, "required": schema.get("required", [])}


def _without_title(field: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in field.items() if key != "title"}


async def _awaited(value: Awaitable[Value] | Value) -> Value:
    return await value if inspect.isawaitable(value) else value


async def _dumped(answer: Awaitable[CreateMessageResult]) -> dict[str, Any]:
    return (await answer).model_dump(mode="json", by_alias=True, exclude_none=True)
