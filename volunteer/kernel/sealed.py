"""A column that only its holder's key can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, overload

from sqlalchemy.orm import object_session

from volunteer.kernel import crypto

if TYPE_CHECKING:
    from volunteer.kernel.crypto import Keyring


class Sealed:
    """Reads and writes text through the sealed bytes column ``column`` of the same row.

    ``holder`` names the relationship to the person whose data key seals it; "" means that the row is that person.
    A holder has ``uid`` and ``wrapped_key``; the row has ``uid``. The associated data is "table.column:row's uid",
    so bytes moved to another row or column do not open. The row must be in a session, which carries the keyring in
    ``session.info["keyring"]``.

    What came over from another entry of the same person is still sealed under that one's key, which the holder was
    brought (``brought``).

    Reading gives None when the holder's key was destroyed: that person is forgotten, and pages say so instead of
    failing. Anything else that does not open was tampered with, or the keys are wrong: crypto.SealBroken.
    """

    def __init__(self, column: str, holder: str = "") -> None:
        self.column = column
        self.holder = holder

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: Any, owner: type) -> str | None: ...
    def __get__(self, row: Any, owner: type) -> Self | str | None:
        if row is None:
            return self
        stored: bytes | None = getattr(row, self.column)
        if stored is None or self._holder(row).wrapped_key is None:
            return None
        try:
            return crypto.unseal(self._key(row), stored, self._identity(row))
        except crypto.SealBroken:
            return self._by_brought_keys(row, stored)

    def __set__(self, row: Any, text: str | None) -> None:
        sealed = None if not text else crypto.seal(self._key(row), text, self._identity(row))
        setattr(row, self.column, sealed)

    def seal_for(self, table: str, uid: str, key: bytes, text: str) -> bytes:
        """Return ``text`` sealed as setting it on the row ``uid`` of ``table`` would: for rows inserted in bulk."""
        return crypto.seal(key, text, f"{table}.{self.column}:{uid}")

    def _by_brought_keys(self, row: Any, stored: bytes) -> str:
        holder, identity = self._holder(row), self._identity(row)
        keyring: Keyring = object_session(row).info["keyring"]  # type: ignore[union-attr]
        for brought in getattr(holder, "brought", ()):
            try:
                return crypto.unseal(keyring.data_key(brought.wrapped_key, holder.uid), stored, identity)
            except crypto.SealBroken:
                continue
        raise crypto.SealBroken(identity)

    def _identity(self, row: Any) -> str:
        return f"{row.__tablename__}.{self.column}:{row.uid}"

    def _key(self, row: Any) -> bytes:
        session = object_session(row)
        if session is None:
            raise RuntimeError("add the row to a session before touching what is sealed in it")
        keyring: Keyring = session.info["keyring"]
        holder = self._holder(row)
        return keyring.data_key(holder.wrapped_key, holder.uid)

    def _holder(self, row: Any) -> Any:
        return getattr(row, self.holder) if self.holder else row
