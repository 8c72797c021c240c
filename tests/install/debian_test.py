"""The Debian packages: what is in them, and a real `dpkg --install` in a copy of this machine's root that is thrown away."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

BUILD = os.environ["WAXSEAL_BUILD"]
SOURCE = Path(__file__).resolve().parents[2]


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=600, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def can_overlay():
    """Whether this user may mount a copy of the root that keeps what is written in memory."""
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0


class DebianTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory(prefix="waxseal-deb-")
        cls.addClassCleanup(cls._folder.cleanup)
        run("cpack", "-G", "DEB", "--config", f"{BUILD}/CPackConfig.cmake", "-B", cls._folder.name)
        [cls.program] = Path(cls._folder.name).glob("waxseal_*.deb")
        [cls.library] = Path(cls._folder.name).glob("libwaxseal-dev_*.deb")

    def in_a_new_root(self, script):
        """What `script` prints, run by a shell in the throw-away root with the packages in /packages."""
        if not can_overlay():
            self.skipTest("mount namespaces are not allowed here: run the test as root")
        around = f"""
          set -e
          mount -t tmpfs none "$1"
          mkdir "$1"/upper "$1"/work "$1"/whole
          mount -t overlay overlay -o lowerdir=/,upperdir="$1"/upper,workdir="$1"/work "$1"/whole
          mkdir "$1"/whole/packages
          cp {self.program} {self.library} "$1"/whole/packages/
          mount -t proc proc "$1"/whole/proc
          mount -t devtmpfs dev "$1"/whole/dev 2>/dev/null || mount --rbind /dev "$1"/whole/dev
          exec chroot "$1"/whole sh -ec "$2"
        """
        place = tempfile.mkdtemp(dir=self._folder.name)
        return run("unshare", "--mount", "bash", "-c", around, "bash", place, script, env={**os.environ, "LC_ALL": "C.UTF-8"})

    def files_of(self, package):
        return [line.split(None, 5)[5] for line in run("dpkg-deb", "--contents", package).splitlines()]

    def test_the_service_package_holds_program_page_configuration_and_unit(self):
        files = self.files_of(self.program)
        for wanted in ("./usr/bin/waxseal", "./usr/share/man/man1/waxseal.1", "./etc/waxseal/waxseal.toml",
                       "./usr/lib/systemd/system/waxseal.service", "./usr/lib/systemd/system/waxseal-prune.service",
                       "./usr/lib/systemd/system/waxseal-prune.timer", "./usr/share/doc/waxseal/operations/alerts.yml", "./usr/lib/sysusers.d/waxseal.conf",
                       "./usr/share/doc/waxseal/configuration.md", "./usr/share/doc/waxseal/copyright"):
            self.assertIn(wanted, files)
        self.assertEqual([name for name in files if name.endswith((".a", ".hpp"))], [])
        depends = run("dpkg-deb", "--field", self.program, "Depends")
        for library in ("libsodium23", "libcurl4", "libgmime-3.0-0", "libsqlite3-0"):
            self.assertIn(library, depends)

    def test_the_library_package_holds_headers_archives_and_cmake_files(self):
        files = self.files_of(self.library)
        for wanted in ("waxseal/link.hpp", "waxseal/server/backend.hpp", "libwaxseal_core.a", "waxseal-config.cmake", "waxseal-core.pc"):
            self.assertTrue(any(name.endswith("/" + wanted) for name in files), wanted)
        self.assertIn("libsodium-dev", run("dpkg-deb", "--field", self.library, "Depends"))

    def test_installing_makes_user_folder_and_first_key_and_nothing_else(self):
        printed = self.in_a_new_root("""
          dpkg --install /packages/waxseal_*.deb >&2
          stat -c '%U %a %n' /var/lib/waxseal /var/lib/waxseal/keys /var/lib/waxseal/keys/*
          waxseal key list --json --config /etc/waxseal/waxseal.toml
          ls -A /var/lib/waxseal
        """).splitlines()
        self.assertEqual(printed[0], "waxseal 700 /var/lib/waxseal")
        self.assertEqual(printed[1], "waxseal 700 /var/lib/waxseal/keys")
        self.assertRegex(printed[2], r"^waxseal 600 /var/lib/waxseal/keys/.+\.jwk$")
        [keys] = [json.loads(line)["keys"] for line in printed if line.startswith("{")]
        self.assertEqual(len(keys), 1)
        self.assertEqual(printed[-1], "keys")

    def test_an_upgrade_keeps_the_key_and_the_operators_configuration(self):
        printed = self.in_a_new_root("""
          dpkg --install /packages/waxseal_*.deb >&2
          echo '# mine' >> /etc/waxseal/waxseal.toml
          cat /var/lib/waxseal/keys/* | sha256sum
          dpkg --install /packages/waxseal_*.deb >&2
          cat /var/lib/waxseal/keys/* | sha256sum
          tail -n 1 /etc/waxseal/waxseal.toml
        """).splitlines()
        self.assertEqual(printed[0], printed[1])
        self.assertEqual(printed[2], "# mine")

    def test_an_upgrade_makes_no_key_where_the_operator_keeps_none(self):
        printed = self.in_a_new_root("""
          dpkg --install /packages/waxseal_*.deb >&2
          rm -r /var/lib/waxseal/keys
          echo 'this is not TOML' > /etc/waxseal/waxseal.toml
          dpkg --install /packages/waxseal_*.deb >&2
          dpkg-query --show --showformat '${db:Status-Status}\n' waxseal
          ls -A /var/lib/waxseal
        """)
        self.assertEqual(printed, "installed\n")

    def test_purging_takes_the_configuration_and_leaves_accounts_and_keys(self):
        printed = self.in_a_new_root("""
          dpkg --install /packages/waxseal_*.deb >&2
          dpkg --purge waxseal >&2
          test ! -e /etc/waxseal/waxseal.toml
          ls /var/lib/waxseal
        """)
        self.assertEqual(printed, "keys\n")

    def test_the_example_configuration_serves_as_the_services_user(self):
        printed = self.in_a_new_root("""
          dpkg --install /packages/waxseal_*.deb >&2
          cd /var/lib/waxseal
          export WAXSEAL_SERVER_LISTEN=127.0.0.1:0
          as_service="setpriv --reuid=waxseal --regid=waxseal --clear-groups"
          $as_service waxseal migrate --config /etc/waxseal/waxseal.toml
          $as_service waxseal check --config /etc/waxseal/waxseal.toml
          $as_service waxseal serve --config /etc/waxseal/waxseal.toml > /dev/null 2> /tmp/log &
          for second in 1 2 3 4 5 6 7 8 9 10; do
            grep -q listening /tmp/log && break
            sleep 1
          done
          address=$(sed -n 's/.*address=\\(http:[^ ]*\\).*/\\1/p' /tmp/log)
          curl --silent --fail "$address/readyz"
          kill $!
          wait $! || true
        """)
        self.assertIn('{"status":"ready"}', printed)

    def test_the_library_package_serves_a_consumer(self):
        shutil.copytree(SOURCE / "tests/install/consumer", Path(self._folder.name) / "consumer", dirs_exist_ok=True)
        printed = self.in_a_new_root(f"""
          dpkg --install --force-depends /packages/libwaxseal-dev_*.deb >&2
          cmake -B /tmp/consumer-build -S {self._folder.name}/consumer >&2
          cmake --build /tmp/consumer-build >&2
          /tmp/consumer-build/consumer
        """)
        self.assertEqual(printed, "a@x.example\n")

    def test_the_unit_is_valid_and_exposes_little(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is not installed")
        for unit in (SOURCE / "packaging/waxseal.service", Path(BUILD) / "waxseal-prune.service"):
            with self.subTest(unit=unit.name):
                rated = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
                said = re.search(r"Overall exposure level for \S+: ([\d.]+).*", rated)
                print(said.group(0))
                self.assertLess(float(said.group(1)), 2.0, rated)


if __name__ == "__main__":
    unittest.main()
