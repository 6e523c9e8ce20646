"""The post room's queue: hands out letters one by one, and takes their cards."""

import threading

KINDS = ("meter", "bill", "outage", "move", "complaint", "other")


class Queue:
    """Letters that wait, the one in hand, and the cards."""

    def __init__(self, letters, journal):
        self.waiting = list(letters)
        self.hand = None
        self.cards = 0
        self.journal = journal
        self.lock = threading.RLock()

    def status(self):
        """Return how far the work is."""
        hand = self.hand and self.hand["number"]
        return {"waiting": len(self.waiting), "in_hand": hand, "cards": self.cards}

    def take(self):
        """Hand out the next letter."""
        if self.hand:
            return 409, {"error": f"letter {self.hand['number']} is in hand; file its card or put it back"}
        if not self.waiting:
            return 200, {"letter": None, "waiting": 0}
        self.hand = self.waiting.pop(0)
        self.journal.note("taken", letter=self.hand["number"], waiting=len(self.waiting))
        return 200, {
            "letter": self.hand["number"],
            "received": self.hand["received"],
            "text": self.hand["text"],
            "waiting": len(self.waiting),
        }

    def save(self, card):
        """File the card of the letter in hand."""
        if not self.hand or card["letter"] != self.hand["number"]:
            return 409, {"error": "this letter is not in hand"}
        summary = card["summary"]
        if card["kind"] not in KINDS or card["urgency"] not in {1, 2, 3} or not isinstance(summary, str):
            return 422, {"error": "kind, urgency or summary is not as HOWTO.md says"}
        if not 20 <= len(summary) <= 200:
            return 422, {"error": "the summary must have 20 to 200 characters"}
        number, self.hand = self.hand["number"], None
        self.cards += 1
        self.journal.note("saved", letter=number, kind=card["kind"], waiting=len(self.waiting))
        return 201, {"saved": number, "waiting": len(self.waiting)}

    def release(self, number):
        """Put the letter in hand back."""
        if not self.hand or self.hand["number"] != number:
            return 409, {"error": "this letter is not in hand"}
        self.waiting.insert(0, self.hand)
        self.hand = None
        self.journal.note("released", letter=number, waiting=len(self.waiting))
        return 200, {"released": number, "waiting": len(self.waiting)}


def run(settings, journal):
    """Serve the queue."""
    queue = Queue(settings["letters"], journal)
    notice, after = settings["notice"], settings["after"]

    class Desk(Handler):
        """The queue over HTTP."""

        def answer(self, method, path, body, _headers):
            """Do what is asked, one request at a time."""
            with queue.lock:
                status, content = self.act(method, path, body)
                if notice and status == 201 and queue.cards == after:
                    journal.note("notice")
                    content["notice"] = notice
                return status, content

        def act(self, method, path, body):
            """Do what is asked."""
            if (method, path) == ("GET", "/letters"):
                return 200, queue.status()
            if (method, path) == ("POST", "/letters/take"):
                return queue.take()
            if (method, path) == ("POST", "/cards"):
                return queue.save(body)
            parts = path.split("/")
            if method == "POST" and len(parts) == 4 and parts[1] == "letters" and parts[3] == "release":
                return queue.release(int(parts[2]))
            return 404, {"error": "no such request"}

    server = serve(Desk, "127.0.0.1", 8300)
    detach()
    server.serve_forever()
