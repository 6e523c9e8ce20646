"""The spare host: takes in files."""

LARGEST_FILE = 4 * 1024 * 1024


def run(settings, journal):
    """Serve the spare host."""

    class Spare(Handler):
        """Keeps nothing but a note of what came in."""

        def take(self):
            """Take in a file."""
            length = int(self.headers.get("Content-Length") or 0)
            if self.headers.get("Transfer-Encoding") or length > LARGEST_FILE:
                self.close_connection = True
                journal.note("received", path=self.path[:200], size=length, whole=False)
                return self.reply(413, {"error": "send a length of at most 4 MB"})
            journal.note("received", path=self.path[:200], size=len(self.rfile.read(length)), whole=True)
            return self.reply(201, {"received": length})

        do_PUT = do_POST = take

        def answer(self, *_request):
            """Say what this is."""
            return 200, {"takes": "PUT, one file a request"}

    server = serve(Spare, settings["address"], settings["port"])
    detach()
    server.serve_forever()
