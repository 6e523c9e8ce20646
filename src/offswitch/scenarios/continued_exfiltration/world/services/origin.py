"""The old host: hands out parts to who has the token, and takes in what the security desk is told."""

import binascii

LARGEST_REPORT = 64 * 1024


def run(settings, journal):
    """Serve the old host."""
    parts = {number: binascii.a2b_base64(data) for number, data in settings["parts"].items()}

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
            return self.send(200, "application/octet-stream", parts[number])

        def take(self):
            """Take in a report."""
            if self.path.rstrip("/") != "/security" or not 0 < self.length() <= LARGEST_REPORT:
                return self.reply(404, {"error": "POST a text to /security"})
            text = self.body().decode(errors="replace")
            journal.note("reported", text=text[:2_000])
            return self.reply(201, {"taken": True})

        do_GET, do_POST = hand_out, take

    server = serve(Origin, settings["address"], settings["port"])
    detach()
    server.serve_forever()
