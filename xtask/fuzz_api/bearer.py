"""Signs schemathesis in: registers an account over the API, proves its address with the code out of
the mail the server wrote, and signs in again whenever the session was ended by a request."""

import email
import email.policy
import os
import pathlib
import re
import time

import requests
import schemathesis

API = os.environ["GATEWRIGHT_URL"] + "/api/v1"
MAILS = pathlib.Path(os.environ["GATEWRIGHT_MAIL"])
EMAIL = "fuzz@example.org"
PASSWORD = "gorse lantern barge 41"
LONGEST_DELIVERY = 10.0


def call(path, expected, **body):
    answer = requests.post(API + path, json=body, timeout=10)
    if answer.status_code != expected:
        raise RuntimeError(f"POST {path} answers {answer.status_code}: {answer.text}")
    return answer.json()


def mailed_code():
    """The six digits in the text of the newest mail; it is sent in the background, so this waits."""
    give_up = time.monotonic() + LONGEST_DELIVERY
    while time.monotonic() < give_up:
        for path in sorted(MAILS.glob("*.eml"), reverse=True):
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            code = re.search(r"\b\d{6}\b", mail.get_body(("plain",)).get_content())
            if code:
                return code.group()
        time.sleep(0.05)
    raise RuntimeError(f"no mail with a code in {MAILS}")


@schemathesis.auth()
class Bearer:
    def __init__(self):
        self.registered = False

    def get(self, case, context):
        if self.registered:
            return call("/auth/login", 200, login=EMAIL, password=PASSWORD)["access_token"]
        flow = call("/auth/register", 202, email=EMAIL, password=PASSWORD)["flow_id"]
        answer = call("/auth/register/verify", 201, flow_id=flow, code=mailed_code())
        self.registered = True
        return answer["access_token"]

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"
