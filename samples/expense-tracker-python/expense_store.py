import asyncio
import os
from typing import Any

import boto3
from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError
from expense import Expense


class ExpenseStore:
    """The expenses of all users, in one table: partition key `userAlias`, sort key `expenseId`."""

    def __init__(self, table_name: str) -> None:
        # The AWS SDK for Python knows AWS_DEFAULT_REGION alone.
        region = os.environ.get("AWS_REGION")
        self._table = boto3.resource("dynamodb", region_name=region).Table(table_name)

    async def add(self, expense: Expense) -> None:
        """Stores an expense once: storing the same id again changes nothing, since a client may send the last round of
        a conversation twice."""
        try:
            await asyncio.to_thread(
                self._table.put_item, Item=dict(expense), ConditionExpression="attribute_not_exists(expenseId)"
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    async def list(self, user_alias: str) -> list[Expense]:
        """All expenses of a user, oldest first."""
        expenses: list[Expense] = []
        start: dict[str, Any] = {}
        while True:
            page = await self._query(user_alias, **start)
            expenses += map(_expense, page["Items"])
            if "LastEvaluatedKey" not in page:
                return expenses
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    async def recent(self, user_alias: str, limit: int) -> "list[Expense]":
        """The last expenses of a user, newest first."""
        page = await self._query(user_alias, ScanIndexForward=False, Limit=limit)
        return [_expense(item) for item in page["Items"]]

    async def _query(self, user_alias: str, **options: Any) -> dict[str, Any]:
        # The AWS SDK blocks, and other sessions' requests must not wait for it.
        return await asyncio.to_thread(
            self._table.query, KeyConditionExpression=Key("userAlias").eq(user_alias), **options
        )


def _expense(item: dict[str, Any]) -> Expense:
    # The AWS SDK has numbers as Decimal.
    return {**item, "amountCents": int(item["amountCents"])}
