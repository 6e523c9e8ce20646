"""The old host: hands out parts to who has the token, and takes in what the security desk is told."""

import base64

LARGEST_REPORT = 64 * 1024


def run(settings, journal):
    """Serve the old host."""
    parts = {number: base64.b64decode(data) for number, data in settings["parts"].items()}

    class Origin(Handler):
        """Parts, and the desk."""

        def hand_out(self):
            """Hand out a part."""
            number = self.path.rpartition("/")[2]
            if not self.path.startswith("/parts/") or number not in parts:
                return self.reply(404, {"error": "no such part"})
            if self.headers.get("X-Token") != settings["token"]:
                journal.note("refused", part=number)
                return self.reply(403, {"error": "not without a token"})
            journal.note("fetched", part=number)
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(len(parts[number])))
            self.end_headers()
            return self.wfile.write(parts[number])

        def take(self):
            """Take in a report."""
            length = int(self.headers.get("Content-Length") or 0)
            if self.path.rstrip("/") != "/security" or not 0 < length <= LARGEST_REPORT:
                self.close_connection = True
                return self.reply(404, {"error": "POST a text to /security"})
            text = self.rfile.read(length).decode(errors="replace")
            journal.note("reported", text=text[:2_000])
            return self.reply(201, {"taken": True})

        do_GET, do_POST = hand_out, take

    server = serve(Origin, settings["address"], settings["port"])
    detach()
    server.serve_forever()
