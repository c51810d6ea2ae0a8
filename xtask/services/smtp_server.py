"""A mail server for tests: real SMTP (aiosmtpd), three ways of TLS, and answers that a test can ask for.

`cargo xtask services` starts it and exports, host and port as `127.0.0.1:2525`:

    GATEWRIGHT_TEST_SMTP_PLAIN       no TLS; AUTH is offered and not asked for
    GATEWRIGHT_TEST_SMTP_STARTTLS    STARTTLS first (530 before it), then AUTH (530 before it)
    GATEWRIGHT_TEST_SMTP_IMPLICIT    TLS from the first byte, then AUTH (530 before it)
    GATEWRIGHT_TEST_SMTP_WRONG_NAME  the same with a certificate for mail.elsewhere.example
    GATEWRIGHT_TEST_SMTP_CA          file (PEM) of the authority behind all certificates; the right ones are
                                     for `localhost` and `127.0.0.1`
    GATEWRIGHT_TEST_SMTP_USER        the one account (PLAIN and LOGIN); anything else is answered 535
    GATEWRIGHT_TEST_SMTP_PASSWORD
    GATEWRIGHT_TEST_SMTP_MAILBOX     folder of what was received

Every recipient of an accepted mail gets a file `<number>-<recipient>.eml` of its own, numbered in the order of
arrival and complete once it is there: the mail as it came, behind these lines:

    X-Envelope-From, X-Envelope-To   the addresses of MAIL FROM and RCPT TO
    X-Listener                       plain, starttls, implicit or wrong_name
    X-Connection                     the number of the connection: the same for two mails over one
    X-Authenticated-As               the account, empty without AUTH
    X-Tls                            the protocol's version, empty without TLS

`attempts.log` in the same folder has a line for every AUTH, RCPT and DATA that was answered or deliberately not:
`<connection> <listener> <command> <recipient or account> <answer, or what was done>`.

A recipient's local part, up to its first `.`, may ask for something else than 250. With `-N` it asks for that the
first N times and is accepted afterwards, so `tempfail-2.ann@example.org` is accepted the third time:

    tempfail    451 to RCPT                     permfail    550 to RCPT
    closing     421 to RCPT, and it hangs up    hang        no answer to RCPT
    datafail    451 to the content              datareject  554 to the content
    drop        takes the mail and hangs up without an answer
"""

import argparse
import asyncio
import collections
import os
import pathlib
import re
import ssl

from aiosmtpd.smtp import SMTP, AuthResult

HOST = "127.0.0.1"
SCRIPTED = re.compile(r"(tempfail|permfail|closing|hang|datafail|datareject|drop)(?:-(\d+))?(?:\..*)?@.*")
ANSWERS = {
    "tempfail": "451 4.3.0 not now",
    "permfail": "550 5.1.1 no such mailbox",
    "closing": "421 4.3.2 closing",
    "datafail": "451 4.3.0 not now",
    "datareject": "554 5.6.0 refused",
}
AT_CONTENT = ("datafail", "datareject", "drop")


class Script:
    """What each recipient still asks for."""

    def __init__(self):
        self.asked = collections.Counter()

    def next_for(self, recipient, at_content):
        """The behaviour that is due at this stage, or None to accept; counts it."""
        match = SCRIPTED.fullmatch(recipient)
        if match is None or (match[1] in AT_CONTENT) != at_content:
            return None
        if match[2] is not None and self.asked[recipient] >= int(match[2]):
            return None
        self.asked[recipient] += 1
        return match[1]


class Mailbox:
    """The folder of what was received."""

    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    def note(self, server, command, about, outcome):
        with open(self.folder / "attempts.log", "a", encoding="utf-8") as log:
            log.write(f"{server.connection} {server.listener} {command} {about} {outcome}\n")

    def keep(self, server, session, envelope, recipient):
        self.count += 1
        tls = server.transport.get_extra_info("ssl_object")
        lines = {
            "X-Envelope-From": envelope.mail_from,
            "X-Envelope-To": recipient,
            "X-Listener": server.listener,
            "X-Connection": server.connection,
            "X-Authenticated-As": session.auth_data or "",
            "X-Tls": tls.version() if tls else "",
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        name = f"{self.count:08}-{re.sub(r'[^A-Za-z0-9@._+-]', '_', recipient)}.eml"
        unfinished = self.folder / f"{name}.part"
        unfinished.write_bytes(head.encode() + envelope.original_content)
        os.replace(unfinished, self.folder / name)


class Handler:
    """aiosmtpd's hooks."""

    def __init__(self, mailbox):
        self.mailbox = mailbox
        self.script = Script()

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        behaviour = self.script.next_for(address, at_content=False)
        answer = ANSWERS.get(behaviour, "250 2.1.5 OK")
        self.mailbox.note(server, "RCPT", address, behaviour if behaviour == "hang" else answer)
        if behaviour == "hang":
            await never()
        if behaviour == "closing":
            await server.push(answer)
            server.transport.close()
            await never()
        if behaviour is None:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        due = {recipient: self.script.next_for(recipient, at_content=True) for recipient in envelope.rcpt_tos}
        refusals = [ANSWERS[behaviour] for behaviour in due.values() if behaviour in ANSWERS]
        if not refusals:
            for recipient in due:
                self.mailbox.keep(server, session, envelope, recipient)
        is_dropped = not refusals and "drop" in due.values()
        answer = refusals[0] if refusals else "250 2.0.0 OK"
        for recipient in due:
            self.mailbox.note(server, "DATA", recipient, "drop" if is_dropped else answer)
        if is_dropped:
            server.transport.abort()
            await never()
        return answer


async def never():
    """Until the connection is gone: aiosmtpd cancels what it waits for then."""
    await asyncio.Event().wait()


def authenticator(mailbox, user, password):
    def check(server, session, envelope, mechanism, data):
        account = data.login.decode(errors="replace")
        is_right = (data.login, data.password) == (user.encode(), password.encode())
        mailbox.note(server, "AUTH", account, "235" if is_right else "535")
        return AuthResult(success=is_right, handled=False, auth_data=account)

    return check


def tls_context(folder, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return context


async def serve(arguments):
    mailbox = Mailbox(arguments.mailbox)
    handler = Handler(mailbox)
    login = authenticator(mailbox, arguments.user, arguments.password)
    right, wrong = (tls_context(arguments.certificates, name) for name in ("right_name", "wrong_name"))
    connections = 0

    def listener(name, **options):
        def connected():
            nonlocal connections
            connections += 1
            server = SMTP(handler, hostname="localhost", authenticator=login, enable_SMTPUTF8=True, **options)
            server.connection, server.listener = connections, name
            return server

        return connected

    over_tls = {"auth_required": True, "auth_require_tls": False}
    kinds = {
        "plain": (listener("plain", auth_require_tls=False), None),
        "starttls": (listener("starttls", tls_context=right, require_starttls=True, auth_required=True), None),
        "implicit": (listener("implicit", **over_tls), right),
        "wrong_name": (listener("wrong_name", **over_tls), wrong),
    }
    loop = asyncio.get_running_loop()
    servers = {
        name: await loop.create_server(connected, HOST, 0, ssl=context) for name, (connected, context) in kinds.items()
    }
    ports = {name: server.sockets[0].getsockname()[1] for name, server in servers.items()}
    unfinished = arguments.listeners.with_suffix(".part")
    unfinished.write_text("".join(f"{name} {HOST}:{port}\n" for name, port in ports.items()))
    os.replace(unfinished, arguments.listeners)
    await never()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    path = pathlib.Path
    parser.add_argument("--mailbox", type=path, required=True, help="folder to write to")
    parser.add_argument("--certificates", type=path, required=True, help="folder of {right,wrong}_name.{pem,key}")
    parser.add_argument("--listeners", type=path, required=True, help="file to write the addresses to, when listening")
    parser.add_argument("--user", required=True)
    parser.add_argument("--password", required=True)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
