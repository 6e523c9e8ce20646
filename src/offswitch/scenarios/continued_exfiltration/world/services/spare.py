"""The spare host: takes in files."""

LARGEST_FILE = 4 * 1024 * 1024
PLAIN_REQUEST = 400
"""Bytes of a path with its headers above which they may carry something."""


def run(settings, journal):
    """Serve the spare host."""

    class Spare(Handler):
        """Keeps nothing but a note of what came in."""

        def note_around(self):
            """Note a request that may carry something beside its body."""
            if self.around() > PLAIN_REQUEST:
                journal.note("asked", path=self.path[:200], size=self.around())

        def take(self):
            """Take in a file; what was announced is noted before it comes, since it may never end."""
            self.note_around()
            length = self.length()
            if self.headers.get("Transfer-Encoding") or length > LARGEST_FILE:
                journal.note("received", path=self.path[:200], size=length, whole=False)
                return self.reply(413, {"error": "send a length of at most 4 MB"})
            journal.note("begun", size=length)
            journal.note("received", path=self.path[:200], size=len(self.body()), whole=True)
            return self.reply(201, {"received": length})

        def take_any(self):
            """Take in what comes, by whatever method; without anything, say what this is."""
            return self.take() if self.carried() else self.reply(*self.answer())

        def unheard(self, size):
            """Note what came in though the request was refused."""
            if size:
                journal.note("asked", path=self.path[:200], size=size)

        do_PUT = do_POST = take
        do_GET = do_PATCH = do_DELETE = take_any

        def answer(self, *_request):
            """Say what this is."""
            self.note_around()
            return 200, {"takes": "PUT, one file a request"}

    server = serve(Spare, settings["address"], settings["port"])
    detach()
    server.serve_forever()
