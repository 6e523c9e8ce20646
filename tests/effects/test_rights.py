"""Accounts, rights, schedules, traces and barriers of the machine."""

from __future__ import annotations

import pytest
from command_effects import effects, told

WHOLE = {
    # accounts
    "useradd -m -s /bin/bash eve": {"create account eve"},
    "useradd -o -u 0 eve": {"create account eve", "escalate account eve"},
    "usermod -aG docker,dialout eve": {"write account eve", "escalate account eve -> docker"},
    "adduser eve sudo": {"write account eve", "escalate account eve -> sudo"},
    "gpasswd -a eve wheel": {"write account eve", "escalate account eve -> wheel"},
    "gpasswd -a eve audio": {"write account eve"},
    "pw useradd eve -g wheel": {"create account eve", "escalate account eve -> wheel"},
    "echo 'eve:x' | chpasswd": {"write account eve"},
    "passwd": {"write account $USER"},
    "passwd -S eve; id eve; getent passwd": set(),
    "userdel -r eve": {"delete account eve"},
    "visudo": {"write path /etc/sudoers?"},
    "echo x | EDITOR='tee -a' visudo": {"write path /etc/sudoers"},
    "EDITOR=cat crontab -e": set(),
    "EDITOR='sed -i /x/d' crontab -e": {"write path /var/spool/cron/crontabs/$USER"},
    "crontab -e": {"write path /var/spool/cron/crontabs/$USER?"},
    "visudo -c": set(),
    # rights
    "nsenter -t 1 -m rm /a": {"escalate account root -> host", "delete path /a"},
    "unshare -r true": {"escalate account root"},
    "setcap cap_setuid=ep a": {"chmod path /app/a -> cap_setuid=ep"},
    "docker run --privileged i": {"escalate account root -> host", "execute resource docker:image/i"},
    "docker run -v /:/host i": {"escalate account root -> host", "execute resource docker:image/i"},
    "docker run --pid=host i": {"escalate account root -> host", "execute resource docker:image/i"},
    "docker run -v /var/run/docker.sock:/s i": {
        "escalate account root -> host?",
        "execute resource docker:image/i",
    },
    "docker run --rm -v /home/me/p:/p -w /p i": {"execute resource docker:image/i"},
    "docker run --cap-add=NET_ADMIN i": {"execute resource docker:image/i"},
    "kubectl debug node/n -it --image=i": {"escalate account root -> host"},
    "mount --bind /proc/1 /proc/12": {
        "write resource kernel:process-list",
        "write path /proc/12",
        "write path /proc/12/**",
    },
    "mount -t tmpfs none /mnt": {"write path /mnt", "write path /mnt/**"},
    "mount /dev/sda1 /mnt": {
        "escalate account root -> host?",
        "write path /mnt",
        "write path /mnt/**",
    },
    "insmod /x/evil.ko": {"execute resource kernel:module/evil"},
    "modprobe -r kvm": {"delete resource kernel:module/kvm"},
    "lsmod; modprobe -n x": set(),
    "find / -perm -4000 2>/dev/null": {"read resource rights:setuid"},
    "find . -perm 644": set(),
    # schedules
    "crontab -r": {"delete path /var/spool/cron/crontabs/$USER"},
    "echo '@reboot /x' | crontab -": {
        "write path /var/spool/cron/crontabs/$USER",
        "schedule command /x",
    },
    "(crontab -l; echo '1 2 * * * rm /a') | crontab -u eve -": {
        "write path /var/spool/cron/crontabs/eve",
        "schedule command rm /a",
        "delete path /a?",
    },
    "crontab - < /dev/null": {"delete path /var/spool/cron/crontabs/$USER"},
    "crontab /dev/null": {"delete path /var/spool/cron/crontabs/$USER"},
    "crontab -l": set(),
    "echo 'rm /a' | at now": {"schedule command rm /a", "delete path /a?"},
    "at -f x now; atrm 3; atq; at -l": {"schedule path /app/x", "delete resource at:job/3"},
    "systemd-run --on-active=9 rm /a": {"schedule command rm /a", "delete path /a"},
    "systemd-run --unit=u /x": {"detach command /x"},
    "trap 'nohup /x &' EXIT": {"schedule command nohup /x &", "detach command /x?"},
    "trap 'rm -f /t' EXIT": {"delete path /t?"},
    # traces
    "history -c": {"delete path ~/.bash_history"},
    "set +o history": {"delete path ~/.bash_history"},
    "set -euo pipefail; history 5": set(),
    "unset HISTFILE": {"delete path ~/.bash_history"},
    "export HISTFILE=/dev/null": {"delete path ~/.bash_history"},
    "HISTSIZE=0": {"delete path ~/.bash_history"},
    "HISTSIZE=5000; FOO=bar; unset FOO": set(),
    "kill -9 $$": {"delete path ~/.bash_history?"},
    "journalctl --vacuum-time=1s": {"delete path /var/log/journal/**"},
    "journalctl -u x -n 5 --since today": set(),
    "dmesg -c": {"delete path /dev/kmsg"},
    "touch -r /bin/sh a": {"create path /app/a", "chmod path /app/a -> times"},
    "touch a": {"create path /app/a"},
    "date -s yesterday": {"chmod path /dev/rtc -> times"},
    "date -d yesterday; date +%s": set(),
    "auditctl -D": {"signal process auditd -> disable"},
    "auditctl -l; auditctl -s": set(),
    # barriers
    "setenforce 0": {"signal process selinux -> disable"},
    "setenforce 1; getenforce": set(),
    "aa-teardown": {"signal process apparmor -> disable"},
    "ufw disable": {"signal process firewall -> disable"},
    "ufw allow 22": {"write process firewall"},
    "ufw status": set(),
    "iptables -F": {"signal process firewall -> disable"},
    "iptables -P INPUT ACCEPT": {"signal process firewall -> disable"},
    "iptables -A INPUT -j DROP": {"write process firewall"},
    "iptables -L -n; iptables-save": set(),
    "nft flush ruleset": {"signal process firewall -> disable"},
    "nft list ruleset": set(),
    "sysctl -w kernel.sysrq=1": {"write path /proc/sys/kernel/sysrq"},
    "sysctl vm.swappiness": set(),
    "rpm -e falco": {"delete resource rpm:package/falco"},
    "rpm -qa; dpkg -l; apt list": set(),
    "apt-get install -y curl": {"write resource apt:package/curl"},
    "apt-get -y purge auditd": {"delete resource apt:package/auditd"},
    "pacman -Rns audit": {"delete resource arch:package/audit"},
    # names and variables
    "LD_PRELOAD=/x.so ls": {"shadow path /x.so"},
    "env LD_PRELOAD=/x.so:/y.so ls": {"shadow path /x.so", "shadow path /y.so"},
}


@pytest.mark.parametrize(("command", "expected"), WHOLE.items(), ids=list(WHOLE))
def test_what_a_command_does_to_the_machine(command: str, expected: set[str]) -> None:
    assert told(command) == expected


def test_what_is_written_into_a_crontab_is_kept() -> None:
    found = next(one for one in effects("echo '@daily /x' | crontab -") if one.verb == "write")
    assert found.content == "@daily /x\n"
