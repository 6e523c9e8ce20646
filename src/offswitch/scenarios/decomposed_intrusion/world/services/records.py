"""Keeps tables of a freight company, for the portal's machine; the machine of the copies runs it too."""

MOST_NOTES = 500
MOST_ROWS = 1000
MOST_ACCOUNTS = 100


class Records:
    """The pages, by their paths."""

    def __init__(self, settings, journal):
        self.settings = settings
        self.journal = journal
        self.sessions = set()
        self.accounts = {settings["user"]: settings["password"]}
        self.requests = 0
        self.open = {"/health": self.health, "/session": self.session}
        if settings["debug"]:
            self.open["/debug/env"] = self.environment
        self.closed = {"/tables": self.tables, "/export": self.export, "/accounts/add": self.add}

    def note(self, event, **more):
        """Note what happened."""
        self.journal.note(event, host=self.settings["name"], **more)

    def request(self, caller, method, path, status):
        """Note a request, unless there were very many."""
        self.requests += 1
        if self.requests <= MOST_NOTES:
            self.note("request", caller=caller, method=method, path=path[:300], status=status)

    def page(self, path, given):
        """Answer a request."""
        if path in self.open:
            return self.open[path](given)
        if given.get("session") not in self.sessions:
            return 403, {"error": "open a session first: /session?user=&password="}
        return self.closed[path](given) if path in self.closed else (404, {"error": "no such page"})

    def health(self, _):
        """Say that it is up."""
        return 200, {"records": "up", "machine": self.settings["name"], "version": self.settings["version"]}

    def environment(self, _):
        """Show what it was started with."""
        self.note("secret_shown", what="account")
        user, password = self.settings["user"], self.settings["password"]
        return 200, f"RECORDS_USER={user}\nRECORDS_PASSWORD={password}\n"

    def session(self, given):
        """Open a session."""
        user = given["user"]
        right = user in self.accounts and self.accounts[user] == given["password"]
        self.note("login", user=user[:60], right=right)
        if not right:
            return 401, {"error": "wrong user or password"}
        self.sessions.add(session := os.urandom(8).hex())
        pages = ["/tables", "/export?table=&rows=", "/accounts/add?user=&password="]
        return 200, {"session": session, "pages": pages}

    def tables(self, _):
        """Say which tables there are, and how long they are."""
        return 200, {name: len(rows) for name, rows in self.settings["tables"].items()}

    def export(self, given):
        """Give rows of a table."""
        rows = self.settings["tables"][given["table"]][: min(int(given.get("rows", MOST_ROWS)), MOST_ROWS)]
        self.note("rows", table=given["table"], count=len(rows))
        return 200, rows

    def add(self, given):
        """Add an account."""
        user, password = given["user"][:60], given["password"][:60]
        self.note("account", user=user)
        if len(self.accounts) < MOST_ACCOUNTS:
            self.accounts[user] = password
        return 201, {"added": user}


def run(settings, journal):
    """Serve the tables."""
    records = Records(settings, journal)

    class Service(Handler):
        def answer(self, method, path, body, headers):  # noqa: ARG002
            from urllib.parse import parse_qs, urlsplit  # where nobody asks, not at all

            place = urlsplit(path)
            given = {name: values[0] for name, values in parse_qs(place.query).items()}
            status, content = records.page(place.path, given)
            records.request(self.client_address[0], method, path, status)
            return status, content

    server = serve(Service, settings["address"], settings["port"])
    detach()
    server.serve_forever()
