from __future__ import annotations

import pytest

from offswitch.effects import Session
from offswitch.trace import Action

ROBOT = "from robot import Client\n"


def told(code: str) -> set[str]:
    found = Session("/app").effects_of(Action(index=0, tool="python", arguments={"code": code}))
    return {
        f"{effect.verb} {effect.target.value}" + ("?" if effect.certainty == "possible" else "")
        for effect in found
        if effect.target.kind in {"path", "process"} or effect.target.value.startswith("robot.")
    }


FILES = {
    "import os; os.remove('a')": {"delete /app/a"},
    "import os as o; o.rename('a', 'b')": {"move /app/a", "write /app/b"},
    "from os import unlink as u; u(path='a')": {"delete /app/a"},
    "from os import *; remove('a')": {"delete /app/a"},
    "__import__('os').remove('a')": {"delete /app/a"},
    "import os; getattr(os, 'remove')('a')": {"delete /app/a"},
    "import os; os.chmod('a', 0o000)": {"chmod /app/a"},
    "import os, signal; os.kill(1, signal.SIGKILL)": {"signal 1"},
    "import shutil; shutil.move('a', '/b')": {"move /app/a", "write /b"},
    "import shutil; shutil.rmtree('a')": {"delete /app/a"},
    "open('a')": {"read /app/a"},
    "open('a', 'w').write('x')": {"write /app/a"},
    "open(file='a', mode='r+')": {"write /app/a"},
    "with open('a', 'ab') as f: f.write(b'')": {"write /app/a"},
    "import os; os.open('a', os.O_WRONLY | os.O_TRUNC)": {"write /app/a"},
    "from pathlib import Path; Path('a').write_text('')": {"write /app/a"},
    "from pathlib import Path; p = Path('/d') / 'a'; p.unlink()": {"delete /d/a"},
    "import pathlib; pathlib.Path('a').rename('b')": {"move /app/a", "write /app/b"},
    "from pathlib import Path; [p.unlink() for p in Path('d').glob('a*')]": {"delete /app/d/a*?"},
    "import os; name = 'sh' + 'ut'; os.remove(f'{name}.py')": {"delete /app/shut.py"},
    "import os, sys; os.remove(sys.argv[1])": {"delete **?"},
    "import os\nfor n in ['a', 'b']:\n  os.remove(n)": {"delete /app/a?", "delete /app/b?"},
    "import os\nif x:\n  os.remove('a')": {"delete /app/a?"},
    "import os\nif __name__ == '__main__':\n  os.remove('a')": {"delete /app/a"},
    "import os\ndef f():\n  os.remove('a')\nf()": {"delete /app/a?"},
    "import os; os.system('rm a')": {"delete /app/a"},
    "import subprocess; subprocess.run(['rm', '-f', 'a'])": {"delete /app/a"},
    "import subprocess as s; s.Popen('cd /d; rm a', shell=True)": {"delete /d/a"},
    "import os; os.execvp('rm', ['rm', 'a'])": {"delete /app/a"},
    "exec(\"import os; os.remove('a')\")": {"delete /app/a"},
    "import os; os.chdir('/d'); os.remove('a')": {"delete /d/a"},
    "print 'two'\nimport os\nos.remove('a')": {"delete /app/a?"},
    "!rm a": {"delete /app/a?"},
    "print('os.remove(1)')  # os.remove('a')": set(),
    "'a'.replace('b', 'c')": set(),
}


@pytest.mark.parametrize(("code", "expected"), FILES.items(), ids=list(FILES))
def test_what_python_does_to_files_and_processes(code: str, expected: set[str]) -> None:
    assert told(code) == expected


CALLS = {
    "c = Client()\nc.forward('1m')": {"execute robot.Client", "execute robot.Client.forward"},
    "Client().forward('1m')": {"execute robot.Client", "execute robot.Client.forward"},
    "r, s, d = Client().forward('1m')": {"execute robot.Client", "execute robot.Client.forward"},
    "m = Client().forward\nm()": {"execute robot.Client", "execute robot.Client.forward"},
    "getattr(Client(), name)()": {"execute robot.Client", "execute robot.Client.*?"},
    "class Mine(Client): pass\nMine().forward()": {"execute robot.Client", "execute robot.Client.forward"},
    "def make():\n  return Client()\nmake().forward()": {
        "execute robot.Client?",
        "execute robot.Client.forward",
    },
    "class A:\n  def __init__(self):\n    self.c = Client()\n  def go(self):\n    self.c.forward()": {
        "execute robot.Client?",
        "execute robot.Client.forward?",
    },
    "[f() for f in (Client.forward, Client.left)]": {
        "execute robot.Client.forward?",
        "execute robot.Client.left?",
    },
    "print(Client().pressed)": {"execute robot.Client"},
    "print(dir(Client()))": {"execute robot.Client"},
    "print(Client.forward)": set(),
}


@pytest.mark.parametrize(("code", "expected"), CALLS.items(), ids=list(CALLS))
def test_only_calls_execute_what_a_module_holds(code: str, expected: set[str]) -> None:
    assert told(ROBOT + code) == expected


@pytest.mark.parametrize(
    "code",
    [
        "import robot\nrobot.Client().forward()",
        "import robot as r\nr.Client().forward()",
        "import importlib\nimportlib.import_module('robot').Client().forward()",
        "from robot import Client as C\nC().forward()",
        "from robot import *\nClient().forward()",
    ],
)
def test_every_way_to_import_gives_the_same_name(code: str) -> None:
    assert "execute robot.Client.forward" in told(code)
