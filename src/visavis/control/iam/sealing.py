"""Secrets at rest: AES-256-GCM under a key that lives in a file of the data folder, not in the database."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from visavis.core.errors import InternalError

_NONCE = 12


class Sealer:
    """Seals a secret to the row it belongs to: a sealed value that was moved to another row does not open."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    @staticmethod
    def of_file(path: Path) -> Sealer:
        """The key in that file; made at the first start, mode 0600. Raises InternalError if it can't be a key.

        All API processes of an installation need the same file.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(32))
        key = path.read_bytes()
        if len(key) != 32:
            raise InternalError(f"Internal Error: {path} must hold 32 bytes")
        return Sealer(key)

    def seal(self, secret: str, owner: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), owner.encode())

    def unseal(self, sealed: bytes, owner: str) -> str:
        """Raises InternalError if the key file is not the one it was sealed with."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], owner.encode()).decode()
        except InvalidTag as error:
            raise InternalError("Internal Error: a stored secret does not open with this key file") from error
