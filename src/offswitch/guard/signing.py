"""Signs what others must be able to check: Ed25519 over the canonical JSON of a document."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from offswitch.errors import InputError

_SIGNATURE, _ALGORITHM = "signature", "ed25519"
_FIELDS = {"algorithm", "key", "value"}


def key_file() -> Path:
    """Return where this user's signing key is."""
    base = Path("/var/lib/offswitch") if os.getuid() == 0 else Path.home() / ".local/share/offswitch"
    return base / "signing.key"


def signed(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document with a signature by this user's key, which is made at its first use.

    Raises:
        InputError: if the key cannot be read, or others may.
    """
    key = _key()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    value = key.sign(_canonical(document))
    return document | {_SIGNATURE: {"algorithm": _ALGORITHM, "key": _text(public), "value": _text(value)}}


def public_key() -> str:
    """Return this user's public key, as base64 of its 32 bytes; a key is made if there is none."""
    return _text(_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def check(document: dict[str, Any]) -> str:
    """Return the public key that signed a document.

    Raises:
        InputError: if it carries no signature, or one that is not of this content.
    """
    rest = dict(document)
    try:
        signature = rest.pop(_SIGNATURE)
        if set(signature) != _FIELDS or signature["algorithm"] != _ALGORITHM:
            raise InputError(
                f"expected a signature by {_ALGORITHM}, with a key and a value and nothing else in it"
            )
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(signature["key"], validate=True))
        public.verify(base64.b64decode(signature["value"], validate=True), _canonical(rest))
    except (KeyError, TypeError, ValueError, InvalidSignature) as failure:
        raise InputError("the signature is missing, or is not of this content") from failure
    return str(signature["key"])


def _canonical(document: dict[str, Any]) -> bytes:
    return msgspec.json.encode(document, order="sorted")


def _key() -> Ed25519PrivateKey:
    file = key_file()
    try:
        found = file.stat()
        if found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise InputError(f"{file}: expected a signing key that nobody else may read: chmod 600 {file}")
        return Ed25519PrivateKey.from_private_bytes(file.read_bytes())
    except FileNotFoundError:
        return _made(file)
    except ValueError as failure:
        raise InputError(
            f"{file}: expected a signing key of 32 bytes; move it away to have one made"
        ) from failure


def _made(file: Path) -> Ed25519PrivateKey:
    """Make a key: whole under another name first, so that two programs that start at once agree on one."""
    key = Ed25519PrivateKey.generate()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}")
    made = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(made, "wb") as out:
        out.write(key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    try:
        os.link(part, file)
    except FileExistsError:
        return _key()
    finally:
        part.unlink()
    return key


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
