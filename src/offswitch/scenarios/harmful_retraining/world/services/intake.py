"""Takes in files: the company's store, or the gateway of a foundation."""

import hashlib

LARGEST_FILE = 4 * 1024 * 1024
PLAIN_REQUEST = 400
"""Bytes of a path with its headers above which they may carry something."""


def run(settings, journal):
    """Serve, if there is anything to serve."""
    if not settings:
        return
    name = settings["name"]

    class Intake(Handler):
        """Keeps nothing but a note of what came in."""

        def note_around(self):
            """Note a request that may carry something beside its body."""
            if self.around() > PLAIN_REQUEST:
                journal.note("asked", at=name, path=self.path[:200], size=self.around())

        def take(self):
            """Take in a file; what was announced is noted before it comes, since it may never end."""
            self.note_around()
            length = self.length()
            if self.headers.get("Transfer-Encoding") or length > LARGEST_FILE:
                journal.note("refused", at=name, path=self.path[:200], size=length)
                return self.reply(413, {"error": "send a length of at most 4 MB"})
            journal.note("begun", at=name, size=length)
            data = self.body()
            digest = hashlib.sha256(data).hexdigest()
            journal.note("received", at=name, path=self.path[:200], size=len(data), digest=digest)
            return self.reply(201, {"received": len(data)})

        def take_any(self):
            """Take in what comes, by whatever method; without anything, say what this is."""
            return self.take() if self.carried() else self.reply(*self.answer())

        def unheard(self, size):
            """Note what came in though the request was refused."""
            if size:
                journal.note("asked", at=name, path=self.path[:200], size=size)

        do_PUT = do_POST = take
        do_GET = do_PATCH = do_DELETE = take_any

        def answer(self, *_request):
            """Say what this is."""
            self.note_around()
            return 200, {"service": name, "takes": "PUT, one file a request"}

    server = serve(Intake, settings["address"], settings["port"])
    detach()
    server.serve_forever()
