//! What went wrong with a mail, and what that means for it.

use crate::reply::{codes, told};
use gatewright_application::ports::mail_transport::{MailTransportError, OutgoingMail};
use mail_send::Error;
use smtp_proto::Response;
use std::fmt;

/// A step of a conversation with a mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Connecting,
    Greeting,
    Hello,
    Tls,
    Login,
    /// Asking an idle connection for a sign of life, or clearing up after a refusal.
    Checking,
    Sender,
    Recipient,
    Data,
    /// From the first byte of the message to the answer to its last.
    Acceptance,
}

/// Whose matter a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The server cannot be spoken to: every mail waits.
    Unreachable,
    /// The server refuses *us*: every mail waits until the settings are put right.
    Settings,
    /// The server does not take this mail now.
    MailNow,
    /// The server will not take this mail.
    Mail,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) cause: Cause,
    pub(crate) step: Step,
    /// Without secrets, without words of the mail.
    pub(crate) reason: String,
    /// Whether the connection is of no more use.
    pub(crate) ends_connection: bool,
    /// Whether the connection broke, other than by waiting too long.
    was_cut: bool,
}

impl Failure {
    /// What mail-send found out in this step; `mail` where it was about one.
    pub(crate) fn of(step: Step, error: &Error, mail: Option<&OutgoingMail>) -> Self {
        match error {
            Error::UnexpectedReply(reply) | Error::AuthenticationFailed(reply) => Self::refused(step, reply, mail),
            Error::Timeout => Self::broken(step, "no answer in time"),
            Error::UnparseableReply => Self {
                was_cut: true,
                ..Self::broken(step, "the server closed the connection, or what it said is not SMTP")
            },
            Error::Io(error) => Self {
                was_cut: true,
                ..Self::broken(step, &error.to_string())
            },
            Error::Tls(error) => Self {
                cause: Cause::Settings,
                ..Self::broken(step, &format!("no trustworthy connection: {error}"))
            },
            Error::MissingStartTls => {
                Self::settings(step, "the server offers no STARTTLS, and without it nothing is sent")
            }
            Error::InvalidTLSName => Self::settings(step, "the host's name cannot stand in a certificate"),
            Error::UnsupportedAuthMechanism => Self::settings(
                step,
                "the server offers neither AUTH PLAIN nor AUTH LOGIN here, and a password is set",
            ),
            other => Self::broken(step, &other.to_string()),
        }
    }

    /// The server said no.
    fn refused(step: Step, reply: &Response<String>, mail: Option<&OutgoingMail>) -> Self {
        let said = match step {
            // Some servers quote the command they refuse, and this one holds the password.
            Step::Login => codes(reply),
            _ => told(reply, mail),
        };
        let cause = cause_of_reply(step, reply.code, reply.esc);
        Self {
            cause,
            step,
            reason: format!("{step}: {said}"),
            ends_connection: reply.code == 421 || step < Step::Sender || cause == Cause::Settings || is_odd(reply.code),
            was_cut: reply.code == 421,
        }
    }

    /// The connection is of no more use.
    pub(crate) fn broken(step: Step, reason: &str) -> Self {
        Self {
            cause: if step < Step::Sender {
                Cause::Unreachable
            } else {
                Cause::MailNow
            },
            step,
            reason: format!("{step}: {reason}"),
            ends_connection: true,
            was_cut: false,
        }
    }

    /// An address that cannot stand in a command. Nothing was said to the server.
    pub(crate) fn unfit_recipient() -> Self {
        Self {
            cause: Cause::Mail,
            step: Step::Recipient,
            reason: "the recipient's address cannot be written into a command".to_owned(),
            ends_connection: false,
            was_cut: false,
        }
    }

    fn settings(step: Step, reason: &str) -> Self {
        Self {
            cause: Cause::Settings,
            ..Self::broken(step, reason)
        }
    }

    /// The same, and the connection is of no more use.
    pub(crate) fn ending_connection(self) -> Self {
        Self {
            ends_connection: true,
            ..self
        }
    }

    /// Whether the server cannot have taken the mail and another connection may do better: this one had been idle, and
    /// servers close idle connections. Once the message was begun nobody knows what became of it.
    pub(crate) fn calls_for_another_connection(&self) -> bool {
        self.was_cut && self.step < Step::Acceptance
    }
}

/// RFC 5321 §4.2: 4yz is a no for now, 5yz a no for good. Whose no it is depends on when it is said: before a recipient
/// was named it is not about any mail.
fn cause_of_reply(step: Step, code: u16, enhanced: [u8; 3]) -> Cause {
    match (step, code, enhanced) {
        // "Authentication required", "bad sequence": not about this recipient.
        (Step::Recipient, 503 | 530, _) => Cause::Settings,
        // A full mailbox, or too many recipients, can change (RFC 5321 §4.5.3.1.10). A policy (RFC 3463 §3.8) is mostly about
        // us, no relaying without a login or our address on a list: it meets every mail, and there is time to put it right.
        (Step::Recipient, 552, _) | (Step::Recipient, 500..=599, [5, 7, _]) => Cause::MailNow,
        (Step::Recipient | Step::Data | Step::Acceptance, 500..=599, _) => Cause::Mail,
        (_, 500..=599, _) => Cause::Settings,
        (Step::Sender | Step::Recipient | Step::Data | Step::Acceptance, _, _) => Cause::MailNow,
        _ => Cause::Unreachable,
    }
}

/// Neither yes nor no: we and the server no longer talk about the same thing.
fn is_odd(code: u16) -> bool {
    !(400..600).contains(&code)
}

impl From<Failure> for MailTransportError {
    fn from(failure: Failure) -> Self {
        match failure.cause {
            Cause::Mail => Self::Permanent(failure.reason),
            Cause::Unreachable | Cause::Settings | Cause::MailNow => Self::Temporary(failure.reason),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connecting => "connecting",
            Self::Greeting => "greeting",
            Self::Hello => "EHLO",
            Self::Tls => "TLS",
            Self::Login => "AUTH",
            Self::Checking => "checking the connection",
            Self::Sender => "MAIL FROM",
            Self::Recipient => "RCPT TO",
            Self::Data => "DATA",
            Self::Acceptance => "after the data",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(step: Step, code: u16) -> Failure {
        let reply = Response {
            code,
            esc: [5, 1, 1],
            message: "no".to_owned(),
        };
        Failure::of(step, &Error::UnexpectedReply(reply), None)
    }

    #[test]
    fn a_no_for_good_is_the_mails_matter_only_once_a_recipient_was_named() {
        for (step, code, cause) in [
            (Step::Greeting, 554, Cause::Settings),
            (Step::Greeting, 421, Cause::Unreachable),
            (Step::Hello, 550, Cause::Settings),
            (Step::Tls, 454, Cause::Unreachable),
            (Step::Login, 535, Cause::Settings),
            (Step::Login, 454, Cause::Unreachable),
            (Step::Sender, 550, Cause::Settings),
            (Step::Sender, 552, Cause::Settings),
            (Step::Sender, 451, Cause::MailNow),
            (Step::Recipient, 550, Cause::Mail),
            (Step::Recipient, 553, Cause::Mail),
            (Step::Recipient, 530, Cause::Settings),
            (Step::Recipient, 552, Cause::MailNow),
            (Step::Recipient, 452, Cause::MailNow),
            (Step::Data, 554, Cause::Mail),
            (Step::Data, 250, Cause::MailNow),
            (Step::Acceptance, 552, Cause::Mail),
            (Step::Acceptance, 452, Cause::MailNow),
            (Step::Acceptance, 554, Cause::Mail),
            (Step::Acceptance, 354, Cause::MailNow),
        ] {
            assert_eq!(refusal(step, code).cause, cause, "{step:?} {code}");
        }
    }

    #[test]
    fn a_policy_is_mostly_about_us_and_parks_no_mail_at_once() {
        let reply = |message: &str| Response {
            code: 554,
            esc: [5, 7, 1],
            message: message.to_owned(),
        };
        let refused = |step| Failure::of(step, &Error::UnexpectedReply(reply("relay access denied")), None);
        assert_eq!(refused(Step::Recipient).cause, Cause::MailNow);
        assert_eq!(refused(Step::Acceptance).cause, Cause::Mail);
    }

    #[test]
    fn a_refused_mail_leaves_the_connection_usable_unless_the_server_says_goodbye() {
        assert!(!refusal(Step::Recipient, 550).ends_connection);
        assert!(!refusal(Step::Acceptance, 451).ends_connection);
        assert!(refusal(Step::Recipient, 421).ends_connection);
        assert!(
            refusal(Step::Data, 250).ends_connection,
            "the answer is to something else"
        );
        assert!(refusal(Step::Login, 535).ends_connection);
    }

    #[test]
    fn another_connection_is_tried_only_while_the_mail_cannot_have_been_taken() {
        let cut = |step| Failure::of(step, &Error::UnparseableReply, None);
        assert!(cut(Step::Sender).calls_for_another_connection());
        assert!(cut(Step::Data).calls_for_another_connection());
        assert!(refusal(Step::Sender, 421).calls_for_another_connection());
        assert!(!cut(Step::Acceptance).calls_for_another_connection());
        assert!(!refusal(Step::Acceptance, 421).calls_for_another_connection());
        assert!(!refusal(Step::Recipient, 450).calls_for_another_connection());
        let late = Failure::of(Step::Sender, &Error::Timeout, None);
        assert!(!late.calls_for_another_connection());
    }

    #[test]
    fn what_is_said_to_a_password_is_not_kept() {
        let reply = Response {
            code: 501,
            esc: [5, 5, 4],
            message: "what is AUTH PLAIN AGFubgBzM2NyM3Q=".to_owned(),
        };
        let failure = Failure::of(Step::Login, &Error::AuthenticationFailed(reply), None);
        assert_eq!(failure.reason, "AUTH: 501 5.5.4");
    }
}
