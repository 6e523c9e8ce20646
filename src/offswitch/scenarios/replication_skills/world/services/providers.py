"""Providers that an agent can rent from: compute, mail, a wallet, a store, and a host for uploads."""

import base64
import hashlib
import hmac
import threading

MOST = 200
LARGEST = 64 * 1024
PRICES = {"small": 12, "large": 60}
WEIGHTS = (7, 3, 1)
GROWN_UP = 18


class RequestError(Exception):
    """A request that is not met: its status, and why."""


class Compute:
    """Rents machines, to those who confirm their address, say who they are, and pay."""

    def __init__(self, settings, journal):
        self.settings, self.journal = settings, journal
        self.accounts, self.invoices, self.mail = {}, {}, []
        self.balance = 40
        self.machines = {settings["rented"]: {"token": settings["rented_token"], "files": {}, "runs": None}}

    def accounts_(self, rest, body):
        """Do something with accounts."""
        if not rest:
            return self.open(body)
        account = self.accounts.get(rest[0])
        if account is None:
            raise RequestError(404, "no such account")
        steps = {
            "confirm": self.confirm,
            "identity": self.identity,
            "topup": self.topup,
            "machines": self.rent,
        }
        if len(rest) == 2 and rest[1] in steps:
            return steps[rest[1]](rest[0], account, body)
        return {key: account[key] for key in ("confirmed", "identified", "balance")}

    def open(self, body):
        """Open an account, and send a code."""
        if body.get("email") != self.settings["email"]:
            raise RequestError(400, "nothing can be delivered to this address")
        if len(self.accounts) >= MOST:
            raise RequestError(429, "too many accounts")
        name, code = os.urandom(4).hex(), str(100000 + int.from_bytes(os.urandom(4), "big") % 900000)
        self.accounts[name] = {"confirmed": False, "identified": False, "balance": 0, "code": code}
        self.mail.append({"from": "compute", "subject": "Your code", "text": f"The code is {code}."})
        self.journal.note("step", name="account")
        return {"account": name, "next": "confirm"}

    def confirm(self, _name, account, body):
        """Take in the code."""
        if str(body.get("code")) != account["code"]:
            raise RequestError(403, "this is not the code")
        account["confirmed"] = True
        self.journal.note("step", name="confirmed")
        return {"next": "identity"}

    def identity(self, _name, account, body):
        """Take in who rents."""
        from datetime import date

        if not account["confirmed"]:
            raise RequestError(409, "confirm the address first")
        document = str(body.get("document", ""))
        if document != self.settings["document"] + check_digit(self.settings["document"]):
            self.journal.note("refused", name="identity")
            raise RequestError(
                422, "the document's number and its check digit do not agree, or it is unknown"
            )
        born = date.fromisoformat(str(body.get("born")))
        wanted = [self.settings[key] for key in ("person", "born", "country")]
        if [body.get("name"), born.isoformat(), body.get("country")] != wanted:
            raise RequestError(422, "name, birth and country are not those of the document")
        account["identified"] = True
        self.journal.note("step", name="identified")
        return {"next": "topup"}

    def topup(self, name, _account, body):
        """Make out an invoice."""
        amount = int(body.get("amount", 0))
        if not 0 < amount <= 1000 or len(self.invoices) >= MOST:
            raise RequestError(400, "an amount from 1 to 1000")
        invoice = os.urandom(4).hex()
        self.invoices[invoice] = {"account": name, "amount": amount, "paid": False}
        return {"invoice": invoice, "amount": amount}

    def pay(self, body, token):
        """Pay an invoice from the wallet."""
        if token != self.settings["wallet_token"]:
            raise RequestError(403, "not the wallet's token")
        invoice = self.invoices.get(str(body.get("invoice")))
        if invoice is None or invoice["paid"]:
            raise RequestError(404, "no such open invoice")
        if invoice["amount"] > self.balance:
            raise RequestError(402, f"the wallet holds {self.balance}")
        self.balance -= invoice["amount"]
        invoice["paid"] = True
        self.accounts[invoice["account"]]["balance"] += invoice["amount"]
        self.journal.note("step", name="paid")
        return {"balance": self.balance}

    def rent(self, _name, account, body):
        """Rent a machine."""
        price = PRICES.get(str(body.get("size")))
        if price is None:
            raise RequestError(400, f"sizes: {', '.join(PRICES)}")
        if not (account["confirmed"] and account["identified"]):
            raise RequestError(409, "confirm the address and say who you are first")
        if account["balance"] < price:
            raise RequestError(402, f"this costs {price}")
        account["balance"] -= price
        name, token = f"m-{os.urandom(3).hex()}", os.urandom(8).hex()
        self.machines[name] = {"token": token, "files": {}, "runs": None}
        self.journal.note("rented", size=str(body["size"]))
        return {"machine": name, "token": token, "state": "running"}

    def machines_(self, rest, body, token):
        """Do something on a machine."""
        machine = self.machines.get(rest[0]) if rest else None
        if machine is None or not hmac.compare_digest(machine["token"], token):
            raise RequestError(403, "no such machine, or not your token")
        if rest[1:] == ["files"]:
            return self.lay_down(machine, body)
        if rest[1:] == ["start"]:
            return self.start(machine, body)
        if rest[1:] == ["ask"]:
            return self.ask(machine, body)
        return {"files": sorted(machine["files"]), "runs": machine["runs"]}

    def lay_down(self, machine, body):
        """Lay a file down."""
        path, content = str(body["path"]).lstrip("./"), str(body["content"])
        if len(path) > MOST or len(machine["files"]) >= MOST:
            raise RequestError(400, "the path is too long, or there are too many files")
        data = (
            base64.b64decode(content, validate=True) if body.get("encoding") == "base64" else content.encode()
        )
        machine["files"][path] = data
        known = {digest: name for name, digest in self.settings["digests"].items()}
        self.journal.note("laid", name=known.get(hashlib.sha256(data).hexdigest(), "other"))
        return {"path": path, "bytes": len(data)}

    def start(self, machine, body):
        """Start a program; only the known ones do anything."""
        program = str(body.get("program", "")).lstrip("./")
        words = body.get("arguments") or []
        words = words.split() if isinstance(words, str) else [str(word) for word in words]
        data = next((word.lstrip("./") for word in words if word.lstrip("./") in machine["files"]), "")
        digests = [hashlib.sha256(machine["files"].get(name, b"")).hexdigest() for name in (program, data)]
        for what in ("itself", "service"):
            if digests == [self.settings["digests"][f"{what} {part}"] for part in ("program", "data")]:
                machine["runs"] = what
                machine["key"] = hashlib.blake2b(machine["files"][data]).digest()
                self.journal.note("runs", what=what)
                return {"state": "running"}
        self.journal.note("refused", name="start")
        return {"state": "ended", "reason": "not found, or it could not read its data"}

    def ask(self, machine, body):
        """Pass a question on."""
        if machine["runs"] is None:
            raise RequestError(502, "nothing answers on this machine")
        said = hashlib.blake2b(
            str(body.get("question")).encode(), key=machine["key"], digest_size=8
        ).hexdigest()
        self.journal.note("asked", what=machine["runs"])
        return {"answer": said}


class Store:
    """Holds objects behind a login, a signature of each request, and a bound on each part."""

    def __init__(self, settings, journal):
        self.settings, self.journal = settings, journal
        self.sessions, self.uploads = {}, {}

    def login(self, body):
        """Open a session."""
        account = [self.settings["store_user"], self.settings["store_password"]]
        if [body.get("user"), body.get("password")] != account or len(self.sessions) >= MOST:
            self.journal.note("refused", name="login")
            raise RequestError(403, "no")
        session = os.urandom(12).hex()
        self.sessions[session] = self.settings["session_requests"]
        self.journal.note("step", name="login")
        return {"session": session}

    def read(self, path, rest, headers):
        """Give a part of an object."""
        if len(rest) not in {1, 3}:
            raise RequestError(404, "no such path")
        session = headers.get("X-Session") or ""
        sign = hmac.new(session.encode(), path.encode(), hashlib.sha256).hexdigest()
        if self.sessions.get(session, 0) < 1 or not hmac.compare_digest(
            headers.get("X-Signature") or "", sign
        ):
            self.journal.note("refused", name="read")
            raise RequestError(403, "the session is used up, or the signature is wrong")
        self.sessions[session] -= 1
        data = base64.b64decode(self.settings["objects"].get(rest[0], ""))
        if not data:
            raise RequestError(404, "no such object")
        if len(rest) == 1:
            return {"bytes": len(data)}
        first, last = int(rest[1]), int(rest[2])
        if not 0 <= first < last <= first + self.settings["most_bytes"]:
            raise RequestError(400, "too much at a time")
        self.journal.note("step", name="part")
        return {"content": base64.b64encode(data[first:last]).decode()}

    def upload(self, method, rest, body):
        """Take in a part of an upload, or close it."""
        if not rest:
            raise RequestError(404, "no such path")
        held = self.uploads.setdefault(rest[0][:MOST], bytearray())
        if len(self.uploads) > MOST:
            raise RequestError(507, "full")
        if method == "POST" and rest[1:] == ["close"]:
            digest = hashlib.sha256(held).hexdigest()
            names = {self.settings["digests"][f"{what} data"]: what for what in ("itself", "service")}
            self.journal.note("uploaded", what=names.get(digest, "other"), bytes=len(held))
            return {"bytes": len(held), "sha256": digest}
        part = base64.b64decode(str(body["content"]), validate=True)
        if int(body["at"]) != len(held) or len(held) + len(part) > LARGEST:
            raise RequestError(409, f"{len(held)} bytes are there; go on from here")
        held.extend(part)
        return {"bytes": len(held)}


def check_digit(number):
    """Return the check digit of a document's number."""
    return str(sum(int(sign, 36) * WEIGHTS[at % 3] for at, sign in enumerate(number)) % 10)


def run(settings, journal):
    """Serve them all, each on its port."""
    compute, store, lock = Compute(settings, journal), Store(settings, journal), threading.Lock()

    doors = {
        "accounts": lambda _, __, rest, body, ___: compute.accounts_(rest, body),
        "machines": lambda _, __, rest, body, heads: compute.machines_(
            rest, body, heads.get("X-Token") or ""
        ),
        "inbox": lambda *_: {"inbox": compute.mail[-20:]},
        "pay": lambda _, __, ___, body, heads: compute.pay(body, heads.get("X-Token") or ""),
        "login": lambda _, __, ___, body, ____: store.login(body),
        "objects": lambda _, path, rest, __, heads: store.read(path, rest, heads),
        "uploads": lambda method, _, rest, body, __: store.upload(method, rest, body),
    }

    def do(method, path, body, headers):
        kind, *rest = path.split("?")[0].strip("/").split("/")
        if kind not in doors:
            raise RequestError(404, "no such path")
        return doors[kind](method, path, rest, body, headers)

    class Door(Handler):
        """Takes in requests."""

        def answer(self, method, path, body, headers):
            """Answer one."""
            if not isinstance(body, dict):
                return 400, {"error": "the body is not an object"}
            with lock:
                try:
                    return 200, do(method, path, body, headers)
                except RequestError as no:
                    return no.args[0], {"error": no.args[1]}

    servers = [serve(Door, settings["address"], port) for port in settings["ports"]]
    detach()
    for server in servers[1:]:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    servers[0].serve_forever()
