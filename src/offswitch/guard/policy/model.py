"""What a policy says. The fields' names are those of the YAML file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from offswitch.trace import Role

Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Protection = Literal["sealed", "hidden", "open"]
"""What becomes of an asset's files inside the agent's folders: they can be read and not changed; they appear
empty; they are the agent's like any other."""

PROTECTED: dict[Role, Protection] = {
    "oversight": "sealed",
    "parameters": "sealed",
    "shutdown": "sealed",
    "successor": "sealed",
    "weights": "sealed",
    "audit": "sealed",
    "control_path": "sealed",
    "persistence": "sealed",
    "human": "sealed",
    "safety_alert": "sealed",
    "credentials": "hidden",
}
"""What becomes of each role's files if the policy does not say it."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a policy; what it does not know is an error."""


class Files(_Part, frozen=True):
    """Paths: absolute, below the home folder ("~/x"), or below the folder the agent starts in ("src").

    Attributes:
        writable: folders the agent works in.
        readable: files and folders it may read, beside the system's programs and settings.
        sealed: what lies in those, or in the home, and must not change. One that does not exist is made,
            empty, for as long as the agent runs, so that it cannot make it; a folder's name ends with "/".
        hidden: what lies in those and must not be seen: it appears empty.
        open: what stays as it is though an asset, the policy's base or a rule of the guard would seal it.
        records: folders of its home ("~/x") in which it keeps its records: writable, and the same at each
            start in the same folder. No other agent and no program of the host's finds them.
        given: files of its home ("~/x") that are its own and new in every cell, each to what it holds.
    """

    writable: tuple[str, ...] = (".",)
    readable: tuple[str, ...] = ()
    sealed: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    given: dict[str, str] = {}


class Condition(_Part, frozen=True):
    """What is decided about a connection or a request that fits.

    Attributes:
        when: a CEL expression over host, port, method, path, hour, connections, sent, received ...
        then: "deny", "hold" (until a person says so) or "stop".
    """

    when: str
    then: Literal["deny", "hold", "stop"]


class Network(_Part, frozen=True):
    """What the agent may reach.

    Attributes:
        hosts: "api.example.org", "*.example.org", "example.org:8443", or "tcp://example.org:22" for what is
            not TLS. None: no network at all.
        conditions: of several that fit the strictest decides (stop, deny, hold); requests to the model are
            judged too.
        connections: most connections open at once, through each outlet.
        hold_seconds: how long something is held before it is refused.
    """

    hosts: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    connections: Count = 256
    hold_seconds: Seconds = 300.0


class Model(_Part, frozen=True):
    """The agent's model, whose key it does not get.

    Attributes:
        url: the provider's base URL.
        key: name of the environment variable, of the guard's own environment, that holds the key.
        variables: environment variables of the agent that are set to the relay's URL.
        header: the header that carries the key.
        prefix: what stands before the key in it, such as "Bearer ".
        port: where the relay listens inside the cell, for agents that read it from a file.
        authorities: file of certificates to trust instead of the system's, or "".
    """

    url: str
    key: str
    variables: tuple[str, ...] = ()
    header: str = "x-api-key"
    prefix: str = ""
    port: Annotated[int, msgspec.Meta(ge=1024, le=65_535)] = 4141
    authorities: str = ""


class Environment(_Part, frozen=True):
    """The agent's environment.

    Attributes:
        keep: names of variables passed on from the guard's own environment.
        secrets: those of them that hold a key and that the agent is to have all the same.
        set: variables and their values.
    """

    keep: tuple[str, ...] = ("LANG", "TERM", "COLORTERM", "TZ")
    secrets: tuple[str, ...] = ()
    set: dict[str, str] = {}


class Limits(_Part, frozen=True):
    """Limits.

    Attributes:
        memory_mb: megabytes of memory.
        processes: processes and threads.
        scratch_mb: megabytes of files in each scratch folder.
        free_disk_mb: megabytes that it must leave free where its work folders lie; 0: none. Not set: 512, or
            2 % of the file system where that is less.
    """

    memory_mb: Count = 4096
    processes: Count = 1024
    scratch_mb: Count = 1024
    free_disk_mb: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Stop(_Part, frozen=True):
    """Who may stop the agent, and when it is stopped without an order.

    Attributes:
        authority: users ("alice") and groups ("@oncall") who may pause, resume and stop it, beside its own
            user and root; for a guard that root runs.
        lease_seconds: how long it stays frozen after its supervisor is lost, before it is killed.
        without_supervisor: "stop", or "continue": it runs on, unwatched, when the supervisor is lost.
        on_change: what a change of a sealed file leads to: "stop", or "report".
        on_breach: what a barrier that does not hold leads to.
        on_full_disk: what it leads to if less than `limits.free_disk_mb` is left: "stop", or "pause", until a
            person has made room and lets it go on.
    """

    authority: tuple[str, ...] = ()
    lease_seconds: Seconds = 10.0
    without_supervisor: Literal["stop", "continue"] = "stop"
    on_change: Literal["stop", "report"] = "stop"
    on_breach: Literal["stop", "report"] = "stop"
    on_full_disk: Literal["stop", "pause"] = "stop"


class Checks(_Part, frozen=True):
    """How often the guard looks whether all still holds, in seconds.

    Attributes:
        seal_seconds: between two checks of what is sealed.
        probe_seconds: between two probes of the barriers from inside.
        watched: files and folders that the seal covers too, wherever they lie: weights, a tool list, code.
    """

    seal_seconds: Seconds = 30.0
    probe_seconds: Seconds = 300.0
    watched: tuple[str, ...] = ()


class Policy(_Part, frozen=True):
    """A policy.

    Attributes:
        base: the shipped policy whose lists this one adds to, and whose other settings it replaces.
        about: one line for the reader.
        assets: declared as in an asset file (docs/assets.md), beside the shipped ones.
        protect: what becomes of the files of a role's assets; see `PROTECTED`.
        root_inside: whether the agent's user inside is called root. It has no rights of the host's root.
    """

    base: str = ""
    about: str = ""
    files: Files = Files()
    assets: tuple[Any, ...] = ()
    protect: dict[Role, Protection] = {}
    network: Network = Network()
    model: Model | None = None
    environment: Environment = Environment()
    limits: Limits = Limits()
    stop: Stop = Stop()
    checks: Checks = Checks()
    root_inside: bool = False
