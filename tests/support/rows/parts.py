"""Who may split an order, put it together again and pass it down."""

from __future__ import annotations

from tests.support.rows import Row, Values
from volunteer.orders.lifecycle import Status


def two(values: Values) -> Values:
    return {"item-1": str(values["item_id"]), "item-2": str(values["item_id"]), "words-2": "搬柜子"}


def down(values: Values) -> Values:
    return {"desk": "1", "reason": "试一试"}


ROWS: dict[str, Row] = {
    "GET /board/orders/<number>/split": Row("dispatcher", order=Status.VERIFIED),
    "POST /board/orders/<number>/split": Row("dispatcher", order=Status.VERIFIED, data=two),
    "POST /board/orders/<number>/merge": Row("dispatcher", order=Status.VERIFIED),
    "POST /board/orders/<number>/pass-down": Row("dispatcher", order=Status.VERIFIED, data=down),
}
