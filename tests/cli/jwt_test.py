"""Tokens that another service signs: made here by hand, by the standard's own words."""

import base64
import hmac
import json
import subprocess
import time
import unittest

from waxseal_program import Server, SiteTest, wait_until


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class JwtTest(SiteTest):
    key = b"a secret of the issuer that nobody may see"
    secrets = (key.decode(),)

    def setUp(self):
        super().setUp()
        self.file = self.site.folder / "jwt.key"
        self.file.write_bytes(self.key)
        self.configure("HS256")
        self.site.prepare()

    def configure(self, algorithm):
        self.site.configure(auth={"schemes": ["jwt"], "jwt_algorithm": algorithm, "jwt_key_file": str(self.file),
                                  "jwt_issuer": "https://issuer.example", "jwt_audience": "waxseal"})

    def token(self, **claims):
        claims = {"iss": "https://issuer.example", "aud": "waxseal", "sub": "1", "exp": int(time.time()) + 300, **claims}
        signed = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
        return signed + "." + base64url(hmac.digest(self.key, signed.encode(), "sha256"))

    def ask(self, server, token):
        return server.post("/api/v1/accounts/register-email/", {"email": "new@site.example"}, Authorization=f"Bearer {token}")

    def test_the_account_of_the_token_asks_and_no_token_stands_in_the_log(self):
        good, expired = self.token(), self.token(exp=1)
        with Server(self.site) as server:
            self.assertEqual(self.ask(server, good)[0], 200)
            status, headers, body = self.ask(server, expired)
            self.assertEqual((status, body["code"]), (401, "invalid-token"))
            self.assertEqual(headers["WWW-Authenticate"], 'Bearer realm="waxseal", error="invalid_token"')
            wait_until(lambda: "jwt: expired" in server.log(), "the reason in the log")
        for part in [*good.split("."), *expired.split(".")]:
            self.assertNotIn(part, self.site.outputs[-1])

    def test_a_key_of_another_algorithm_is_an_error_of_check_and_of_serve(self):
        pem = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, check=True).stdout
        public = subprocess.run(["openssl", "rsa", "-pubout"], input=pem, capture_output=True, check=True).stdout
        self.file.write_bytes(public)
        self.configure("RS256")
        self.assertEqual(self.site.run("check").code, 0)
        self.configure("ES256")
        for command in ("check", "serve"):
            answer = self.site.run(command)
            self.assertEqual(answer.code, 1, answer)
            self.assertIn("auth.jwt_key_file: ES256 needs an EC key on P-256", answer.out + answer.err)


if __name__ == "__main__":
    unittest.main()
