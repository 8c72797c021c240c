#!/usr/bin/env python3
"""Writes error-codes.ts and error-texts.ts of the npm package from core/include/waxseal/error_codes.def, the one list of
everything that can go wrong. The results are made at build time and never committed.

Usage: generate_error_codes.py error_codes.def folder
"""

import json
import pathlib
import re
import sys

STRING = r'"(?:[^"\\]|\\.)*"'
STRINGS = rf"{STRING}(?:\s+{STRING})*"  # C++ joins strings that stand side by side
ENTRY = re.compile(
    rf"WAXSEAL_ERROR_CODE\(\s*(?P<enumerator>\w+)\s*,\s*(?P<wire_name>{STRING})\s*,"
    rf"\s*(?P<detail>{STRINGS})\s*,\s*(?P<advice>{STRINGS})\s*\)"
)

ORIGIN = "// Generated from core/include/waxseal/error_codes.def by tools/generate_error_codes.py. Do not edit.\n\n"

CODES_HEADER = (
    ORIGIN
    + """\
/** The sentence that the server sends with each code, or that the page says itself, in English. */
export const errorDetails = {
"""
)
CODES_FOOTER = """\
} as const;

/** The name of one thing that can go wrong, as it stands in the server's answer. */
export type ErrorCode = keyof typeof errorDetails;
"""

TEXTS_HEADER = (
    ORIGIN
    + """\
import type { ErrorCode } from "./error-codes.js";

export type { ErrorCode } from "./error-codes.js";

/** What a code means, in English. Both texts may be shown to anybody. */
export interface ErrorText {
  /** The sentence that the server sends with the code. */
  readonly detail: string;
  /** What a person should do next. */
  readonly advice: string;
}

/** Every code that the server sends or that `check` and `submit` give, with its texts. */
export const errorTexts: Readonly<Record<ErrorCode, ErrorText>> = {
"""
)
TEXTS_FOOTER = "};\n"


def joined(literals):
    """The text of one or more C++ string literals side by side. Their escapes are those of JSON."""
    return "".join(json.loads(literal) for literal in re.findall(STRING, literals))


def read_codes(definitions):
    code_lines = [line for line in definitions.splitlines() if not line.lstrip().startswith("//")]
    source = "\n".join(code_lines)
    entries = list(ENTRY.finditer(source))
    if not entries or len(entries) != source.count("WAXSEAL_ERROR_CODE("):
        sys.exit("generate_error_codes.py: an entry has another form than the list's own comment says")
    return [tuple(joined(entry[name]) for name in ("wire_name", "detail", "advice")) for entry in entries]


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def codes_module(codes):
    lines = [f"  {quoted(name)}: {quoted(detail)},\n" for name, detail, _ in codes]
    return CODES_HEADER + "".join(lines) + CODES_FOOTER


def texts_module(codes):
    lines = [
        f"  {quoted(name)}: {{\n    detail: {quoted(detail)},\n    advice: {quoted(advice)},\n  }},\n"
        for name, detail, advice in codes
    ]
    return TEXTS_HEADER + "".join(lines) + TEXTS_FOOTER


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    definitions, folder = map(pathlib.Path, sys.argv[1:])
    codes = read_codes(definitions.read_text("utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "error-codes.ts").write_text(codes_module(codes), "utf-8")
    (folder / "error-texts.ts").write_text(texts_module(codes), "utf-8")


if __name__ == "__main__":
    main()
