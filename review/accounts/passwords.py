"""Passwords as scrypt hashes. Invariant: a hash names its own cost, so that the cost can rise later."""

import hashlib
import hmac
import secrets

SHORTEST = 12
COST = (2**14, 8, 1)
LONGEST = 200


def problem_with(password: str) -> str:
    """Why a password is not taken; empty when it is."""
    if len(password) < SHORTEST:
        return f"a password has at least {SHORTEST} characters"
    if len(password) > LONGEST:
        return f"a password has at most {LONGEST} characters"
    return ""


def hashed(password: str) -> str:
    n, r, p = COST
    salt = secrets.token_bytes(16)
    key = hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=2**26)
    return f"scrypt${n}${r}${p}${salt.hex()}${key.hex()}"


def matches(password: str, stored: str | None) -> bool:
    """Takes as long for a person that does not exist as for one that does."""
    parts = (stored or _NOBODY).split("$")
    n, r, p = (int(part) for part in parts[1:4])
    key = hashlib.scrypt(password[:LONGEST].encode(), salt=bytes.fromhex(parts[4]), n=n, r=r, p=p, maxmem=2**26)
    return hmac.compare_digest(key.hex(), parts[5]) and stored is not None


_NOBODY = f"scrypt${COST[0]}${COST[1]}${COST[2]}${'00' * 16}${'00' * 64}"
