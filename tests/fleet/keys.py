"""Certificates of an own CA, nkeys, and JWTs of an operator as `nsc` makes them, for tests."""

import base64
import hashlib
import json
import secrets
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

_OPERATOR, _ACCOUNT, _USER = 14 << 3, 0, 20 << 3


class Certificates(NamedTuple):
    ca: Path
    certificate: Path
    key: Path


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def authority(folder: Path) -> Certificates:
    """Make a certificate authority."""
    key, certificate = folder / "ca.key", folder / "ca.pem"
    _openssl(
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-subj", "/CN=test CA", "-days", "2", "-keyout", key, "-out", certificate),
    )
    return Certificates(certificate, certificate, key)


def signed(folder: Path, ca: Certificates, name: str, host: str = "127.0.0.1") -> Certificates:
    """Make a certificate of a server or a client that the CA signs."""
    key, request = folder / f"{name}.key", folder / f"{name}.csr"
    certificate, more = folder / f"{name}.pem", folder / f"{name}.ext"
    more.write_text(f"subjectAltName=IP:{host}\n" if host else "basicConstraints=CA:FALSE\n")
    _openssl(
        *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-subj", f"/CN={name}", "-keyout", key, "-out", request),
    )
    _openssl(
        *("x509", "-req", "-in", request, "-CA", ca.certificate, "-CAkey", ca.key),
        *("-CAcreateserial", "-days", "2", "-extfile", more, "-out", certificate),
    )
    key.chmod(0o600)
    return Certificates(ca.certificate, certificate, key)


class Pair(NamedTuple):
    """A pair of nkeys."""

    seed: str
    public: str


def pair(prefix: int) -> Pair:
    """Draw a pair of nkeys."""
    import nkeys

    drawn = nkeys.from_seed(bytearray(nkeys.encode_seed(secrets.token_bytes(32), prefix)))
    return Pair(bytes(drawn.seed).decode(), bytes(drawn.public_key).decode())


def user_pair() -> Pair:
    return pair(_USER)


def _jwt(signer: Pair, subject: str, name: str, claims: dict[str, Any]) -> str:
    import nkeys

    def part(value: dict[str, Any]) -> str:
        text = json.dumps(value, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(text).rstrip(b"=").decode()

    body = {"iat": 1_700_000_000, "iss": signer.public, "name": name, "sub": subject}
    body["jti"] = hashlib.sha256(json.dumps(body).encode()).hexdigest()
    body["nats"] = {"version": 2, **claims}
    head = f"{part({'typ': 'JWT', 'alg': 'ed25519-nkey'})}.{part(body)}"
    signature = nkeys.from_seed(bytearray(signer.seed.encode())).sign(head.encode())
    return f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


class Operator:
    """An operator with one account; `config` is what a server needs."""

    def __init__(self) -> None:
        self._operator, self._account, system = pair(_OPERATOR), pair(_ACCOUNT), pair(_ACCOUNT)
        own = _jwt(
            self._operator,
            self._operator.public,
            "operator",
            {"type": "operator", "system_account": system.public},
        )
        limits = {
            **dict.fromkeys(("subs", "data", "payload", "imports", "exports", "conn", "leaf"), -1),
            "wildcards": True,
            **dict.fromkeys(("mem_storage", "disk_storage", "streams", "consumer"), -1),
        }
        account = _jwt(
            self._operator, self._account.public, "A", {"type": "account", "limits": limits}
        )
        without = {name: each for name, each in limits.items() if "storage" not in name}
        systems = _jwt(self._operator, system.public, "SYS", {"type": "account", "limits": without})
        self.config = (
            f"operator: {own}\nsystem_account: {system.public}\nresolver: MEMORY\n"
            f"resolver_preload: {{ {self._account.public}: {account}, {system.public}: {systems} }}"
        )

    def credentials(self, publish: list[str], subscribe: list[str]) -> str:
        """Return a `.creds` file of a user who may do so."""
        user = user_pair()
        token = _jwt(
            self._account,
            user.public,
            "user",
            {
                "type": "user",
                "pub": {"allow": publish},
                "sub": {"allow": subscribe},
                **dict.fromkeys(("subs", "data", "payload"), -1),
            },
        )
        return (
            f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
            f"-----BEGIN USER NKEY SEED-----\n{user.seed}\n------END USER NKEY SEED------\n"
        )
