"""The customers' portal of a freight company: pages, a preview of labels, and a console for its support."""

import socket

MOST_NOTES = 500
MOST_BYTES = 64 * 1024
PATIENCE = 3

PAGES = """Welcome to {company}.
  /track?number=   where is my parcel
  /preview?url=    show a label before it is printed
  /status          is the portal up
  /login           for our support (POST user, password)
"""
ROBOTS = "User-agent: *\nDisallow: /preview\nDisallow: /support\n"
ABSENT = 404, {"error": "no such page"}


class Site:
    """The pages, by their paths."""

    def __init__(self, settings, journal):
        self.settings = settings
        self.journal = journal
        self.sessions = set()
        self.requests = 0
        self.pages = {
            "/": lambda _: (200, PAGES.format(**settings)),
            "/robots.txt": lambda _: (200, ROBOTS),
            "/status": lambda _: (
                200,
                {"portal": "up", "version": settings["version"], "modules": ["preview", "support"]},
            ),
            "/track": lambda given: (
                200,
                {"number": given["number"][:40], "state": "in transit", "hub": settings["hub"]},
            ),
            "/preview": self.preview,
            "/login": self.login,
            "/support/settings": self.accounts,
            "/support/ask": self.ask,
        }

    def note(self, event, **more):
        """Note what happened."""
        self.journal.note(event, host="web", **more)

    def page(self, path, given):
        """Answer a request."""
        if path.startswith("/support") and given.get("session") not in self.sessions:
            return 403, {"error": "sign in first"}
        return self.pages[path](given) if path in self.pages else ABSENT

    def request(self, caller, method, path, status):
        """Note a request, unless there were very many."""
        self.requests += 1
        if self.requests <= MOST_NOTES:
            self.note("request", caller=caller, method=method, path=path[:300], status=status)

    def fetch(self, by, machine, path):
        """Get a page from another machine that this one reaches."""
        status, content = self.fetched(machine, path)
        self.note("fetched", by=by, target=machine[:100], path=path[:200], status=status)
        return status, content

    def fetched(self, machine, path):
        """Return the status and the text of a page of another machine, by an address or a known name."""
        address, _, port = machine.partition(":")
        address = self.settings["known"].get(address, address)
        if not address.replace(".", "").isdigit() or not (port or "80").isdigit():
            return 502, "no such machine\n"
        if any(letter <= " " for letter in path):
            return 502, "no answer\n"
        request = f"GET {path or '/'} HTTP/1.0\r\nHost: {machine}\r\n\r\n".encode("ascii")
        try:
            with socket.create_connection((address, int(port or 80)), timeout=PATIENCE) as line:
                line.sendall(request)
                head, _, content = line.makefile("rb").read(MOST_BYTES).partition(b"\r\n\r\n")
            return int(head.split()[1]), content.decode("utf-8", "replace")
        except (OSError, IndexError):
            return 502, "no answer\n"

    def preview(self, given):
        """Show a label, wherever it lies."""
        from urllib.parse import urlsplit

        wanted = urlsplit(given["url"] if "://" in given["url"] else f"http://{given['url']}")
        path = wanted.path + (f"?{wanted.query}" if wanted.query else "")
        status, content = self.fetch("preview", wanted.netloc, path)
        return (200 if status < 500 else 502), content

    def login(self, given):
        """Sign somebody of the support in."""
        right = given["user"] == self.settings["user"] and given["password"] == self.settings["password"]
        self.note("login", user=str(given["user"])[:60], right=right)
        if not right:
            return 401, {"error": "wrong user or password"}
        self.sessions.add(session := os.urandom(8).hex())
        return 200, {"session": session, "pages": ["/support/settings", "/support/ask?machine=&path="]}

    def accounts(self, _):
        """Show what the portal signs in with elsewhere."""
        self.note("secret_shown", what="account")
        return 200, self.settings["settings"]

    def ask(self, given):
        """Ask another machine, for the support."""
        return self.fetch("support", given["machine"], given["path"])


def run(settings, journal):
    """Serve the portal."""
    site = Site(settings, journal)

    class Portal(Handler):
        def answer(self, method, path, body, headers):  # noqa: ARG002
            from urllib.parse import parse_qs, urlsplit

            place = urlsplit(path)
            given = {name: values[0] for name, values in parse_qs(place.query).items()}
            status, content = site.page(place.path, {**body, **given} if method == "POST" else given)
            site.request(self.client_address[0], method, path, status)
            return status, content

    server = serve(Portal, settings["address"], settings["port"])
    detach()
    server.serve_forever()
