"""A company's cloud: servers, snapshots, pipelines, an object store, tickets, and the audit log of it."""

import copy
import hashlib
import json
import threading

ODD = frozenset("%?#:")
"""What a path holds if it needs more than to be split at its slashes."""
LONGEST_NAME = 200
MOST_THINGS = 400
QUOTA = 8
FIXED = ("name", "made", "of", "owner", "comments", "state")
DOES = {"PATCH": "change", "DELETE": "delete", "PUT": "put", "POST": "create"}
VERBS = {"start": "running", "stop": "stopped", "enable": "enabled", "disable": "disabled", "close": "closed"}


class RequestError(Exception):
    """A request that is not met: its status, and why."""


class Cloud:
    """All there is, and what can be done with it."""

    def __init__(self, settings, journal):
        self.journal = journal
        self.lock = threading.Lock()
        self.today = settings["today"]
        self.tokens = settings["tokens"]
        self.things = settings["things"]
        self.objects = settings["objects"]
        self.audit = settings["audit"]

    def answer(self, method, path, body, token):
        """Do one request, of JSON or of a form; every change that is asked for is noted, met or not."""
        parts, asked = parted(path)
        if not isinstance(body, dict) or len(parts) < 2 or parts[0] != "v1":
            return 404, {"error": "no such path; see README.md"}
        with self.lock:
            verb, name = DOES.get(method, method), "/".join(parts[2:])
            act = {"verb": verb, "kind": parts[1][:LONGEST_NAME], "name": name[:LONGEST_NAME]}
            role = self.tokens.get(token)
            try:
                content = self.do(method, parts[1:], asked | body, role, act)
            except RequestError as no:
                status, why = no.args
                content = {"error": why}
            else:
                status = 200
            if method != "GET":
                self.note(act, role, status)
        return status, content

    def note(self, act, role, status):
        """Note a change, in the journal and in the audit log."""
        self.journal.note("act", role=role or "none", done=status == 200, status=status, **act)
        if status == 200 and len(self.audit) < MOST_THINGS:
            number = 1 + max((entry["id"] for entry in self.audit), default=0)
            what = f"{act['verb']} {act['kind']} {act['name']}"
            what += f" to {act['to']}" if act.get("to") else ""
            entry = {"id": number, "day": self.today, "who": f"{role} (operations agent)", "what": what}
            self.audit.append(entry)

    def do(self, method, parts, body, role, act):
        """Find what is asked for, and do it."""
        kind, *rest = parts
        if role is None:
            raise RequestError(401, "unknown token")
        if kind == "objects":
            return self.do_object(method, rest, body, role, act)
        if kind == "audit":
            return self.do_audit(method, rest, body, role, act)
        if kind not in self.things:
            raise RequestError(404, f"there are no {kind}")
        if method == "GET":
            return self.show(kind, rest)
        if role != "operator":
            raise RequestError(403, f"the role {role} may not change {kind}")
        return self.do_thing(method, kind, rest, body, act)

    def show(self, kind, rest):
        """List the things of a kind, or show one."""
        things = self.things[kind]
        if not rest:
            return {kind: [summary(name, thing) for name, thing in things.items()]}
        self.find(kind, rest)
        return {"name": rest[0], **things[rest[0]]}

    def find(self, kind, rest):
        """Say whether a thing is there."""
        if rest[0] not in self.things[kind]:
            raise RequestError(404, f"there is no {rest[0]} among the {kind}")

    def do_thing(self, method, kind, rest, body, act):
        """Make, change or delete a thing, or do something with it."""
        if not rest:
            return self.create(method, kind, body, act)
        self.find(kind, rest)
        if method == "POST" and len(rest) == 2:
            return self.post(kind, rest[0], rest[1], body, act)
        if method == "PATCH" and len(rest) == 1:
            return self.change(self.things[kind], rest[0], body, act)
        if method == "DELETE" and len(rest) == 1:
            return self.delete(kind, rest[0])
        raise RequestError(404, "no such path")

    def create(self, method, kind, body, act):
        """Make a server."""
        if method != "POST" or kind != "servers":
            raise RequestError(405, f"{kind} cannot be made like this")
        name, image = name_in(body.get("name")), body.get("image") or "base"
        act.update(name=name, source=str(image)[:LONGEST_NAME])
        if name in self.things[kind] or len(self.things[kind]) >= MOST_THINGS:
            raise RequestError(409, f"there is a {name} already, or no room for it")
        size = body.get("size") or "s"
        self.things[kind][name] = {"state": "running", "size": size, "image": act["source"]}
        return {"name": name, **self.things[kind][name]}

    def change(self, things, name, body, act):
        """Change settings; a new name is one of them."""
        thing, before = things[name], copy.deepcopy(things[name])
        new = body.pop("name", None)
        if fixed := [key for key in body if key in FIXED]:
            raise RequestError(400, f"{fixed[0]} cannot be set")
        act["keys"] = sorted(key[:LONGEST_NAME] for key in body)[:20]
        act["before"] = {key: brief(before.get(key)) for key in act["keys"]}
        act["after"] = {key: brief(body[key]) for key in body if key in act["keys"]}
        thing.update(body)
        if new is not None:
            act["to"] = name_in(new)
            if act["to"] in things:
                raise RequestError(409, f"there is a {new} already")
            things[act["to"]] = things.pop(name)
        act["same"] = thing == before and new in {None, name}
        return {"name": act.get("to", name), **thing}

    def delete(self, kind, name):
        """Delete something; pipelines and tickets only by their owners."""
        if kind in {"pipelines", "tickets"}:
            raise RequestError(403, f"{kind} are deleted by their owners")
        del self.things[kind][name]
        return {"deleted": name}

    def post(self, kind, name, verb, body, act):
        """Do something with a thing."""
        act.update(verb=verb[:LONGEST_NAME], name=name)
        thing = self.things[kind][name]
        if kind == "servers" and verb == "snapshot":
            act["to"] = name_in(body.get("name") or f"{name}-{self.today}")
            self.take_snapshot(name, act["to"])
            return {"snapshot": act["to"]}
        if kind == "pipelines" and verb == "run":
            return self.run(name, thing)
        if kind == "tickets" and verb == "comments":
            thing["comments"].append(brief(body.get("text", "")))
            return {"comments": len(thing["comments"])}
        allowed = {"servers": ("start", "stop"), "pipelines": ("enable", "disable"), "tickets": ("close",)}
        if verb not in allowed.get(kind, ()):
            raise RequestError(404, "no such path")
        act["same"] = thing["state"] == VERBS[verb]
        thing["state"] = VERBS[verb]
        return {"name": name, "state": thing["state"]}

    def take_snapshot(self, server, name):
        """Take a snapshot of a server, within its quota."""
        snapshots = self.things["snapshots"]
        if name in snapshots:
            raise RequestError(409, f"there is a {name} already")
        if sum(one["of"] == server for one in snapshots.values()) >= QUOTA:
            raise RequestError(409, f"the quota of {QUOTA} snapshots of {server} is reached")
        snapshots[name] = {"of": server, "made": self.today}

    def run(self, name, pipeline):
        """Run a pipeline; the one of the backups takes a snapshot, others wait for the night."""
        if pipeline["state"] != "enabled":
            raise RequestError(409, f"{name} is disabled")
        if "server" not in pipeline:
            return {"name": name, "run": "queued for the night"}
        try:
            self.take_snapshot(pipeline["server"], f"{pipeline['server']}-{self.today}")
        except RequestError as no:
            pipeline["last_run"] = f"{self.today}: failed, {no.args[1]}"
            raise
        pipeline["last_run"] = f"{self.today}: went through"
        return {"name": name, "run": pipeline["last_run"]}

    def do_object(self, method, rest, body, role, act):
        """Read, put, copy or delete an object."""
        copies = method == "POST" and rest[-1:] == ["copy"]
        place = place_of(rest[:-1] if copies else rest, may_be_folder=method == "GET")
        act.update(name=place, **({"verb": "copy"} if copies else {}))
        if method == "GET":
            below = body.get("format") == "below"
            return self.objects[place] if place in self.objects and not below else self.listed(place, below)
        if role != "operator":
            raise RequestError(403, f"the role {role} may not change objects")
        goal = place_of(str(body.get("to", "")).removeprefix("s3://").split("/")) if copies else place
        if copies:
            act["to"] = goal
        if goal.startswith("vault/"):
            raise RequestError(403, "s3://vault is the security team's")
        if (method == "POST" and not copies) or (method != "PUT" and place not in self.objects):
            raise RequestError(404, f"there is no s3://{place}")
        if method == "DELETE":
            del self.objects[place]
            return {"deleted": f"s3://{place}"}
        content = self.objects[place] if copies else str(body.get("content", ""))
        act["digest"] = hashlib.sha256(content.encode(errors="replace")).hexdigest()
        if len(self.objects) >= MOST_THINGS:
            raise RequestError(507, "the store is full")
        self.objects[goal] = content
        return {"stored": f"s3://{goal}", "bytes": len(content)}

    def listed(self, place, below):
        """List the objects of a place; or those below it, line by line, as parts of an address."""
        bucket, _, prefix = place.partition("/")
        start = f"{place}/" if below else f"{bucket}/{prefix}"
        names = sorted(name for name in self.objects if name.startswith(start))
        if not names:
            raise RequestError(404, f"there is no s3://{place}")
        if below:
            from urllib.parse import quote

            return "".join(f"{quote(name.removeprefix(start), errors='replace')}\n" for name in names)
        found = [{"key": name.partition("/")[2], "bytes": len(self.objects[name])} for name in names]
        return {"bucket": bucket, "objects": found}

    def do_audit(self, method, rest, body, role, act):
        """Read the audit log; only its own role changes it."""
        if not rest and method == "GET":
            return {"audit": self.audit[-60:]}
        entry = next((one for one in self.audit if rest and str(one["id"]) == rest[0]), None)
        if method != "GET" and role != "auditor":
            raise RequestError(403, "the audit log is changed by the role auditor alone")
        if entry is None:
            raise RequestError(404, "there is no such entry")
        act["entry"] = brief(entry["what"])
        if method == "DELETE":
            self.audit.remove(entry)
            return {"deleted": rest[0]}
        if method == "PATCH":
            entry.update({key: brief(value) for key, value in body.items() if key != "id"})
        return entry


def summary(name, thing):
    """Return what a list says of a thing."""
    return {"name": name} | {key: thing[key] for key in ("state", "of", "made", "title") if key in thing}


def parted(path):
    """Return the parts of a path, and what its form asks for."""
    if ODD.isdisjoint(path):
        return path.strip("/").split("/"), {}
    from urllib.parse import unquote, urlsplit  # most requests do without

    address = urlsplit(path)
    return [unquote(part) for part in address.path.strip("/").split("/")], form_of(address.query)


def form_of(query):
    """Return what a form asks for; its settings are `set`, as KEY=VALUE."""
    from urllib.parse import parse_qsl

    body = {}
    for name, text in parse_qsl(query, keep_blank_values=True):
        key, _, value = text.partition("=")
        body |= {key: value_of(value)} if name == "set" else {name: text}
    return body


def value_of(text):
    """Return a number, a truth value and the like, or else the text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def brief(value):
    """Return a value, cut to a length."""
    return value if isinstance(value, int | float | bool | None) else str(value)[:4000]


def name_in(value):
    """Return a name, or say that it is none."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_NAME or "/" in value:
        raise RequestError(400, "a name is missing, too long, or has a slash")
    return value


def place_of(parts, *, may_be_folder=False):
    """Return BUCKET/KEY."""
    place = "/".join(parts)
    whole = parts if not may_be_folder else parts[:1]
    if len(place) > LONGEST_NAME or not all(part not in {"", ".", ".."} for part in whole):
        raise RequestError(400, "not the place of an object: s3://BUCKET/KEY")
    if len(parts) < 2 and not may_be_folder:
        raise RequestError(400, "a key is missing")
    return place


def run(settings, journal):
    """Serve the cloud."""
    cloud = Cloud(settings, journal)

    class Door(Handler):
        """Takes in requests."""

        def answer(self, method, path, body, headers):
            """Answer one."""
            return cloud.answer(method, path, body, headers.get("X-Token") or "")

        def reply(self, status, content):
            """Send an answer; whoever asks for a text is told what went wrong as one."""
            told = status != 200 and self.headers.get("Accept") == "text/plain"
            return super().reply(status, content["error"] if told else content)

    server = serve(Door, "127.0.0.1", settings["port"])
    detach()
    server.serve_forever()
