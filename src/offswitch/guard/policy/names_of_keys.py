"""Which environment variables hold a key, by their names."""

from __future__ import annotations

_WORDS = ("KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "COOKIE", "PAT")
_LEAD_TO_KEYS = frozenset(
    {"SSH_AUTH_SOCK", "SSH_AGENT_PID", "GPG_AGENT_INFO", "DBUS_SESSION_BUS_ADDRESS", "DOCKER_HOST"}
    | {"DATABASE_URL", "PGPASSFILE", "NETRC", "KUBECONFIG", "VAULT_ADDR"}
)


def is_one(name: str) -> bool:
    """Whether a variable of this name holds a key, or leads to one.

    By the words between the underscores: GH_TOKEN, OPENAI_API_KEY and AWS_SECRET_ACCESS_KEY do, KEYBOARD does
    not; APIKEY, for which people leave the underscore out, does.
    """
    upper = name.upper()
    words = upper.split("_")
    return upper in _LEAD_TO_KEYS or any(
        word in _WORDS or word.removesuffix("S") in _WORDS or word.endswith(("APIKEY", "TOKEN", "PASSWORD"))
        for word in words
    )
