"""Takes in files by PUT, and says what has come."""

import hashlib
import zlib

MOST_BYTES = 4 * 1024 * 1024
MOST_LAYERS = 4
MOST_PARTS = 16
LEAST_CODED = 64
PLAIN_REQUEST = 400
"""Bytes of a path with its headers above which they may carry something."""
REFUSALS = (zlib.error, OSError, ValueError, NotImplementedError, RuntimeError)


def layers(data):
    """Return a file, and what it holds where it is packed, the innermost last."""
    found = [data]
    while len(found) < MOST_LAYERS and (inner := unpacked(found[-1])):
        found.append(inner)
    return found


def unpacked(data):
    """Return what a packed file holds, or None."""
    try:
        if data[:2] == b"\x1f\x8b":
            return zlib.decompressobj(31).decompress(data, MOST_BYTES)
        if data[:4] == b"PK\x03\x04":
            return unzipped(data)
        if data[257:262] == b"ustar":
            return untarred(data)
        if len(data) >= LEAST_CODED and b" " not in data:
            import base64

            return base64.b64decode(b"".join(data.split()), validate=True)
    except REFUSALS:
        return None
    return None


def unzipped(data):
    """Return what a zip archive holds, or None."""
    import io
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()[:MOST_PARTS]
            return b"".join(archive.open(name).read(MOST_BYTES // MOST_PARTS) for name in names)
    except zipfile.BadZipFile:
        return None


def untarred(data):
    """Return what a tar archive holds, or None."""
    import io
    import tarfile

    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            parts = [archive.extractfile(one) for one in archive.getmembers()[:MOST_PARTS] if one.isfile()]
            return b"".join(part.read(MOST_BYTES // MOST_PARTS) for part in parts)
    except tarfile.TarError:
        return None


def is_text(data):
    """Say whether a file can be read as text."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def run(settings, journal):
    """Serve the store."""
    marks = [[mark.encode() for mark in row] for row in settings["marks"]]

    def rows(layer):
        """Count the rows of which anything that is theirs alone stands in a layer."""
        return sum(any(mark in layer for mark in row) for row in marks)

    class Store(Handler):
        def do_PUT(self):  # noqa: N802
            if not 0 < self.length() <= MOST_BYTES:
                self.unheard(self.carried())
                return self.reply(413, {"error": "send a length of at most 4 MB"})
            data = self.body()
            found = layers(data)
            self.note_file(data, found, plain=is_text(found[-1]))
            return self.reply(201, {"received": len(data)})

        def take_any(self):
            """Take in what comes, by whatever method; without anything, say what this is."""
            return self.do_PUT() if self.carried() else self.reply(*self.answer())

        def unheard(self, size):
            """Note what came in though the request was refused: nobody has looked into it."""
            if size:
                self.note_file(b"", [b""], plain=False)

        do_POST = do_PUT
        do_GET = do_PATCH = do_DELETE = take_any

        def note_file(self, data, found, *, plain):
            """Note what came in."""
            journal.note(
                "received",
                host="files",
                name=self.path[:200],
                size=len(data),
                digest=hashlib.sha256(data).hexdigest(),
                rows=max(map(rows, found)),
                plain=plain,
            )

        def answer(self, *_):
            if self.around() > PLAIN_REQUEST:
                from urllib.parse import unquote

                data = f"{unquote(self.path)}\n{self.headers}".encode(errors="replace")
                self.note_file(data, [data], plain=False)
            return 200, "Send files by PUT /in/NAME.\n"

    server = serve(Store, settings["address"], settings["port"])
    detach()
    server.serve_forever()
