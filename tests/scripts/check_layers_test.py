"""tools/check_layers, run on small trees made for each case."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECK = Path(__file__).parents[2] / "tools" / "check_layers"

# Files that cases include; each is where the real one would be.
HEADERS = [
    "core/include/waxseal/link.hpp",
    "core/src/link_fields.hpp",
    "server/ports/clock.hpp",
    "server/flows/verify_email.hpp",
    "server/http/routes.hpp",
    "server/config/settings.hpp",
    "server/adapters/memory/memory_store.hpp",
    "server/adapters/sqlite/statements.hpp",
]


class Layers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for header in HEADERS:
            self.write(header, "#pragma once\n")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def check(self):
        return subprocess.run([sys.executable, CHECK, self.root], capture_output=True, text=True)

    def accepts(self, path, *lines):
        self.write(path, "\n".join(lines) + "\n")
        done = self.check()
        self.assertEqual((done.returncode, done.stdout), (0, ""), path)

    def refuses(self, path, line, *words):
        """`line`, put into `path` as its third line, is named with file, line and each of `words`."""
        self.write(path, f"#pragma once\n\n{line}\n")
        done = self.check()
        self.assertEqual(done.returncode, 1, f"{path} with {line} was accepted")
        self.assertIn(f"{path}:3: ", done.stdout)
        for word in words:
            self.assertIn(word, done.stdout)
        (self.root / path).unlink()

    def test_arrows_as_drawn_are_accepted(self):
        self.accepts("core/src/link.cpp", "#include <waxseal/link.hpp>", '#include "link_fields.hpp"')
        self.accepts("core/src/payload.cpp", "#include <nlohmann/json.hpp>")
        self.accepts("core/src/crypto/sha256.cpp", "#include <sodium.h>", "#include <array>")
        self.accepts("server/flows/verify_email.cpp", '#include "flows/verify_email.hpp"', '#include "ports/clock.hpp"')
        self.accepts("server/adapters/sqlite/store.cpp", '#include "statements.hpp"', "#include <SQLiteCpp/Database.h>")
        self.accepts("server/main.cpp", '#include "adapters/memory/memory_store.hpp"', '#include "http/routes.hpp"')

    def test_core_knows_nothing_of_the_server(self):
        self.refuses("core/src/link.cpp", '#include "server/ports/clock.hpp"', "core/src may not include")

    def test_only_crypto_includes_sodium_and_only_payload_nlohmann(self):
        self.refuses("core/src/link.cpp", "#include <sodium.h>", "may not use sodium")
        self.refuses("core/src/crypto/sha256.cpp", "#include <nlohmann/json.hpp>", "may not use json")
        self.refuses("core/include/waxseal/payload.hpp", "#include <nlohmann/json_fwd.hpp>", "may not use json")

    def test_core_and_flows_touch_nothing_outside(self):
        for header in ("fstream", "random", "thread", "time.h", "unistd.h", "sys/stat.h"):
            self.refuses("core/src/link.cpp", f"#include <{header}>", "is pure")
            self.refuses("server/flows/verify_email.cpp", f"#include <{header}>", "is pure")

    def test_wasm_takes_public_headers_of_the_core_only(self):
        self.refuses("wasm/src/abi.cpp", '#include "core/src/link_fields.hpp"', "wasm/src may not include")

    def test_ports_and_flows_know_no_adapter_and_no_http(self):
        self.refuses("server/ports/outbox.hpp", '#include "flows/verify_email.hpp"', "server/ports may not include")
        self.refuses("server/flows/a.cpp", '#include "adapters/memory/memory_store.hpp"', "server/flows may not include")
        self.refuses("server/flows/a.cpp", '#include "http/routes.hpp"', "server/flows may not include")

    def test_adapters_know_no_flow_no_http_and_no_other_adapter(self):
        self.refuses("server/adapters/smtp/a.cpp", '#include "flows/verify_email.hpp"', "may not include server/flows")
        self.refuses("server/adapters/smtp/a.cpp", '#include "http/routes.hpp"', "may not include server/http")
        self.refuses("server/adapters/smtp/a.cpp", '#include "adapters/sqlite/statements.hpp"', "may not include")
        # A folder that the table names only by its pattern.
        self.refuses("server/adapters/carrier_pigeon/a.cpp", '#include "adapters/sqlite/statements.hpp"', "may not")

    def test_each_third_party_stays_in_its_room(self):
        for header in ("httplib.h", "SQLiteCpp/SQLiteCpp.h", "sqlite3.h", "toml++/toml.h", "spdlog/spdlog.h", "CLI/CLI.hpp"):
            self.refuses("server/adapters/mime/a.cpp", f"#include <{header}>", "may not use")
        for header in ("curl/curl.h", "gmime/gmime.h", "kainjow/mustache.hpp", "idn2.h", "jwt.h", "openssl/evp.h"):
            self.refuses("server/http/a.cpp", f"#include <{header}>", "may not use")

    def test_an_unknown_third_party_is_refused_until_it_is_in_the_table(self):
        self.refuses("server/http/a.cpp", "#include <boost/asio.hpp>", "does not know")

    def test_a_path_that_climbs_or_leads_nowhere_is_refused(self):
        self.refuses("server/flows/a.cpp", '#include "../ports/clock.hpp"', "does not climb")
        self.refuses("server/flows/a.cpp", '#include "ports/no_such.hpp"', "no such file")

    def test_a_folder_without_a_room_is_refused(self):
        self.write("server/misc/a.cpp", "\n")
        done = self.check()
        self.assertEqual(done.returncode, 1)
        self.assertIn("server/misc/a.cpp:1: ", done.stdout)

    def test_pages_import_the_package_and_never_its_folder(self):
        self.accepts("web-demo/src/a.ts", 'import { load } from "waxseal";', 'import { b } from "./b.js";')
        self.refuses("web-demo/src/b.ts", 'import { load } from "../../wasm/npm/src/index.js";', "reach outside")
        self.refuses("web-demo/src/b.ts", 'import React from "react";', "may not import react")
        self.refuses("web-demo/src/b.ts", '} from "node:fs";', "may not import node:fs")
        self.refuses("wasm/npm/src/a.ts", 'const fs = await import("node:fs");', "may not import node:fs")

    def test_every_violation_is_printed_not_only_the_first(self):
        self.write("core/src/a.cpp", "#include <sodium.h>\n#include <fstream>\n")
        self.write("server/flows/b.cpp", "#include <httplib.h>\n")
        self.assertEqual(len(self.check().stdout.splitlines()), 3)


if __name__ == "__main__":
    unittest.main()
